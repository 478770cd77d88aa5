"""The component of the page Text, and what a visitor last asked of it.

Hover, layer, head and mask are answered in the browser; a typed sentence, another network or
another length of padding is told to Python, which sends back a new reading.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages._ui import component

KEY = "sentence"
ASK = "sentence_view"  # what a “try this” sets: {"network": ..., "sentence": ..., "causal": True}
_MEMORY, _VIEW = "sentence_told", "sentence_asked"
_component = component.register("sentence")


@dataclass(frozen=True)
class Told:
    """What the visitor asked for last.

    Attributes:
        network: Name of the text network.
        sentence: As it was typed.
        length: Words to pad to, 0 for none.
        serial: Number of the message; the answer carries it back.
    """

    network: str
    sentence: str
    length: int = 0
    serial: int = 0


def told(networks: Mapping[str, str]) -> Told:
    """What was asked for last: in the browser, by a suggestion, or by the link.

    Args:
        networks: First sentence of each network; the first network is the one to begin with.
    """
    if _MEMORY not in st.session_state:
        st.session_state[_MEMORY] = _linked()
    asked = st.session_state.pop(ASK, None)
    if asked is not None:
        st.session_state[_MEMORY] = {"length": 0, **st.session_state[_MEMORY], **asked}
        _show(asked)
    return _read(st.session_state[_MEMORY], networks)


def view() -> dict[str, Any]:
    """What Python asks the browser to show; it obeys once for each serial."""
    return st.session_state.get(_VIEW, {"serial": 0})


def mount(frame: bytes) -> None:
    """Show a frame of `viz_core.sentence.wire`."""
    _component(data=frame, key=KEY, on_asked_change=_remember)


def _show(asked: Mapping[str, Any]) -> None:
    st.session_state[_VIEW] = {
        **{name: asked[name] for name in ("causal", "word") if name in asked},
        "serial": view()["serial"] + 1,
    }


def _remember() -> None:
    asked = st.session_state[KEY].asked
    st.session_state[_MEMORY] = asked if isinstance(asked, dict) else {}


def _linked() -> dict[str, Any]:
    names = ("network", "sentence")
    return {name: st.query_params[name] for name in names if name in st.query_params}


def _read(message: Mapping[str, Any], networks: Mapping[str, str]) -> Told:
    """A message of the browser, which may hold anything."""
    asked, length, serial = (message.get(name) for name in ("network", "length", "serial"))
    network = asked if isinstance(asked, str) and asked in networks else next(iter(networks))
    sentence = message.get("sentence")
    return Told(
        network=network,
        sentence=sentence if isinstance(sentence, str) else networks[network],
        length=length if isinstance(length, int) else 0,
        serial=serial if isinstance(serial, int) else 0,
    )
