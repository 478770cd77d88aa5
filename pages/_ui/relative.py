"""The component on relative positions: what is pointed at in it never leaves the browser."""

from typing import Any

import streamlit as st

from pages._ui import component
from pages._ui.cached.swin_relative import View

ASKED = "swin-relative-ask"

_relative = component.register("relative")


def view(part: str, default: dict[str, Any]) -> View:
    """What a view opens with: its default until somebody asks for something else.

    Asking is setting `ASKED` in the session state: {"part": ..., and what differs from the
    default}. Asking for the same a second time opens it once more.

    Args:
        part: "index" or "tables".
        default: By the names that the component knows.
    """
    kept = st.session_state.setdefault("swin-relative-views", {})
    asked = st.session_state.get(ASKED)
    if asked and asked["part"] == part:
        serial = kept.get(part, {}).get("serial", 0) + 1
        kept[part] = {name: one for name, one in asked.items() if name != "part"}
        kept[part]["serial"] = serial
        del st.session_state[ASKED]
    return tuple(sorted((default | kept.get(part, {})).items()))


def mount(frame: bytes, *, key: str) -> None:
    """Show a frame of `cached.swin_relative`."""
    _relative(data=frame, key=key)
