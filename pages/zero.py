from pages._ui import frame

frame.header("Attention from zero", "Under construction.")
