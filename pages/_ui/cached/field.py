"""Effective receptive fields for the step “Field”, row by row so that progress can be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached, samples
from pages._ui.cached import convnext, swin
from viz_core import images, receptive_field
from viz_core.feature_maps import Place
from viz_core.field import wire
from viz_core.field.wire import Measured
from viz_core.receptive_field import HALF, MOST

PLACES = 7  # of the coarse grid, along each side
MIDDLE = PLACES // 2
PICTURE_PIXELS = 560
# Pictures whose fields are averaged, from all over the gallery.
AVERAGED = ("dog", "peacock", "taxis", "coffee", "butterfly", "burger", "temple", "rocket")
Key = tuple[str, bytes]


@dataclass(frozen=True)
class Row:
    """Fields of one row of the coarse grid.

    Attributes:
        fields: Shares at `wire.CELLS` cells a side, (place, row, column).
        radii: Pixels that hold half and nine tenths of each, (place, 2).
    """

    fields: np.ndarray
    radii: np.ndarray


@st.cache_resource(max_entries=8, show_spinner=False)
def depths(name: str) -> tuple[Place, ...]:
    """Outputs of a network's blocks."""
    from viz_core.probe import field

    return field.depths(cached.network(name))


def side_of(name: str, depth: int) -> int:
    """Places of a block's map along a side."""
    return convnext.sizes(name)[depths(name)[depth].name][0]


@st.cache_resource(max_entries=128, show_spinner=False)
def panel(name: str, depth: int) -> dict[str, object]:
    """What is known of a block without a picture: size of its map, theoretical field."""
    from viz_core.probe import field

    place, pixels = depths(name)[depth], CATALOG[name].preprocessing.size
    layers, side = field.layers(cached.network(name), place, pixels), side_of(name, depth)
    units = wire.units(side, PLACES)
    return {
        "stage": place.stage, "block": place.block, "side": side, "units": list(units),
        "theory": receptive_field.size(layers),
        "outline": wire.outline(layers, side, units, pixels),
        "centres": [receptive_field.centre(layers, unit) for unit in units],
    }  # fmt: skip


@st.cache_resource(max_entries=800, show_spinner=False)
def row(name: str, key: str, _raw: bytes, depth: int, channel: int | str, at: int) -> Row:
    """One row of the coarse grid: 7 units in one forward and one backward pass; 90 kB.

    Args:
        name: Key of the catalog.
        key: Key of the picture.
        depth: Index of the block.
        channel: Index, "all" or "strongest".
        at: Row of the coarse grid.
    """
    from viz_core.probe import field

    units = wire.units(side_of(name, depth), PLACES)
    places = np.array([[units[at], column] for column in units])
    model, image = cached.network(name), swin.prepared(name, key, _raw).pixels
    chosen = cast("field.Channel", channel)
    with cached.FORWARD:
        raw = field.gradients(model, image, depths(name)[depth].name, places, chosen)
    return _row(receptive_field.shares(raw), _centres(name, depth, at), 1)


def _centres(name: str, depth: int, at: int) -> list[tuple[float, float]]:
    """Middles of the fields of a row of places, in pixels."""
    from viz_core.probe import field

    place, pixels = depths(name)[depth], CATALOG[name].preprocessing.size
    layers = field.layers(cached.network(name), place, pixels)
    units = wire.units(side_of(name, depth), PLACES)
    down = receptive_field.centre(layers, units[at])
    return [(down, receptive_field.centre(layers, unit)) for unit in units]


def _row(fields: np.ndarray, centres: list[tuple[float, float]], pixels: float) -> Row:
    """Fields in cells of so many pixels, with their radii in pixels."""
    radii = [
        [
            pixels * receptive_field.radius(one, (down / pixels, right / pixels), share)
            for share in (HALF, MOST)
        ]
        for one, (down, right) in zip(fields, centres, strict=True)
    ]
    made = Row(receptive_field.pooled(fields, wire.CELLS), np.array(radii, np.float32))
    made.fields.flags.writeable = made.radii.flags.writeable = False
    return made


def averaged(name: str, pictures: tuple[Key, ...], depth: int, channel: int | str, at: int) -> Row:
    """The mean of a row over several pictures, each of which counts the same."""
    rows = [row(name, key, raw, depth, channel, at) for key, raw in pictures]
    if len(rows) == 1:
        return rows[0]
    fields = np.stack([one.fields for one in rows]).mean(axis=0, dtype=np.float64)
    pixels = CATALOG[name].preprocessing.size / fields.shape[-1]
    return _row(fields.astype(np.float32), _centres(name, depth, at), pixels)


def measured(name: str, depth: int, rows: dict[int, Row]) -> Measured:
    """Rows of one network and depth as the browser takes them."""
    at = sorted(rows)
    places = tuple(r * PLACES + column for r in at for column in range(PLACES))
    return Measured(
        name, depth, places,
        np.concatenate([rows[r].fields for r in at]), np.concatenate([rows[r].radii for r in at]),
    )  # fmt: skip


def gallery() -> tuple[Key, ...]:
    """Keys and bytes of the pictures that are averaged."""
    return tuple(cached.sample(name) for name in AVERAGED if name in samples.SAMPLES)


def crop_of(name: str) -> str:
    """Name of the crop that a network sees: networks of one crop share it."""
    return f"picture {CATALOG[name].preprocessing.crop_share:g}"


@st.cache_resource(max_entries=8, show_spinner=False)
def picture_jpeg(name: str, key: str, _raw: bytes) -> bytes:
    """What the networks see, for the browser."""
    return images.encode_jpeg(swin.prepared(name, key, _raw).crop, side=PICTURE_PIXELS)
