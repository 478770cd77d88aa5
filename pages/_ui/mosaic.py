"""The board on which one breaks a picture, and the cards beside it, as Streamlit components."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages._ui import component
from viz_core import mosaic

Step = Mapping[str, Any]
_mount = component.register("mosaic")


@dataclass(frozen=True)
class _Kept:
    """What a visitor made; it outlives the page.

    Attributes:
        serial: Grows when Python puts other steps on the board than the visitor's own.
        opening: The steps it put there.
        play: Whether they are to be seen happening.
        steps: The steps now.
    """

    serial: int
    opening: Sequence[Step]
    play: bool
    steps: Sequence[Step]


def ask_key(key: str) -> str:
    """Key of the session's state where somebody may leave other steps for a board."""
    return f"{key}-wanted"


def board(
    jpeg: bytes, *, key: str, picture: str, title: str, mean: str, opening: Sequence[Step]
) -> str:
    """Show the board and return what was done on it.

    Args:
        jpeg: The picture, square.
        key: Key of the component and name under which `cards` finds it.
        picture: Another text for another picture; what was done is done to that one too.
        title: What people call the picture.
        mean: CSS colour of what is erased.
        opening: Steps that a first visit sees happening.

    Returns:
        The steps as JSON, for `viz_core.breaking.replay`.
    """
    kept = _kept(key, opening)
    st.session_state[f"{key}-kept"] = kept
    header = {
        "kind": "board", "name": key, "picture": picture, "title": title, "mean": mean,
        "serial": kept.serial, "steps": kept.opening, "play": kept.play,
        "hint": "swap, turn, erase or shift its patches; arrows and Enter work too",
    }  # fmt: skip
    _mount(data=mosaic.pack(header, jpeg), key=key, on_board_change=_nothing)
    return json.dumps(kept.steps, separators=(",", ":"), sort_keys=True)


def cards(networks: Sequence[Mapping[str, Any]], *, key: str, board: str) -> None:
    """What each network says, a card each; `board` is the key of the board beside them."""
    header = {"kind": "cards", "name": board, "networks": networks}
    _mount(data=mosaic.pack(header), key=key, on_board_change=_nothing)


def proofs(lines: Sequence[Mapping[str, str]], *, key: str) -> None:
    """Sentences with a sign: `same`, `other` or `note`."""
    header = {"kind": "proofs", "proofs": lines}
    _mount(data=mosaic.pack(header), key=key, on_board_change=_nothing)


def _kept(key: str, opening: Sequence[Step]) -> _Kept:
    kept: _Kept = st.session_state.get(f"{key}-kept") or _Kept(1, opening, True, opening)
    wanted = st.session_state.pop(ask_key(key), None)
    if wanted is not None:
        return _Kept(kept.serial + 1, wanted, True, wanted)
    told = (st.session_state.get(key) or {}).get("board")
    if told is not None and told.get("serial") == kept.serial:
        return _Kept(kept.serial, kept.opening, kept.play, told.get("steps", []))
    if told is None and kept.steps != kept.opening:  # back from another page
        return _Kept(kept.serial + 1, kept.steps, False, kept.steps)
    return kept


def _nothing() -> None:
    """Streamlit keeps a component's state only for names that have a callback."""
