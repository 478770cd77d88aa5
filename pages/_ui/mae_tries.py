"""“Try this” of the MAE page: masks that tell something, for the first step."""

from collections.abc import Mapping
from typing import Any

from pages._ui import mae_stage
from pages._ui.lesson import KEY
from pages._ui.mae_steps import LESSON
from pages._ui.tries import Try
from viz_core import masking
from viz_core.unmask import wire

GRID = (14, 14)  # of the shipped network, and of MAE ViT-B/16


def _at(view: Mapping[str, Any]) -> dict[str, Any]:
    return {KEY: "Hide", LESSON.went: True, mae_stage.ASKED: {**view, "wipe": 0}}


def _box(top: int, left: int, height: int, width: int) -> str:
    """A mask that hides one rectangle."""
    rows, columns = range(top, top + height), range(left, left + width)
    return wire.code(masking.painted((r * GRID[1] + c for r in rows for c in columns), GRID))


def _but(*visible: int) -> str:
    """A mask that hides everything but some patches."""
    shown = set(visible)
    return wire.code(masking.painted((k for k in range(GRID[0] * GRID[1]) if k not in shown), GRID))


MAE = (
    Try(
        label="All but one patch",
        question="One patch of sky is left. Does the network guess where the ground is?",
        sample="temple",
        state=_at({"strategy": "hand", "hand": _but(38), "shown": "painted"}),
    ),
    Try(
        label="The face only",
        question="Only the face is hidden. Does the network put one back, or what is around it?",
        sample="grace-hopper",
        state=_at({"strategy": "hand", "hand": _box(2, 5, 5, 5), "shown": "painted"}),
    ),
    Try(
        label="Where interpolation wins",
        question="Orange: interpolation is closer to the truth. What have those patches in common?",
        sample="ice-cream",
        state=_at({"slot": 10, "baseline": "harmonic", "shown": "closer"}),
    ),
    Try(
        label="Block 50 % or random 75 %",
        question="Fewer patches are hidden in blocks. Why is it harder? Switch to Random, 75 %.",
        sample="burger",
        state=_at({"strategy": "block", "slot": 10, "baseline": "harmonic", "shown": "painted"}),
    ),
)


def suggestions() -> tuple[Try, ...]:
    """What to try next, in any step."""
    return MAE
