"""The gallery in the sidebar: thumbnails to click, and paste from the clipboard.

Streamlit's uploader takes clicks and drops but no paste, so the same script hands a
pasted picture to the uploader as if it had been chosen there.
"""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent
_component: Callable[..., Any] = st.components.v2.component(
    "saccade_picker",
    html="<div class='grid' role='group' aria-label='Sample pictures'></div>",
    css=(HERE / "picker.css").read_text(encoding="utf-8"),
    js=(HERE / "picker.js").read_text(encoding="utf-8"),
)


def gallery(names: list[str], strip_jpeg: bytes, current: str | None, key: str) -> None:
    """Thumbnails in a grid; a click puts the name into `st.session_state[key].picked` for one run.

    Args:
        names: Samples in the order of the strip.
        strip_jpeg: Square thumbnails side by side.
        current: The name that is shown now; None marks none.
        key: Key of the component.
    """
    strip = base64.b64encode(strip_jpeg).decode()
    data = {"names": names, "strip": strip, "current": current}
    # As bytes: a dictionary would make Streamlit import pandas to look for data frames in it.
    _component(data=json.dumps(data).encode(), key=key, on_picked_change=lambda: _pick(key))


def _pick(key: str) -> None:
    st.session_state.sample = st.session_state[key].picked
    st.session_state.source = "sample"
