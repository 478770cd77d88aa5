"""Step "Road" of the ConvNeXt page: seventeen networks from ResNet-50 to ConvNeXt-T."""

import json
from typing import Any

import streamlit as st

from models import modernize
from models.catalog import CATALOG
from pages._ui import component, tries
from pages._ui.cached import road
from viz_core import anatomy
from viz_core.probe import ledger
from viz_core.road import wire

KEY = "convnext-road"
ASKED = f"{KEY}-view"
NOTICE = (
    "From ResNet-50 to ConvNeXt-T, one change at a time: walk the road and watch the block turn "
    "inside out while the accuracy climbs past Swin-T."
)
CODE = (
    modernize.ModernConfig, modernize.Block, modernize.Layer, modernize.Stage,
    modernize.ModernNet, ledger.observe, anatomy.parts, anatomy.compared, wire.changes,
)  # fmt: skip
UNTOLD = (
    "Weights and MACs are counted in networks that ran. “Measure here” times all 17 against "
    "ResNet-50, this one first: about a minute."
)
TOLD = (
    "Time: the fastest of three to seven passes of one 224 px picture, float32, random weights; "
    "the ratio is the median of runs in turns with ResNet-50."
)

_road = component.register("road")


# No fragment: a click in one waits until the run is over, and Stop would come too late.
def show(network: str) -> None:
    """The road; all stations are in the browser, and times come when asked for.

    Args:
        network: Key of the catalog; the road is the same for all of them.
    """
    del network
    place = st.container(gap=None)
    _measure_if_asked()
    with place:
        _road(data=_message(), key=KEY, on_measure_change=_start)
    st.caption(_both_ends())


def _both_ends() -> str:
    """What the two shipped networks reached, which were trained alike."""
    ends = [CATALOG[name] for name in ("resnet_nano_56", "convnext_nano_patch2_56")]
    found = [f"{end.title} {str(end.accuracy).partition(' on ')[0]}" for end in ends]
    return (
        f"Both ends, small, trained for Saccade with one recipe of 17 epochs: {', '.join(found)}. "
        "So short a training, on 35 thousand pictures, favours the ResNet; the paper’s order is "
        "that of 300 epochs on ImageNet."
    )


def _message() -> bytes:
    known = _times()
    times = {
        key: {"milliseconds": 1e3 * time.seconds, "ratio": time.ratio}
        for key, time in known.items()
    }
    told = TOLD if times else UNTOLD
    view = tries.asked(ASKED)
    return json.dumps({**road.message(), "times": times, "told": told, "view": view}).encode()


def _times() -> dict[str, Any]:
    """What was measured in this session, by station."""
    known: dict[str, Any] = st.session_state.setdefault(f"{KEY}-times", {})
    return known


def _start() -> None:
    wanted = st.session_state[KEY].measure
    if wanted in [station.key for station in road.stations()]:
        st.session_state[f"{KEY}-measuring"] = wanted


def _stop() -> None:
    st.session_state.pop(f"{KEY}-measuring", None)


def _measure_if_asked() -> None:
    """Time station by station, with progress; a click on Stop ends it at the next one."""
    first = st.session_state.get(f"{KEY}-measuring")
    if first is None:
        return
    titles = {station.key: station.title for station in road.stations()}
    todo = [first, *(key for key in titles if key != first)]
    place, said = st.empty(), ""
    with place.container(key=f"{KEY}-progress"):
        bar = st.progress(0.0, "Measuring…")
        st.button("Stop", key=f"{KEY}-stop", on_click=_stop, help="What was measured stays.")
    for done, key in enumerate(todo):
        bar.progress(done / len(todo), f"{said}Measuring {titles[key]}, {done + 1} of {len(todo)}")
        time = _times()[key] = road.seconds(key)
        said = f"{titles[key]}: {1e3 * time.seconds:.3g}\u2009ms. "
    place.empty()
    _stop()
