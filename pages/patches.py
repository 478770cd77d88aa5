from pages._ui import frame

frame.header("Patches and tokens", "Under construction.")
