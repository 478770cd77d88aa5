"""How a component of viz_core (the canvas, the stepper, ...) becomes one of Streamlit's."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from viz_core import bundle


def register(name: str) -> Callable[..., Any]:
    """A function that mounts the component `viz_core/NAME`; call it once, on import.

    What is mounted takes `data` as bytes: a dict would make Streamlit import pandas.
    """
    return st.components.v2.component(
        f"saccade_{name}",
        html="<div class='saccade'></div>",
        css=bundle.css(name),
        js=bundle.component_js(name),
    )
