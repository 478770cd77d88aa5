"""What the patches chapter keeps: one forward pass a picture, and what its stages send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from pages._ui import cached
from viz_core import images, macs, patch_frames, patches
from viz_core.patches import Components
from viz_core.prediction import top

if TYPE_CHECKING:
    from models.vit import ViTConfig
    from viz_core.probe.patches import BothWays, Readings, Seen

STAGE_PIXELS, RIBBON_PIXELS, COMPONENTS = 860, 160, 28


@dataclass(frozen=True)
class Ground:
    """A picture as a network gets it.

    Attributes:
        pixels: Normalised input (1, 3, side, side).
        crop: What it was made from, uint8 at full resolution.
        grid: Patches along a side.
        prefix: Tokens before the first patch, by name.
        shape: All that the network's cost depends on.
    """

    pixels: np.ndarray
    crop: np.ndarray
    grid: int
    prefix: tuple[str, ...]
    shape: macs.Shape


def config(name: str) -> ViTConfig:
    """Settings of a network that this chapter can show: a ViT."""
    return cast("ViTConfig", CATALOG[name].config)


@st.cache_resource(max_entries=8, show_spinner=False)
def ground(name: str, key: str, _raw: bytes) -> Ground:
    """The network's input for a picture, without running the network."""
    how, settings = CATALOG[name].preprocessing, config(name)
    ready = images.prepare(
        cached.picture(key, _raw),
        size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std,
    )  # fmt: skip
    ready.pixels.flags.writeable = ready.crop.flags.writeable = False
    registers = tuple(f"register {i + 1}" for i in range(settings.registers))
    return Ground(
        pixels=ready.pixels,
        crop=ready.crop,
        grid=how.size // settings.patch_size,
        prefix=("class token",) * settings.class_token + registers,
        shape=macs.Shape(
            side=how.size, patch=settings.patch_size, width=settings.width, depth=settings.depth,
            heads=settings.heads, prefix=settings.prefix, mlp_ratio=settings.mlp_ratio,
            classes=settings.classes,
        ),
    )  # fmt: skip


@st.cache_resource(max_entries=4, show_spinner="Running the network")
def seen(name: str, key: str, _raw: bytes) -> Seen:
    """The one forward pass of this chapter, with every station recorded."""
    from viz_core.probe import patches as probe

    pixels = ground(name, key, _raw).pixels.copy()
    model = cached.network(name)
    with cached.FORWARD:
        return probe.look(model, pixels)


@st.cache_resource(max_entries=8, show_spinner=False)
def cutter(name: str, key: str, _raw: bytes) -> bytes:
    """Message for the stage, about 0.3 MB."""
    entry, base, look = CATALOG[name], ground(name, key, _raw), seen(name, key, _raw)
    how = entry.preprocessing
    return patch_frames.cutter(
        picture_jpeg=images.encode_jpeg(base.crop, side=STAGE_PIXELS),
        pixels=patch_frames.input_bytes(base.pixels[0], how.mean, how.std),
        native=base.shape.patch,
        prefix=base.prefix,
        tokens=np.concatenate([look.prefix, look.patches]),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def ribbon(name: str, key: str, _raw: bytes) -> bytes:
    """Message for the ribbon of shapes, about 0.1 MB."""
    entry, base, look = CATALOG[name], ground(name, key, _raw), seen(name, key, _raw)
    guesses = top(look.logits, class_names(entry.labels), 1) if entry.labels else []
    matrices = {
        "cut": patches.cut(base.pixels[0], base.shape.patch),
        "embedded": look.patches,
        "class": np.concatenate([look.prefix, look.patches]),
        "positions": look.embedded,
        "pattern": look.pattern,
        "read": look.blocks[-1][:1] if base.prefix else look.blocks[-1].mean(axis=0)[None],
        "head": look.logits[None],
    }
    matrices |= {f"block{i}": block for i, block in enumerate(look.blocks)}
    facts = {
        "title": entry.title,
        "side": base.shape.side,
        "native": base.shape.patch,
        "width": base.shape.width,
        "prefix": len(base.prefix),
        "depth": base.shape.depth,
        "heads": base.shape.heads,
        "classes": base.shape.classes,
        "guess": [guesses[0].label, round(100 * guesses[0].share, 1)] if guesses else None,
    }
    small = images.encode_jpeg(base.crop, side=RIBBON_PIXELS)
    return patch_frames.ribbon(facts, picture_jpeg=small, matrices=matrices)


@st.cache_resource(max_entries=8, show_spinner=False)
def components(name: str) -> Components:
    """Principal components of the kernels of a network."""
    from viz_core.probe import patches as probe

    return patches.components(probe.kernels(cached.network(name)), COMPONENTS)


@st.cache_resource(max_entries=8, show_spinner=False)
def filters(name: str, key: str, _raw: bytes) -> bytes:
    """Message for the components and the patches that answer them, about 0.2 MB."""
    base, found = ground(name, key, _raw), components(name)
    rows = patches.cut(base.pixels[0], base.shape.patch)
    return patch_frames.filters(
        found,
        picture_jpeg=images.encode_jpeg(base.crop, side=STAGE_PIXELS),
        grid=base.grid,
        answers=patches.answers(rows, found.tiles),
        cosines=patches.answers(rows, found.tiles, alike=True),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def both_ways(name: str, key: str, _raw: bytes, double: bool) -> BothWays:
    """The patch embedding by convolution and by a matrix product."""
    from viz_core.probe import patches as probe

    model = cached.network(name)
    with cached.FORWARD:
        return probe.both_ways(model, ground(name, key, _raw).pixels.copy(), double=double)


@st.cache_resource(max_entries=8, show_spinner=False)
def readings(name: str, key: str, _raw: bytes) -> Readings:
    """The head on the class token, on the mean, and on every patch."""
    from viz_core.probe import patches as probe

    model, last = cached.network(name), seen(name, key, _raw).blocks[-1]
    with cached.FORWARD:
        return probe.readings(model, last)
