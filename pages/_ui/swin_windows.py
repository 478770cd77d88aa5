"""Step 2 of the Swin page: windows, shifted windows, and the roll, all under one pointer."""

import streamlit as st

from pages._ui import component, controls
from pages._ui.cached import swin

SHIPPED = "swin_nano_patch2_window7_56"
KEY = "swin-windows"

_shift = component.register("shift")


def show(name: str) -> None:
    """Three maps of the person's picture; everything that moves is done in the browser.

    Args:
        name: Key of the catalog.
    """
    picture = controls.picture()
    with st.container(gap=None):
        _shift(
            data=swin.cuts(name, picture.key, picture.raw, st.session_state.get(f"{KEY}-view")),
            key=KEY,
        )
