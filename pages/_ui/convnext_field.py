"""Step “Field” of the ConvNeXt page: which pixels could change a value, and which really do."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.catalog import CATALOG
from pages._ui import component, controls, tries
from pages._ui.cached import convnext, field
from pages._ui.controls import Picture
from viz_core import receptive_field
from viz_core.field import wire
from viz_core.field.wire import Measured
from viz_core.probe import field as probe

KEY = "convnext-field"
ASKED = f"{KEY}-view"
PEERS = ("resnet_nano_56", "swin_nano_patch2_window7_56", "vit_nano_patch4_56")
OWN = "convnext_nano_patch2_56"
NOTICE = (
    "Move over a picture: on which pixels does the value at that place depend? The teal box could "
    "reach it, the glow does."
)
CODE = (
    probe.gradients, probe.layers, receptive_field.field, receptive_field.radius,
    receptive_field.Convolution, receptive_field.Windows,
)  # fmt: skip
OPENING = 0.4  # share of the blocks that the first view has gone through
STEPS = 8  # of the depth slider
PATIENCE = 0.4  # seconds before progress is shown
_field = component.register("field")


@dataclass(frozen=True)
class Asked:
    """What the browser wants to see.

    Attributes:
        depth: Step of the slider, from 1 to `STEPS`.
        channel: Index, "all" or "strongest".
        average: Whether to average over the gallery.
        known: What the browser already has the first row of.
    """

    depth: int
    channel: int | str
    average: bool
    known: str


def show(network: str) -> None:
    """The field of the page's network beside those of its peers.

    Args:
        network: Key of the catalog.
    """
    names = [network, *(one for one in (OWN, *PEERS) if one != network)]
    here = [one for one in names if convnext.here(one)][: 1 + len(PEERS)]
    missing = [one for one in PEERS if one not in here and not convnext.here(one)]
    _stage(tuple(here))
    if missing:
        titles = ", ".join(
            CATALOG[one].title if one in CATALOG else "the ResNet" for one in missing
        )
        st.caption(f"Left out: {titles}, whose weights are missing from assets/weights.")


def chosen(name: str) -> tuple[int, int | str]:
    """Block and channel whose fields were last asked for."""
    asked = _asked((name,))
    return _block(name, asked.depth), asked.channel


@st.fragment
def _stage(names: tuple[str, ...]) -> None:
    picture = controls.picture()
    asked = _asked(names)
    pictures = field.gallery() if asked.average else ((picture.key, picture.raw),)
    known = f"{picture.key[:16]} {asked.channel} {asked.average} {' '.join(names)}"
    place, waiting = st.container(gap=None), st.empty()

    stops = ". “This one” stops it" if asked.average else ""

    def rows(depth: int, wanted: Sequence[int], said: str) -> list[Measured]:
        todo = [(name, at) for name in names for at in wanted]
        found: dict[str, dict[int, field.Row]] = {name: {} for name in names}
        for name, at in _with_progress(todo, said, stops, waiting):
            one = field.averaged(name, pictures, _block(name, depth), asked.channel, at)
            found[name][at] = one
        return [field.measured(n, _block(n, depth), found[n]) for n in names]

    first = rows(asked.depth, [field.MIDDLE], "Measuring fields")
    with place:
        _field(
            data=wire.pack(
                first, [_network(name) for name in names], id_of=known, view=tries.asked(ASKED),
                parts=_pictures(names, picture),
                steps=STEPS, opening=asked.depth, channel=asked.channel, average=asked.average,
                places=field.PLACES, pictures=len(field.AVERAGED),
            ),
            key=KEY, on_asked_change=_unchanged,
        )  # fmt: skip
    if asked.known != known:
        return  # the browser asks for the rest; meanwhile the page below is drawn
    others = [at for at in range(field.PLACES) if at != field.MIDDLE]
    rest = rows(asked.depth, others, "Measuring the places above and below")
    with place:
        _more("rest", known, rest)
    if asked.average:
        return
    growth = [
        one
        for depth in range(1, STEPS + 1)
        for one in rows(depth, [field.MIDDLE], "Measuring every depth")
    ]
    with place:
        _more("growth", known, growth)


def _pictures(names: Sequence[str], picture: Picture) -> dict[str, bytes]:
    """Each crop once, for the browser."""
    return {field.crop_of(n): field.picture_jpeg(n, picture.key, picture.raw) for n in names}


def _more(name: str, known: str, found: list[Measured]) -> None:
    _field(data=wire.pack(found, [], parts={}, id_of=known, view={}), key=f"{KEY}-{name}")


def _with_progress(
    todo: Sequence[tuple[str, int]], said: str, stops: str, place: DeltaGenerator
) -> Iterator[tuple[str, int]]:
    """Go through what is to be done; say how far it is, and how long it takes, if it takes long."""
    began, bar = time.monotonic(), None
    for done, (name, at) in enumerate(todo):
        gone = time.monotonic() - began
        if gone > PATIENCE and done:
            left = gone / done * (len(todo) - done)
            bar = bar or place.progress(0.0)
            about = f", about {max(1, round(left))}\u2009s left" if left > 1 else ""
            bar.progress(done / len(todo), f"{said}: {CATALOG[name].title}{about}{stops}")
        yield name, at
    place.empty()


def _block(name: str, step: int) -> int:
    """Index of the block after which a network has done `step` of `STEPS` of its blocks."""
    return max(1, round(step / STEPS * len(field.depths(name)))) - 1


def _network(name: str) -> dict[str, Any]:
    blocks = [field.panel(name, depth) for depth in range(len(field.depths(name)))]
    return {
        "name": name, "title": CATALOG[name].title, "picture": field.crop_of(name),
        "pixels": CATALOG[name].preprocessing.size,
        "blocks": blocks, "steps": [_block(name, step) for step in range(1, STEPS + 1)],
        "channels": [convnext.sizes(name)[place.name][2] for place in field.depths(name)],
    }  # fmt: skip


def _asked(names: Sequence[str]) -> Asked:
    """What the browser asked for last, if it makes sense."""
    wanted = st.session_state.get(KEY, {}).get("asked") or {}
    depth, channel = wanted.get("depth"), wanted.get("channel", "all")
    depth = depth if isinstance(depth, int) and 1 <= depth <= STEPS else round(OPENING * STEPS)
    blocks = [field.depths(name)[_block(name, depth)].name for name in names]
    least = min(convnext.sizes(n)[block][2] for n, block in zip(names, blocks, strict=True))
    if channel not in ("all", "strongest"):
        channel = channel if isinstance(channel, int) and 0 <= channel < least else "all"
    return Asked(depth, channel, bool(wanted.get("average")), str(wanted.get("known")))


def _unchanged() -> None:
    """Streamlit keeps a component's state only where somebody listens to it."""
