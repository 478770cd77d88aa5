"""Step 1 of the Swin page: the stages on the picture, and how patches merge between them."""

import streamlit as st

from pages._ui import component, controls, ready, tries
from pages._ui.cached import pyramid
from pages._ui.swin_windows import SHIPPED
from viz_core import patch_frames

ASKED = "swin-pyramid-view"

_pyramid = component.register("pyramid")


def show(network: str | None = None) -> None:
    """The pyramid and its mergings; everything that moves is done in the browser.

    Args:
        network: Key of the catalog; None takes the one in the sidebar if it has windows.
    """
    name = network or ready.network_name(view="window attention", default=SHIPPED)
    picture = controls.picture()
    message = pyramid.frame(name, picture.key, picture.raw)
    with st.container(gap=None):
        _pyramid(data=patch_frames.with_view(message, tries.asked(ASKED)), key="swin-pyramid")
