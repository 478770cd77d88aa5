"""`streamlit run app.py`, importing torch while the server starts and the browser comes.

Streamlit runs app.py only when the first visitor is there; torch takes seconds to import.
`python -m pages._ui.launch --server.port 8501` takes the options of `streamlit run`.
"""

import sys
import threading
from importlib import import_module
from pathlib import Path

APP = Path(__file__).parents[2] / "app.py"


def main() -> None:
    """Start the server; returns when it ends."""
    threading.Thread(target=import_module, args=("torch",), daemon=True).start()
    from streamlit.web import cli

    sys.argv = ["streamlit", "run", str(APP), *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
