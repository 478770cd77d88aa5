"""What the step "Blocks" shows of a picture: three networks' tensors in numbers, norms, bends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached, samples
from pages._ui.cached import swin
from viz_core.blocks import wire

if TYPE_CHECKING:
    from viz_core.anatomy import Op
    from viz_core.probe.blocks import Reading

RESNET, SWIN = "resnet_nano_56", "swin_nano_patch2_window7_56"
CONVNEXT = "convnext_nano_patch2_56"
NETWORKS = (RESNET, SWIN, CONVNEXT)
BATCH = 8
# Block 2 of stage 2: 14 x 14 places in all three networks.
BEFORE_BATCH_NORM, BEFORE_LAYER_NORM = "layer2.1.bn2", "stages.1.blocks.1.norm"


def here() -> tuple[str, ...]:
    """Networks of `NETWORKS` whose weights are on this machine."""
    from models import weights

    return tuple(name for name in NETWORKS if name in CATALOG and weights.is_local(CATALOG[name]))


@st.cache_resource(max_entries=12, show_spinner="Running the network")
def readings(name: str, key: str, _raw: bytes) -> tuple[Reading, ...]:
    """Every operation of a network on a picture with its tensor in numbers."""
    from viz_core.probe import blocks

    model, seen = cached.network(name), swin.prepared(name, key, _raw)
    with cached.FORWARD:
        return blocks.readings(model, seen.pixels)


@st.cache_resource(max_entries=4, show_spinner=False)
def columns(key: str, _raw: bytes) -> bytes:
    """The message of the first part: blocks side by side, about 0.1 MB."""
    found = {CATALOG[name].title: readings(name, key, _raw) for name in here()}
    return wire.blocks(found, picture_jpeg=swin.crop_jpeg(here()[0], key, _raw))


def _others(key: str) -> list[str]:
    """Samples that fill the batch: the gallery's first, without the picture itself."""
    names = [name for name in samples.SAMPLES if cached.sample(name)[0] != key]
    return names[: BATCH - 1]


def _batch(name: str, key: str, raw: bytes) -> np.ndarray:
    pixels = [swin.prepared(name, key, raw).pixels]
    pixels += [swin.prepared(name, *cached.sample(other)).pixels for other in _others(key)]
    return np.concatenate(pixels)


@st.cache_resource(max_entries=4, show_spinner="Running eight pictures")
def norms(key: str, _raw: bytes) -> bytes:
    """The message of the second part: what a layer norm and a batch norm are given."""
    from viz_core.probe import blocks

    given, moments, where = {}, {}, {}
    for name, place, what in (
        (CONVNEXT, BEFORE_LAYER_NORM, "ConvNeXt's layer norm"),
        (RESNET, BEFORE_BATCH_NORM, "ResNet's batch norm"),
    ):
        if name not in here():
            continue
        model, pixels = cached.network(name), _batch(name, key, _raw)
        with cached.FORWARD:
            tensor = blocks.entering(model, pixels, _at(place))
        known = blocks.moments(tensor)
        given[what], moments[what] = tensor[0], (known.mean, known.square)
        where[what] = f"{CATALOG[name].title}, stage 2, block 2"
    return wire.norms(given, moments, ["this picture", *_others(key)], where)


def _at(place: str) -> Callable[[Op], bool]:
    return lambda op: op.place == place


@st.cache_resource(max_entries=4, show_spinner=False)
def activations(key: str, _raw: bytes) -> bytes:
    """The message of the third part: what activations are given, and make of it."""
    from viz_core.probe import blocks

    bent = {}
    for name, stage in ((CONVNEXT, "stages.1.blocks.1."), (SWIN, "layers.1.blocks.1."),
                        (RESNET, "layer2.1.")):  # fmt: skip
        if name not in here():
            continue
        seen = swin.prepared(name, key, _raw)
        with cached.FORWARD:
            given = blocks.entering(cached.network(name), seen.pixels, _first_activation(stage))
        bent[f"{CATALOG[name].title}, stage 2, block 2"] = blocks.bent(given)
    return wire.activations(bent)


def _first_activation(stage: str) -> Callable[[Op], bool]:
    """Tells the first activation after an operation of a block."""
    inside = [False]

    def wanted(op: Op) -> bool:
        if op.place:
            inside[0] = op.place.startswith(stage)
        return inside[0] and op.kind == "activation"

    return wanted
