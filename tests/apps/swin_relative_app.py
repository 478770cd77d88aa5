"""Step 4 of the Swin page on its own; an untrained network stands in."""

import streamlit as st

from pages._ui import controls, frame, swin_relative
from tests.apps import swin_app


def body() -> None:
    """The step, as the page composes it."""
    st.title("Swin")
    swin_relative.show()


if __name__ == "__main__":
    swin_app.stand_in()
    frame.configure()
    page = st.navigation([st.Page(body, title="Swin", default=True)])
    controls.sidebar()
    page.run()
