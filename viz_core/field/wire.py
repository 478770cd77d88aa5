"""What the component `field` is sent; `cutter/js/wire.js` reads it (see `patch_frames`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32

from viz_core import patch_frames, receptive_field
from viz_core.receptive_field import Layer

CELLS = 56  # a field is sent at this many cells a side


@dataclass(frozen=True)
class Measured:
    """The fields of one network at one depth, for some places of a coarse grid.

    Attributes:
        network: Key of the catalog.
        depth: Index of the block, from 0.
        places: Row-major index in the coarse grid of each field.
        fields: Shares of each field's mass.
        radii: Pixels that hold half and nine tenths of it, (place, 2).
    """

    network: str
    depth: int
    places: tuple[int, ...]
    fields: Float32[np.ndarray, "_place _row _column"]
    radii: Float32[np.ndarray, "_place 2"]


def pack(
    measured: Sequence[Measured],
    networks: Sequence[Mapping[str, Any]],
    *,
    parts: Mapping[str, bytes],
    **header: object,
) -> bytes:
    """One message: fields as bytes, their radii, and what the networks are called.

    Args:
        measured: Any networks, depths and places; the browser collects them.
        networks: What the panels say, left to right; empty in a message that only adds fields.
        parts: Further binary parts, such as the picture.
        header: Further fields of the header.

    Raises:
        ValueError: If there is not one field and one pair of radii a place.
    """
    entries, level_parts, number_parts, at = [], [], [], 0
    for one in measured:
        if not len(one.places) == len(one.fields) == len(one.radii):
            raise ValueError(f"{len(one.places)} places, {len(one.fields)} fields")
        levels, tops = receptive_field.levels(receptive_field.pooled(one.fields, CELLS))
        entries.append(
            {"network": one.network, "depth": one.depth, "places": list(one.places),
             "cells": levels.shape[-1], "at": at}
        )  # fmt: skip
        at += levels.size
        level_parts.append(levels.tobytes())
        number_parts.append(np.column_stack([tops, one.radii]).astype("<f4").tobytes())
    told = {"kind": "field", "networks": [dict(one) for one in networks], "entries": entries}
    return patch_frames.pack(
        {**header, **told}, levels=b"".join(level_parts), numbers=b"".join(number_parts), **parts,
    )  # fmt: skip


def outline(
    layers: Sequence[Layer], side: int, units: Sequence[int], pixels: int
) -> list[list[int]]:
    """First and last pixel, half open, of the theoretical field of each unit along an axis.

    Args:
        layers: From `receptive_field`.
        side: Places of the map.
        units: Indices in it.
        pixels: Side of the picture.

    Raises:
        ValueError: If a unit is outside the map.
    """
    found = []
    for unit in units:
        reach = np.flatnonzero(receptive_field.field(layers, unit, side))
        found.append([int(reach[0]), int(reach[-1]) + 1])
        if found[-1][1] > pixels:
            raise ValueError(f"a field of {found[-1]} in a picture of {pixels} pixels")
    return found


def units(side: int, places: int) -> tuple[int, ...]:
    """Indices of the units of a map that stand for `places` places along an axis.

    Raises:
        ValueError: If the map has no places.
    """
    if side < 1 or places < 1:
        raise ValueError(f"{places} places in a map of {side}")
    return tuple(min(side - 1, int((k + 0.5) * side / places)) for k in range(places))
