"""The map of ideas on the start page: `st.html` would strip its drawing."""

from pathlib import Path

import streamlit as st

from viz_core import ideas

_map = st.components.v2.component(
    "saccade_ideas",
    html=f'<div class="ideas-frame">{ideas.svg()}</div>',
    css=(Path(__file__).parent / "ideas.css").read_text(encoding="utf-8"),
)


def show() -> None:
    """Which paper led to which; what Saccade shows is filled in."""
    _map(key="ideas")
