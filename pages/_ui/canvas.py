"""The canvas as a Streamlit component: attention under the pointer, without a server trip.

Two components are mounted. The first carries the picture and the layer to show, so that it is
drawn at once; the second, invisible, brings the other layers. Python hears of a view only when
somebody commits to it: a pin, a painted stroke, a chosen head.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

import streamlit as st

from pages._ui import component
from viz_core import bundle
from viz_core.canvas import wire

Mode = Literal["lookup", "matrix", "heads", "paint", "windows", "compare"]

_stage = component.register("canvas")
_feeder: Callable[..., Any] = st.components.v2.component(
    "saccade_canvas_feeder", js=bundle.feeder_js()
)


@dataclass(frozen=True)
class CanvasState:
    """What was last committed in the browser.

    Attributes:
        pins: Pinned tokens, at most two; the prefix counts, so the first patch of a network
            with a class token is 1. In windows: tokens of the block that is shown.
        mask: Hidden patches (mode `paint`), row by row from 0.
        layer: Layer shown, from 0; in windows the block, counted through all stages.
        head: Head shown, from 0.
        reading: "single", "mean", "max" or "rollout".
        direction: "row": where a token looks; "column": who looks at it.
        residual: Weight of the skip connection in the rollout.
    """

    pins: tuple[int, ...] = ()
    mask: tuple[int, ...] = ()
    layer: int = 0
    head: int = 0
    reading: str = "single"
    direction: str = "row"
    residual: float = 0.5


def mount(
    frame: bytes, *, mode: Mode, key: str, view: Mapping[str, Any] | None = None
) -> CanvasState:
    """Show a frame and return what was last committed in it.

    Args:
        frame: From `viz_core.canvas.wire`: attention for `lookup`, `heads` and `matrix`,
            attention in windows for `lookup` and `heads`, several of them or `maps` for
            `compare`, a mask for `paint`, regions for `windows`.
        mode: How to show it.
        key: Key of the component. Under the same key the browser keeps its layer, head and
            pins when the frame changes.
        view: What to open with: any fields of `CanvasState`, `opacity`, `map` ("magma",
            "viridis", "inferno"), `smooth`, `grid`; layer -1 is the last. `address=True` keeps
            ?layer= and ?head= in step. For attention in windows also `rolled`, and `rest`: the
            place (x, y), as shares of the picture, that shows while nothing is pointed at, and
            `keep`: a name under which the browser keeps all of it while the canvas is not on
            the page. A view that differs from the last one is shown anew.
    """
    asked = dict(view or {})
    layers = _layers(frame)
    asked["layer"] = asked.get("layer", 0 if mode == "windows" else -1) % layers
    first, rest = wire.split(frame, _opening_layer(key, frame, asked["layer"]))
    with st.container(gap=None):
        result = _stage(
            data=wire.pack_mount(first, {"mode": mode, **asked}),
            key=key,
            on_canvas_change=_nothing,
        )
        if rest is not None:
            _feeder(data=rest, key=f"{key}-layers")
    return _state(asked, result.canvas)


def bring(frame: bytes, *, key: str) -> None:
    """Hand a frame to whatever on the page waits for it, without showing anything."""
    _feeder(data=frame, key=key)


def _nothing() -> None:
    """Streamlit keeps a component's state only for names that have a callback."""


def _layers(frame: bytes) -> int:
    header, start = wire.unpack_header(frame)
    if header["kind"] == "compare":
        header, _ = wire.unpack_header(frame[start:])
    return header.get("layers", len(header.get("steps", "1")))


def _opening_layer(key: str, frame: bytes, layer: int) -> int:
    """Always the same for one frame: the layers that follow must not be sent again."""
    header, _ = wire.unpack_header(frame)
    known = st.session_state.get(f"{key}-opening")
    if known is None or known[0] != header["id"]:
        known = st.session_state[f"{key}-opening"] = (header["id"], layer)
    return known[1]


def _state(asked: Mapping[str, Any], told: Mapping[str, Any] | None) -> CanvasState:
    now = {**asked, **(told or {})}
    given = {field.name: now[field.name] for field in fields(CanvasState) if field.name in now}
    for name in ("pins", "mask"):
        given[name] = tuple(given.get(name, ()))
    return CanvasState(**given)
