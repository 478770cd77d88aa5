"""Cached numbers of the page on positions."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached
from viz_core import ablation, images, positions, regrid
from viz_core.images import Prepared
from viz_core.tiles import wire
from viz_core.tiles.wire import Kind

if TYPE_CHECKING:
    from viz_core.probe.positions import Outcome, Table

# Above this many patches a side the board shows the grid that the network really runs on here.
LARGEST_BOARD = 24


@st.cache_resource(max_entries=4, show_spinner=False)
def table(name: str) -> "Table":
    """The positions that a network learned, on its own grid."""
    from viz_core.probe import positions as probe

    return probe.learned(cached.network(name))


@st.cache_resource(max_entries=8, show_spinner=False)
def running(name: str) -> "Table":
    """The positions that it adds to a picture of the catalog's size."""
    from viz_core.probe import positions as probe

    own, entry = table(name), CATALOG[name]
    side = entry.preprocessing.size // entry.config.patch_size
    grid = (side, side)
    return probe.Table(probe.resampled(own.values, own.grid, grid), grid)


@st.cache_resource(max_entries=8, show_spinner=False)
def prepared(name: str, key: str, _raw: bytes) -> Prepared:
    """A picture as the network takes it, with the square that this is."""
    how = CATALOG[name].preprocessing
    return images.prepare(
        cached.picture(key, _raw),
        size=how.size,
        crop_share=how.crop_share,
        mean=how.mean,
        std=how.std,
    )


def board_table(name: str) -> "Table":
    """The network's own table, or the one it runs with where its own is too large to draw."""
    own = table(name)
    return own if max(own.grid) <= LARGEST_BOARD else running(name)


@st.cache_resource(max_entries=4, show_spinner=False)
def kinds(name: str) -> list[Kind]:
    """Similarities of the four kinds of positions on the network's grid."""
    own = board_table(name)
    width = own.values.shape[1]
    tables = {
        "learned": own.values,
        "sinusoid": ablation.formula(own.grid, width, "sinusoid"),
        "sincos": ablation.formula(own.grid, width, "sincos"),
    }
    words = {
        "learned": ("Learned", "This network's own table, one free vector a patch"),
        "sinusoid": ("1-D sinusoid", "Sines and cosines along the sequence, row after row"),
        "sincos": ("2-D sin-cos", "Half of the channels for the column, half for the row"),
    }
    compared = [Kind(kind, *words[kind], _both(values)) for kind, values in tables.items()]
    return [*compared, Kind("none", "None", "Zeros: nothing tells patches apart", None)]


@st.cache_resource(max_entries=8, show_spinner=False)
def agreement(name: str) -> float:
    """How far the learned table is the 2-D formula, number by number; -1 to 1."""
    own = table(name)
    return positions.agreement(
        own.values, ablation.formula(own.grid, own.values.shape[1], "sincos")
    )


def _both(values: np.ndarray) -> np.ndarray:
    return np.stack([positions.similarity(values, centred=centred) for centred in (False, True)])


@st.cache_resource(max_entries=8, show_spinner="Comparing positions")
def board(name: str, key: str, _raw: bytes) -> bytes:
    """The board's frame: 0.5 MB on a grid of 14 x 14."""
    crop = prepared(name, key, _raw).crop
    height, width = crop.shape[:2]
    return wire.pack_board(
        kinds(name),
        picture_jpeg=images.encode_jpeg(crop, side=cached.DISPLAY_PIXELS),
        picture_size=(width, height),
        grid=board_table(name).grid,
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def components(name: str) -> positions.Components:
    """Principal components of the learned table, at most eleven: with their colours two rows."""
    own = table(name).values
    return positions.components(own, min(11, *own.shape))


@st.cache_resource(max_entries=12, show_spinner=False)
def curves(name: str, direction: positions.Direction, centred: bool) -> dict[str, positions.Curve]:
    """Similarity against distance of every kind that has one."""
    grid = board_table(name).grid
    return {
        kind.label: positions.by_distance(kind.cosines[int(centred)], grid, direction)
        for kind in kinds(name)
        if kind.cosines is not None
    }


@st.cache_resource(max_entries=48, show_spinner="Running the network with these positions")
def ablated(name: str, key: str, _raw: bytes, kind: ablation.Replacement, seed: int) -> "Outcome":
    """What the network makes of a picture with its positions replaced."""
    from viz_core.probe import positions as probe

    own = running(name)
    values = None if kind == "own" else ablation.replaced(own.values, own.grid, kind, seed)
    model, pixels = cached.network(name), prepared(name, key, _raw).pixels
    with cached.FORWARD:
        return probe.observe(model, pixels, values)


@dataclass(frozen=True)
class Regridded:
    """A table on another grid, and what the network answers with it.

    Attributes:
        values: One vector a patch of the new grid.
        output: Logits, or pooled features without a head.
        seconds: What the forward pass took.
    """

    values: np.ndarray
    output: np.ndarray
    seconds: float


Way = Literal["bicubic", "bilinear", "cut"]


@st.cache_resource(max_entries=8, show_spinner=False)
def source(name: str, side: int) -> "Table":
    """The learned table as `side` x `side` positions: its own, or first resampled to so many."""
    from viz_core.probe import positions as probe

    own, grid = table(name), (side, side)
    if grid == own.grid:
        return own
    return probe.Table(probe.resampled(own.values, own.grid, grid), grid)


@st.cache_resource(max_entries=48, show_spinner="Running the network at this size")
def regridded(
    name: str, key: str, _raw: bytes, side: int, grid: tuple[int, int], way: Way, antialias: bool
) -> Regridded:
    """The same square of a picture at another size, with the table of `source` brought there."""
    from viz_core.probe import positions as probe

    start = source(name, side)
    values = (
        ablation.cut_or_repeated(start.values, grid)
        if way == "cut"
        else probe.resampled(start.values, start.grid, grid, way, antialias)
    )
    pixels = input_at(name, key, _raw, grid)
    model = cached.network(name)
    with cached.FORWARD:
        began = time.perf_counter()
        output = probe.run(model, pixels, values)
        seconds = time.perf_counter() - began
    return Regridded(values, output, seconds)


def input_at(name: str, key: str, raw: bytes, grid: tuple[int, int]) -> np.ndarray:
    """The picture's square as input of `grid` patches; its own input at its own size."""
    entry, ready = CATALOG[name], prepared(name, key, raw)
    how = entry.preprocessing
    if grid == running(name).grid:
        return ready.pixels
    return regrid.normalised(small(name, key, raw, grid), how.mean, how.std)


def small(name: str, key: str, raw: bytes, grid: tuple[int, int]) -> np.ndarray:
    """The picture's square, squeezed to a whole number of patches; uint8 (h, w, 3)."""
    patch = CATALOG[name].config.patch_size
    return regrid.squeezed(prepared(name, key, raw).crop, (grid[0] * patch, grid[1] * patch))
