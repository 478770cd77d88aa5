"""A step of the Swin page that has views of its own: their switch and one line beside it."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

STYLE = """<style>
.st-key-swin-substep { margin: -0.4rem 0 -0.35rem; }
.st-key-swin-substep .notice { margin: 0; font-size: 0.9rem; line-height: 1.35; }
@media (max-width: 640px) { .st-key-swin-substep { margin: 0.2rem 0 0; gap: 0.5rem; } }
</style>"""


def row() -> DeltaGenerator:
    """The place for a switch and what to notice in the view that it chooses."""
    return st.container(horizontal=True, vertical_alignment="center", key="swin-substep")


def notice(text: str) -> None:
    """One line beside the switch.

    Args:
        text: HTML of our own; never what a person wrote.
    """
    st.html(f'{STYLE}<p class="notice">{text}</p>')
