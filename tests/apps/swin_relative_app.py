"""Step 4 of the Swin page on its own."""

import streamlit as st

from pages._ui import controls, frame, swin_relative
from tests.apps import swin_app


def body() -> None:
    """The step, as the page composes it."""
    st.title("Swin")
    swin_relative.show(swin_app.chosen())


if __name__ == "__main__":
    frame.configure()
    page = st.navigation([st.Page(body, title="Swin", default=True)])
    controls.sidebar()
    page.run()
