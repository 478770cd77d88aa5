"""Kernels and the maps they read, for the step “Kernels”."""

from __future__ import annotations

import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from pages._ui import cached
from pages._ui.cached import convnext, swin
from viz_core import convolution, images, prediction
from viz_core.kernels import wire

PICTURE_PIXELS, GREY_PIXELS = 560, 112
GUESSES = 3


@st.cache_resource(max_entries=4, show_spinner="Running the network with five sizes of kernels")
def banks(name: str, stem_of: str | None, key: str, _raw: bytes) -> bytes:
    """The message of the component `kernels`: at most 6 MB for ConvNeXt-T.

    Args:
        name: Key of a ConvNeXt of the catalog.
        stem_of: Another network whose first convolution stands beside its own.
        key: Key of the picture.
    """
    from viz_core.probe import kernels

    model, seen = cached.network(name), swin.prepared(name, key, _raw)
    found = kernels.blocks(model)
    own = found[0].kernels.shape[-1]
    sizes = sorted({*convolution.SIZES, own})
    with cached.FORWARD:
        maps = kernels.inputs(model, seen.pixels)
        outcomes = kernels.outcomes(model, seen.pixels, sizes)
    sent = [_stem(name, key, _raw, "Stem")]
    for one, given in zip(found, maps, strict=True):
        label = f"{one.stage + 1}.{one.block + 1}"
        around = own // 2
        sent.append(
            wire.Bank(label, one.stage, one.block, one.kernels[:, None], one.bias, given, 1, around)
        )
    if stem_of and convnext.here(stem_of):
        sent.append(_stem(stem_of, key, _raw, f"{CATALOG[stem_of].title.split('-')[0]} stem"))
    labels = CATALOG[name].labels
    known = class_names(labels) if labels else ()
    variants = [
        wire.Variant(
            size, tuple(prediction.top(one.logits, known, GUESSES)) if labels else (), one.maps
        )
        for size, one in outcomes.items()
    ]
    side = min(seen.crop.shape[:2])
    return wire.pack(
        sent, variants, own=own, title=CATALOG[name].title,
        picture_jpeg=images.encode_jpeg(seen.crop, side=PICTURE_PIXELS),
        grey=convolution.luminance(seen.crop[:side, :side], GREY_PIXELS), view={},
    )  # fmt: skip


def _stem(name: str, key: str, raw: bytes, label: str) -> wire.Bank:
    from viz_core.probe import kernels

    stem = kernels.stem(cached.network(name))
    planes = swin.prepared(name, key, raw).pixels[0]
    return wire.Bank(label, -1, 0, stem.kernels, stem.bias, planes, stem.step, stem.padding)
