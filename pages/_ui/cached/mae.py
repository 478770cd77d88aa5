"""What the stage of the MAE page is sent, kept: frames of `viz_core.unmask.wire`.

A run is one strategy with its seed at twenty ratios. It is computed and sent in pieces of five
ratios, so that the ratio that is shown never waits for the others.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui.cached import mae_more
from pages._ui.cached.swin import crop_jpeg, prepared
from viz_core import inpaint, masking, reconstruction
from viz_core.canvas.envelope import unpack_header
from viz_core.unmask import wire

STRATEGIES: dict[str, Callable[[tuple[int, int], float, int], np.ndarray]] = {
    "random": masking.random,
    "block": masking.block,
    "grid": lambda grid, ratio, _: masking.regular(grid, ratio),
}
# What people read, and a shorter word where there is little room.
BASELINES = {
    "harmonic": ("Interpolation", "Interpol."),
    "telea": ("Telea", "Telea"),
    "navier_stokes": ("Navier–Stokes", "Navier–St."),
    "nearest": ("Nearest pixel", "Nearest"),
    "none": ("Nothing", ""),
}
PIECE = 5
PIECES = len(wire.PERCENTS) // PIECE


@st.cache_resource(max_entries=8, show_spinner=False)
def stage(name: str, key: str, _raw: bytes) -> bytes:
    """The picture in full and as the network sees it."""
    made, base = prepared(name, key, _raw), mae_more.given(name, key, _raw)
    height, width = made.crop.shape[:2]
    return wire.pack_stage(
        base.picture,
        picture_jpeg=crop_jpeg(name, key, _raw),
        picture_size=(width, height),
        grid=base.grid,
        header={
            "title": CATALOG[name].title,
            "norm_pix": cast(Any, CATALOG[name].config).norm_pix,
            "baselines": [(by, *words) for by, words in BASELINES.items()],
        },
    )


def stage_id(name: str, key: str, _raw: bytes) -> str:
    """What every other frame of this picture and network names as its stage."""
    return unpack_header(stage(name, key, _raw))[0]["id"]


@st.cache_resource(max_entries=64, show_spinner=False)
def masks(grid: tuple[int, int], seed: int) -> dict[str, np.ndarray]:
    """Masks at all ratios by strategy, (ratio, row, column); read-only."""
    made = {
        name: np.stack([draw(grid, percent / 100, seed) for percent in wire.PERCENTS])
        for name, draw in STRATEGIES.items()
    }
    for some in made.values():
        some.flags.writeable = False
    return made


@st.cache_resource(max_entries=32, show_spinner=False)
def mask_frame(name: str, key: str, _raw: bytes, seed: int) -> bytes:
    """Masks of all strategies at all ratios."""
    grid = mae_more.given(name, key, _raw).grid
    return wire.pack_masks(masks(grid, seed), of=stage_id(name, key, _raw), seed=seed)


@st.cache_resource(max_entries=64, show_spinner=False)
def one(
    name: str, key: str, _raw: bytes, run: str, slot: int, mask_code: str, by: str = wire.NETWORK
) -> bytes:
    """One mask filled in.

    Args:
        name: Key of the catalog.
        key: Key of the picture.
        run: What the browser calls it.
        slot: Its ratio, by its place in `wire.PERCENTS`; 0 for a mask by hand.
        mask_code: From `wire.code`.
        by: The network, or a baseline.
    """
    grid = mae_more.given(name, key, _raw).grid
    chosen = wire.decoded(mask_code, grid)[None]
    return _painted(name, key, _raw, chosen, run=run, by=by, slots=(slot,))


@st.cache_resource(max_entries=64, show_spinner=False)
def piece(
    name: str, key: str, _raw: bytes, strategy: str, seed: int, part: int, by: str = wire.NETWORK
) -> bytes:
    """Five ratios of a run, `part` from 0 to 3: 188 kB at 112 pixels, 753 kB at 224."""
    grid = mae_more.given(name, key, _raw).grid
    slots = tuple(range(part * PIECE, (part + 1) * PIECE))
    chosen = masks(grid, seed)[strategy][slots[0] : slots[-1] + 1]
    return _painted(name, key, _raw, chosen, run=run_name(strategy, seed), by=by, slots=slots)


def run_name(strategy: str, seed: int) -> str:
    """What the browser calls a strategy with its seed; the grid is the same for all of them."""
    return f"{strategy} {0 if strategy == 'grid' else seed}"


def _painted(
    name: str,
    key: str,
    raw: bytes,
    chosen: np.ndarray,
    *,
    run: str,
    by: str,
    slots: tuple[int, ...],
) -> bytes:
    base = mae_more.given(name, key, raw)
    if by == wire.NETWORK:
        pictures = mae_more.predicted(name, base, chosen)
    else:
        fill = partial(inpaint.BASELINES[by], base.picture)
        pictures = np.stack([fill(mask) for mask in chosen])
    scores = [
        reconstruction.score(base.picture, picture, mask)
        for picture, mask in zip(pictures, chosen, strict=True)
    ]
    of = stage_id(name, key, raw)
    return wire.pack_pictures(pictures, chosen, scores, of=of, run=run, by=by, slots=slots)
