"""The stepper as a Streamlit component: one attention, matrix by matrix.

Everything that is pointed at is answered in the browser; an edited cell or a chosen patch is
told to Python, which calculates all matrices anew and sends them back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages._ui import component
from viz_core.stepper_weights import Edit, read_edits

KEY = "stepper"
ASK = "stepper_view"  # what a “try this” sets: {"step": "pattern", "head": 0}
_MEMORY, _VIEW = "stepper_told", "stepper_asked"
_component = component.register("stepper")


@dataclass(frozen=True)
class Told:
    """What the visitor changed in the browser.

    Attributes:
        edits: Numbers that were typed over.
        chosen: Patches by picture.
        serial: Number of the message; the answer carries it back.
    """

    edits: tuple[Edit, ...] = ()
    chosen: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    serial: int = 0


def told() -> Told:
    """What was told last; kept for the session.

    Raises:
        ValueError: If a browser told something that no stepper tells.
    """
    message = st.session_state.get(_MEMORY)
    if message is None:
        return Told()
    serial, chosen = message.get("serial"), message.get("chosen")
    if not isinstance(serial, int) or not isinstance(chosen, dict):
        raise ValueError("no message of the stepper")
    patches = {str(key): tuple(int(one) for one in some) for key, some in chosen.items()}
    return Told(read_edits(message.get("edits")), patches, serial)


def forget() -> None:
    """Drop all edits and chosen patches."""
    st.session_state.pop(_MEMORY, None)


def view() -> dict[str, Any]:
    """The step and head that Python asks for; the browser obeys once for each serial."""
    last: dict[str, Any] = st.session_state.setdefault(_VIEW, {"step": "x", "head": 0, "serial": 0})
    asked = st.session_state.pop(ASK, None)
    if asked is not None:
        last = {"step": "x", "head": 0, **asked, "serial": last["serial"] + 1}
        st.session_state[_VIEW] = last
    return last


def mount(frame: bytes) -> None:
    """Show a frame of `viz_core.stepper_wire`."""
    _component(data=frame, key=KEY, on_stepper_change=_remember)


def mount_maps(frame: bytes) -> None:
    """Show the three attentions of an encoder-decoder."""
    _component(data=frame, key=f"{KEY}-maps")


def _remember() -> None:
    st.session_state[_MEMORY] = st.session_state[KEY].stepper
