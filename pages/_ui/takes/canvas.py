"""What a canvas shows just now: the browser's word for it, or Python's where it said nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pages._ui import take
from pages._ui.canvas import CanvasState

READINGS = ("single", "mean", "max", "rollout")


def shown(known: CanvasState, layers: int, heads: int, tokens: int) -> CanvasState:
    """The view on the first canvas of the page.

    Args:
        known: What Python knows of it.
        layers: How many there are; of windows, blocks of all stages.
        heads: How many a layer has at most.
        tokens: How many there are, class token and registers included.
    """
    told = take.seen("canvas")
    return replace(
        known,
        layer=take.whole(told, "layer", known.layer, layers),
        head=take.whole(told, "head", known.head, heads),
        reading=take.one_of(told, "reading", known.reading, READINGS),
        pins=_pins(told, tokens) if told else known.pins,
        residual=_share(told, known.residual),
    )


def _pins(told: Mapping[str, Any], tokens: int) -> tuple[int, ...]:
    pins = told.get("pins")
    if isinstance(pins, list) and all(isinstance(one, int) for one in pins):
        return tuple(one for one in pins if 0 <= one < tokens)
    return ()


def _share(told: Mapping[str, Any], default: float) -> float:
    value = told.get("residual")
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    return default
