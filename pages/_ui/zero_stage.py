"""The stage of “Attention from zero”: switches, tokens, and the stepper that walks them through."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from pages._ui import controls, stepper, zero_tokens
from pages._ui.cached import zero
from pages._ui.stepper import Told
from pages._ui.zero_tokens import Sides
from viz_core import stepper_weights, stepper_wire

if TYPE_CHECKING:
    from viz_core.probe.transformer import Walk

PRESETS: dict[str, stepper_weights.Preset] = {"Own kind": "own kind", "Random": "random"}
WALKED = "zero_walked"
BADGES = {"Own kind": "set by hand, not learned", "Random": "untrained: random weights"}


@dataclass(frozen=True)
class Switches:
    """The controls beside the stepper."""

    weights: str
    heads: int
    scale: bool
    causal: bool
    cross: bool


@dataclass(frozen=True)
class Walked:
    """The stepper as it was last drawn: a few kilobytes, kept for those who take it with them."""

    sides: Sides
    switches: Switches
    edits: tuple[stepper_weights.Edit, ...]
    x: np.ndarray
    y: np.ndarray
    walk: "Walk"


@st.fragment
def show() -> None:
    """Stepper on the left, its switches on the right."""
    said = st.container()
    left, right = st.columns([4, 1], gap="medium")
    with right:
        kind = st.segmented_control(
            "Tokens", ["Patches", "Words"], default="Patches", required=True, key="zero_tokens",
            bind="query-params", help="Patches of your picture, or words that you type.",
        )  # fmt: skip
        source = st.container()
        switches = _switches()
        with source:
            sides = zero_tokens.sides(kind, cross=switches.cross, said=said)
    told = _told()
    frame, notes = _frame(sides, switches, told)
    with left:
        stepper.mount(frame)
    with right:
        for note in notes:
            st.caption(note)
    _tell_the_maths(switches)


def _tell_the_maths(switches: Switches) -> None:
    """The text below is drawn with the whole page: draw it anew if its numbers changed."""
    before = st.session_state.get("zero_told_heads", switches.heads)
    st.session_state.zero_told_heads = switches.heads
    if before != switches.heads:
        st.rerun()


def _switches() -> Switches:
    weights = st.segmented_control(
        "Weights", list(PRESETS), default="Own kind", required=True, key="zero_weights",
        bind="query-params",
        help="Own kind: queries and keys are the token itself, so alike tokens find each other. "
        "Random: as before any training. Then change any cell.",
    )  # fmt: skip
    heads = st.segmented_control(
        "Heads", ["1", "2", "4"], default="2", required=True, key="zero_heads",
        bind="query-params", help="The 8 numbers of a token are shared out among the heads.",
    )  # fmt: skip
    scale = st.toggle(
        "Divide by √d", True, key="zero_scale", persist_state="session",
        help="Without it, scores grow with the width of a head and the softmax saturates.",
    )  # fmt: skip
    cross = st.toggle(
        "Cross-attention", key="zero_cross", persist_state="session",
        help="Queries from here, keys and values from a second picture or sentence.",
    )  # fmt: skip
    causal = st.toggle(
        "Causal mask", key="zero_causal", persist_state="session", disabled=cross,
        help="No token may look at those that come after it. It rests in cross-attention.",
    )  # fmt: skip
    return Switches(weights, int(heads), scale, causal and not cross, cross)


def _told() -> Told:
    try:
        return stepper.told()
    except (ValueError, TypeError):
        stepper.forget()
        st.toast("The edits could not be read; you see the numbers without them.")
        return Told()


def _frame(sides: Sides, switches: Switches, told: Told) -> tuple[bytes, list[str]]:
    """What the browser is sent, and what is worth saying about it."""
    from models.transformer import MASKED
    from viz_core.probe import transformer

    here = sides.tokens.ids
    there = sides.memory.ids if sides.memory else here
    x = stepper_weights.edited(sides.x, "x", here, told.edits)
    y = x if sides.y is None else stepper_weights.edited(sides.y, "x", there, told.edits)
    weights = _weights(switches, told)
    closed = np.zeros((len(x), len(y)), bool)
    if switches.causal:
        closed = np.triu(np.ones_like(closed), 1)
    model = zero.attention(switches.heads, switches.scale)
    walk = transformer.walk(model, x, y, weights, closed)
    st.session_state[WALKED] = Walked(sides, switches, told.edits, x, y, walk)
    matrices: dict[str, np.ndarray] = {"x": x, "y": y} if sides.memory else {"x": x}
    matrices |= {f"w{part}": matrix for part, matrix in weights.items()}
    matrices |= vars(walk) | {"mask": np.where(closed, MASKED, 0.0)}
    if sides.positions is not None and not sides.memory:
        matrices |= {"letters": np.round(x - sides.positions, 2), "positions": sides.positions}
    resting = stepper_weights.resting(told.edits, {*here, *there})
    notes = list(sides.notes)
    if resting:
        notes.append(f"{resting} edited numbers belong to tokens that are not here now.")
    frame = stepper_wire.pack(
        matrices, sides.tokens, sides.memory, _options(sides, switches, told), _marks(told)
    )
    return frame, notes


def _weights(switches: Switches, told: Told) -> Mapping[str, np.ndarray]:
    rows = [str(row) for row in range(zero.WIDTH)]
    fresh = stepper_weights.preset(PRESETS[switches.weights], zero.WIDTH)
    return {
        part: stepper_weights.edited(matrix, part, rows, told.edits)
        for part, matrix in fresh.items()
    }


def _marks(told: Told) -> list[tuple[str, str, int, float]]:
    return [(edit.matrix, edit.row, edit.column, edit.value) for edit in told.edits]


def _options(sides: Sides, switches: Switches, told: Told) -> dict[str, Any]:
    width = zero.WIDTH // switches.heads
    return {
        "heads": switches.heads,
        "head_width": width,
        "scale": switches.scale,
        "root": width**0.5 if switches.scale else 1.0,
        "causal": switches.causal,
        "kind": sides.kind,
        "positions": sides.positions is not None and not sides.memory,
        "added": sides.positions is not None,
        "badge": BADGES[switches.weights],
        "notes": [],
        "answers": told.serial,
        "view": stepper.view(),
    }


def live() -> dict[str, str]:
    """Numbers of the stepper for the maths, as its switches stand."""
    heads = int(st.session_state.get("zero_heads") or 2)
    width = zero.WIDTH // heads
    return {
        "width": str(zero.WIDTH),
        "heads": str(heads),
        "head_width": str(width),
        "root": f"{width**0.5:.3g}",
        "picture": controls.picture().title,
    }
