"""Step 1 of the Swin page: the stages on the picture, and how patches merge between them."""

import streamlit as st

from pages._ui import component, controls, tries
from pages._ui.cached import pyramid
from viz_core import patch_frames

ASKED = "swin-pyramid-view"

_pyramid = component.register("pyramid")


def show(name: str) -> None:
    """The pyramid and its mergings; everything that moves is done in the browser.

    Args:
        name: Key of the catalog.
    """
    picture = controls.picture()
    message = pyramid.frame(name, picture.key, picture.raw)
    with st.container(gap=None):
        _pyramid(data=patch_frames.with_view(message, tries.asked(ASKED)), key="swin-pyramid")
