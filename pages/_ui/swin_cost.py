"""Step 6 of the Swin page: linear against quadratic, by formula and by the clock."""

import json
from typing import Any

import streamlit as st

from models.catalog import CATALOG
from pages._ui import component, tries
from pages._ui.cached import pyramid
from viz_core import macs, swin_clock, swin_macs
from viz_core.pyramid import wire
from viz_core.swin_clock import Kind, Layer

KEY = "swin-cost"
ASKED = f"{KEY}-view"
PAPER = Layer(side=56, width=96, window=7)  # stage 1 of Swin-T
PHOTO = Layer(side=128, width=96, window=7)  # of 512 pixels
MOST_BYTES = 256 * 2**20
MATRICES = 2  # scores and softmax weights are in memory together
THIN = "\u2009"
UNTOLD = (
    "Drag in the chart. Lines: the paper's equations 1 and 2, softmax left out. “Measure here” "
    "puts this machine's own times beside them."
)
Times = dict[Kind, dict[int, float]]

_cost = component.register("cost")


# No fragment: a click in one waits until the run is over, and Stop would come too late.
def show(name: str) -> None:
    """Both curves under three sliders in the browser, and on request measured times.

    Args:
        name: Key of the catalog.
    """
    place = st.container(gap=None)
    _measure_if_asked()
    with place:
        _cost(data=_message(name), key=KEY, on_measure_change=_start)
    _whole(name)


def _message(name: str) -> bytes:
    first = swin_macs.stages(pyramid.shape(name))[0]
    own = Layer(side=first.grid, width=first.width, window=first.window)
    named = {"Swin-T, stage 1": PAPER, "512 px photo": PHOTO, "this network, stage 1": own}
    return json.dumps(
        {
            "opening": _fields(PAPER),
            "presets": [[text, one.side, one.window, one.width] for text, one in named.items()],
            "clocks": [_clock(*these, times) for these, times in _times().items() if times],
            "untold": UNTOLD,
            "view": tries.asked(ASKED),
        }
    ).encode()


def _fields(layer: Layer) -> dict[str, int]:
    return {"side": layer.side, "window": layer.window, "width": layer.width}


def _times() -> dict[tuple[int, int], Times]:
    """What was measured in this session, by width and window."""
    known: dict[tuple[int, int], Times] = st.session_state.setdefault(f"{KEY}-times", {})
    return known


def _start() -> None:
    wanted = st.session_state[KEY].measure or {}
    width, window = int(wanted.get("width", 0)), int(wanted.get("window", 0))
    if 32 <= width <= 512 and width % pyramid.HEAD_WIDTH == 0 and 2 <= window <= 16:
        st.session_state[f"{KEY}-measuring"] = (width, window)


def _stop() -> None:
    st.session_state.pop(f"{KEY}-measuring", None)


def _measure_if_asked() -> None:
    """Measure size by size, with progress; a click on Stop ends it at the next one."""
    these = st.session_state.get(f"{KEY}-measuring")
    if these is None:
        return
    width, window = these
    kinds: tuple[Kind, ...] = ("window", "global")
    sides = swin_macs.sides_to_measure(window)
    todo = [(kind, side) for side in sides for kind in kinds if _fits(width, kind, side)]
    times = _times().setdefault(these, {"global": {}, "window": {}})
    place = st.empty()
    with place.container(key=f"{KEY}-progress"):
        bar = st.progress(0.0, "Measuring…")
        st.button("Stop", key=f"{KEY}-stop", on_click=_stop, help="What was measured stays.")
    for done, (kind, side) in enumerate(todo):
        bar.progress(done / len(todo), f"Measuring {kind} attention on {side} × {side} tokens")
        times[kind][side] = pyramid.seconds(kind, side, width, window)
    place.empty()
    _stop()


def _bytes(width: int, side: int) -> int:
    heads = width // pyramid.HEAD_WIDTH
    return MATRICES * heads * side**4 * macs.BYTES_PER_NUMBER


def _fits(width: int, kind: Kind, side: int) -> bool:
    return kind == "window" or _bytes(width, side) <= MOST_BYTES


def _clock(width: int, window: int, times: Times) -> dict[str, Any]:
    """One measurement for the browser: points in milliseconds, its speed, and what it says."""
    layer = Layer(side=PAPER.side, width=width, window=window)
    rate = swin_clock.rate(layer, times)
    return {
        "width": width,
        "window": window,
        "rate": rate,
        "points": [[kind, side, 1e3 * s] for kind, side, s in swin_clock.points(times)],
        "told": _told(width, window, times, rate),
    }


def _told(width: int, window: int, times: Times, rate: float) -> str:
    """What the clock said, in words, and which sizes were left out."""
    words = [
        "Diamonds: models.vit.Attention and models.swin.Attention on this machine, the fastest of "
        f"up to five runs each, float32; {macs.readable(rate, 'MACs')} a second put the axes "
        "together."
    ]
    slopes = {
        kind: swin_clock.slope(sides, [row[side] for side in sides])
        for kind, row in times.items()
        if len(sides := sorted(row)[-3:]) == 3
    }
    if slopes:
        told = ", ".join(f"{kind} {value:.2g}" for kind, value in slopes.items())
        words.append(f"Slopes over the three largest maps: {told}.")
    sides = swin_macs.sides_to_measure(window)
    if left_out := [side for side in sides if not _fits(width, "global", side)]:
        need = macs.readable(_bytes(width, left_out[0]), "B")
        words.append(
            f"Global attention is not measured from {left_out[0]} × {left_out[0]} tokens on: its "
            f"scores and weights would take {need}, and one visitor may use "
            f"{macs.readable(MOST_BYTES, 'B')}."
        )
    return " ".join(words)


def _whole(name: str) -> None:
    """The chosen network as it is, and with global attention in every stage."""
    shape = pyramid.shape(name)
    large = swin_macs.at_side(shape, 4 * shape.side)
    ratio = swin_macs.total(large, "full") / swin_macs.total(large)
    cells = st.columns(4)
    cells[0].metric(
        "Weights", wire.short(swin_macs.parameters(shape)), border=True,
        help=f"Of {CATALOG[name].title}; they do not depend on the size of its picture.",
    )  # fmt: skip
    cells[1].metric(
        "Its forward pass", macs.readable(swin_macs.total(shape), "MACs"), border=True,
        help=f"Multiply-adds of one picture of {shape.side} pixels.",
    )  # fmt: skip
    cells[2].metric(
        "With global attention", macs.readable(swin_macs.total(shape, "full"), "MACs"),
        border=True, help="The same pyramid, every token of a map asking every other.",
    )  # fmt: skip
    cells[3].metric(
        f"Global ÷ windows at {large.side} px", f"{ratio:.3g}{THIN}×", border=True,
        help="The same comparison on a picture of four times the side: the gap keeps growing.",
    )  # fmt: skip
