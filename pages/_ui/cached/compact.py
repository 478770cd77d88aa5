"""What the page Compact computes on the server, kept: three small networks on one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from pages._ui import cached
from pages._ui.cached import swin
from viz_core import compact_paper, images, patch_frames, prediction
from viz_core.canvas import wire as canvas_wire
from viz_core.tokenizers import shift, windows, wire

if TYPE_CHECKING:
    from models.compact_config import CompactConfig
    from viz_core.probe.compact import CompactLook

# Networks of one size that differ only in what the page is about.
TRIOS = (
    ("vit_lite_2_4_32", "cvt_2_4_32", "cct_2_3x2_32"),
    ("vit_lite_7_4_32", "cvt_7_4_32", "cct_7_3x1_32"),
)
REACH = 3  # pixels that the picture is shifted by, either way
GUESSES = 3
PICTURE_PIXELS = 640


def trio(name: str) -> tuple[str, ...]:
    """The three networks that a network of the catalog is shown beside."""
    return next((three for three in TRIOS if name in three), TRIOS[0])


def here(name: str) -> bool:
    """Whether a network is in the catalog with its weights on this machine."""
    from models import weights

    return name in CATALOG and weights.is_local(CATALOG[name])


def config(name: str) -> CompactConfig:
    """Settings of a network."""
    return cast("CompactConfig", CATALOG[name].config)


def labels(name: str) -> tuple[str, ...]:
    """What a network's classes are called."""
    return class_names(CATALOG[name].labels or "")


def title(name: str) -> str:
    """What a reader is shown for a network, whether the catalog has it or not."""
    return compact_paper.title(name)


@st.cache_resource(max_entries=12, show_spinner=False)
def look(name: str, key: str, _raw: bytes) -> CompactLook:
    """One picture seen by one network: a forward pass, two where a class token is read."""
    from viz_core.probe import compact

    model, seen = cached.network(name), swin.prepared(name, key, _raw)
    with cached.FORWARD:
        return compact.look(model, seen.pixels)


def named(name: str, key: str, raw: bytes) -> wire.Named:
    """A network and what it takes the picture for."""
    found = prediction.top(look(name, key, raw).logits, labels(name), GUESSES)
    guesses = [(guess.label, guess.share) for guess in found]
    return wire.Named(name, title(name), compact_paper.family(name), guesses)


@st.cache_resource(max_entries=8, show_spinner=False)
def edges(name: str) -> np.ndarray:
    """First pixel that each token of a row reads, and the one after its last."""
    cfg = config(name)
    found = windows.layers(
        cfg.image_size, kernel=cfg.kernel, step=cfg.stride, padding=cfg.padding,
        convolutions=cfg.conv_layers, pooled=cfg.max_pool,
    )  # fmt: skip
    return windows.spans(found, cfg.grid)


def pixels(name: str, key: str, raw: bytes) -> np.ndarray:
    """What a network is given, as bytes (side, side, 3)."""
    how, seen = CATALOG[name].preprocessing, swin.prepared(name, key, raw)
    return patch_frames.input_bytes(seen.pixels[0], how.mean, how.std)


@st.cache_resource(max_entries=8, show_spinner=False)
def picture_jpeg(name: str, key: str, _raw: bytes) -> bytes:
    """The square that a network sees, at the picture's own resolution."""
    return images.encode_jpeg(swin.prepared(name, key, _raw).crop, side=PICTURE_PIXELS)


@st.cache_resource(max_entries=8, show_spinner="Running the tokenizers")
def tokens(names: tuple[str, ...], key: str, _raw: bytes) -> bytes:
    """The message of the stage: maps of every step, and what each pixel does to each token."""
    from viz_core.probe import compact

    found = []
    for name in names:
        cfg, seen = config(name), look(name, key, _raw)
        with cached.FORWARD:
            fields = compact.fields(
                cached.network(name), swin.prepared(name, key, _raw).pixels, edges(name)
            )
        found.append(
            wire.Tokens(
                named(name, key, _raw), cfg.kernel, cfg.stride, edges(name), fields, seen.maps
            )
        )
    given = names[0], key, _raw
    return wire.tokens(found, pixels=pixels(*given), picture_jpeg=picture_jpeg(*given))


@st.cache_resource(max_entries=24, show_spinner=False)
def shifted(name: str, key: str, _raw: bytes) -> wire.Shifted:
    """Tokens and logits of one network for every shift of the picture, in one forward pass."""
    from viz_core.probe import compact

    ways = shift.grid(REACH)
    moved = shift.moved(swin.prepared(name, key, _raw).pixels, ways)
    with cached.FORWARD:
        found, logits = compact.tokens(cached.network(name), moved)
    change = shift.change(found[len(ways) // 2], found)
    return wire.Shifted(named(name, key, _raw), change, logits)


@st.cache_resource(max_entries=8, show_spinner=False)
def shifts(names: tuple[str, ...], key: str, _raw: bytes) -> bytes:
    """The message of the lab of shifts; quick once `shifted` was asked for all networks."""
    found = [shifted(name, key, _raw) for name in names]
    given = pixels(names[0], key, _raw)
    return wire.shifts(found, reach=REACH, pixels=given, labels=labels(names[0]))


@st.cache_resource(max_entries=8, show_spinner="Running the networks")
def pools(names: tuple[str, ...], key: str, _raw: bytes) -> bytes:
    """The message of what the heads read."""
    found = []
    for name in names:
        one = look(name, key, _raw)
        network = named(name, key, _raw)
        found.append(wire.Read(network, one.weights, one.logits, one.without, one.mean, one.votes))
    given = names[0], key, _raw
    return wire.pools(
        found, pixels=pixels(*given), picture_jpeg=picture_jpeg(*given), labels=labels(names[0])
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def attention(names: tuple[str, ...], key: str, _raw: bytes) -> bytes:
    """Attention of all layers and heads of all networks, for the canvas."""
    frames = []
    for name in names:
        cfg, crop = config(name), swin.prepared(name, key, _raw).crop
        frames.append(
            canvas_wire.pack_attention(
                look(name, key, _raw).patterns,
                picture_jpeg=picture_jpeg(name, key, _raw),
                picture_size=(crop.shape[1], crop.shape[0]),
                grid=(cfg.grid, cfg.grid),
                prefix=("class token",) * cfg.prefix,
            )
        )
    return canvas_wire.pack_compare(frames, [title(name) for name in names])
