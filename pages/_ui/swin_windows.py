"""Step 2 of the Swin page: windows, shifted windows, and the roll, all under one pointer."""

import streamlit as st

from pages._ui import component, controls, ready
from pages._ui.cached import swin

SHIPPED = "swin_nano_patch2_window7_56"
KEY = "swin-windows"

_shift = component.register("shift")


def show(network: str | None = None) -> None:
    """Three maps of the person's picture; everything that moves is done in the browser.

    Args:
        network: Key of the catalog; None takes the one in the sidebar if it has windows.
    """
    name = network or ready.network_name(view="window attention", default=SHIPPED)
    picture = controls.picture()
    with st.container(gap=None):
        _shift(
            data=swin.cuts(name, picture.key, picture.raw, st.session_state.get(f"{KEY}-view")),
            key=KEY,
        )
