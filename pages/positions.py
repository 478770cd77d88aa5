from pages._ui import frame

frame.header("Positions", "Under construction.")
