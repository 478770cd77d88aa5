"""The stage of the page “Regions”: a picture in regions by four ways, and what is asked of them."""

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.catalog import CATALOG
from models.entry import Hub, Shipped
from pages._ui import component, controls, ready, tries
from pages._ui.cached import convnext, regions
from pages._ui.cached.regions import Graph, Shown
from pages._ui.controls import Picture
from viz_core import clusters, cuts, patch_frames
from viz_core.segment import wire

KEY, ASKED, LINK = "segment", "segment-view", "regions-link-read"
WAYS = ("clusters", "cut", "attention", "colours")
PATIENCE = 0.4  # seconds before progress is shown
FIRST = {"keys": False, "threshold": cuts.THRESHOLD, "centred": True}
OPENING: dict[str, Any] = {
    "way": "cut", "layer": -1, "chosen": False, "count": 3, "share": 0.6, "head": -1,
    "vector": -1, "heat": False, "opacity": 0.75, "smooth": False, "pinned": -1, "keep": "only",
    "graph": FIRST, "asked": 0,
}  # fmt: skip
FINE = 100  # places: the first view shows the last layer that has as many
_segment = component.register("segment")


def choose() -> str | None:
    """The network that the sidebar shows, of whatever kind; None if its weights are missing."""
    view = min(CATALOG[controls.network_name()].views)
    name = ready.network_name(view=view)
    if not isinstance(CATALOG[name].weights, Hub) and not convnext.here(name):
        st.error(f"The weights of {CATALOG[name].title} are missing from assets/weights.")
        return None
    return name


@st.fragment
def show(name: str) -> None:
    """The stage, then the cuts, then what the network says of the regions that are looked at."""
    picture = controls.picture()
    message = regions.stage(name, picture.key, picture.raw)
    state = st.session_state.get(KEY) or {}
    graph = graph_of(state.get("graph"))
    view = {
        **tries.asked(ASKED), "opening": opening(), "quick": _quick(name),
        "promised": asdict(graph),
    }  # fmt: skip
    place, waiting = st.container(gap=None), st.empty()
    with place:
        _segment(
            data=patch_frames.with_view(message, view), key=KEY,
            on_graph_change=_unchanged, on_asked_change=_unchanged,
        )  # fmt: skip
    cut = _cut(name, picture, graph, waiting)
    with place:
        _segment(data=cut, key=f"{KEY}-cut")
    told = _answers(name, picture, state.get("asked"), waiting)
    if told is not None:
        with place:
            _segment(data=told, key=f"{KEY}-answers")


def opening() -> dict[str, Any]:
    """What a visitor sees first: what a link asks for, ?way=cut&layer=5&regions=3, or the usual.

    Layers count from 0 in links. What makes no sense is left out.
    """
    query, asked = st.query_params, dict(OPENING)
    if query.get("way") in WAYS:
        asked["way"] = query["way"]
    if query.get("layer", "").isdecimal():
        asked |= {"layer": int(query["layer"]), "chosen": True}
    if query.get("regions", "").isdecimal():
        asked["count"] = max(2, min(int(query["regions"]), clusters.MOST))
    return asked


def correct_link(name: str) -> None:
    """Say once what of a link is not here, and take it out of the address; before `show`.

    Later the browser keeps the address, and a layer in it may be another network's.
    """
    if LINK in st.session_state:
        return
    st.session_state[LINK] = True
    picture = controls.picture()
    layers = len(regions.look(name, picture.key, picture.raw).levels)
    query = st.query_params
    wrong = {
        key: called
        for key, called, known in (
            ("way", "a way", WAYS),
            ("layer", "a layer", [str(k) for k in range(layers)]),
            ("regions", "a number of regions", [str(k) for k in range(2, clusters.MOST + 1)]),
        )
        if key in query and query[key] not in known
    }
    for key in wrong:
        del query[key]
    if wrong:
        listed = " and ".join(wrong.values())
        st.toast(f"This link names {listed} that is not here; you see the default instead.")


def _quick(name: str) -> bool:
    """Whether a network answers for all regions without being asked by a click: the small ones."""
    return bool(CATALOG[name].labels) and isinstance(CATALOG[name].weights, Shipped)


def _cut(name: str, picture: Picture, graph: Graph, waiting: DeltaGenerator) -> bytes:
    """The cuts of all layers, with progress if they take long."""
    report = _progress(waiting, "Cutting the graph of every layer")
    count = len(regions.look(name, picture.key, picture.raw).levels)
    for layer in range(count):
        report(layer, count)
        regions.division(name, picture.key, picture.raw, layer, graph)
    waiting.empty()
    return regions.cut(name, picture.key, picture.raw, graph)


def _answers(name: str, picture: Picture, asked: object, waiting: DeltaGenerator) -> bytes | None:
    """The message with the answers that were asked for; None if nothing was, or nothing real."""
    of = regions.of(name, picture.key)
    shown = shown_of(asked, of)
    if shown is None or not isinstance(asked, dict) or not CATALOG[name].labels:
        return None
    report = _progress(waiting, "Asking about every region. Another view stops it")
    try:
        rows = regions.answers(name, picture.key, picture.raw, shown, report)
    except ValueError:
        return None  # regions of another picture or network: the browser asks again
    waiting.empty()
    return wire.pack_answers(rows, key=asked["key"], of=of)


def _progress(place: DeltaGenerator, said: str) -> Callable[[int, int], None]:
    """A function that shows how far it is, and how long it takes, if it takes long."""
    began = time.monotonic()
    bars: list[DeltaGenerator] = []

    def report(done: int, total: int) -> None:
        gone = time.monotonic() - began
        if gone < PATIENCE or not done:
            return
        left = gone / done * (total - done)
        bars.append(bars[-1] if bars else place.progress(0.0))
        about = f": about {max(1, round(left))}\u2009s left" if left > 1 else ""
        bars[-1].progress(done / total, f"{said}{about}")

    return report


def graph_of(told: object) -> Graph:
    """The graph that the browser asks for, if it makes sense; the default one otherwise."""
    told = told if isinstance(told, dict) else {}
    threshold = told.get("threshold")
    if not isinstance(threshold, int | float) or not -1 <= threshold <= 1:
        return Graph()
    return Graph(
        keys=told.get("keys") is True, threshold=float(threshold),
        centred=told.get("centred") is not False,
    )  # fmt: skip


def shown_of(asked: object, of: str) -> Shown | None:
    """The regions that the browser asks about, if they are some of this picture and network."""
    if (
        not isinstance(asked, dict)
        or asked.get("of") != of
        or not isinstance(asked.get("key"), str)
    ):
        return None
    layer, count, head = (asked.get(name, 0) for name in ("layer", "count", "head"))
    share = asked.get("share", 0.0)
    if not all(isinstance(value, int) for value in (layer, count, head)):
        return None
    if asked.get("way") == "attention":
        fits = isinstance(share, int | float) and 0 <= share <= 1
        return Shown("attention", layer, head=head, share=float(share)) if fits else None
    if asked.get("way") not in WAYS:
        return None
    return Shown(asked["way"], layer, count, graph_of(asked.get("graph")))


def _unchanged() -> None:
    """Streamlit keeps a component's state only where somebody listens to it."""
