"""What the component `segment` is sent, in the envelope of `viz_core.patch_frames`.

A message of kind `stage` holds all but the cuts; one of kind `cut` holds those, for one setting of
the graph; one of kind `answers` what the network says of single regions. Parts, little endian:

    picture   JPEG (stage)
    labels    uint8: groupings one after the other; a table's `at` is where its first one starts
    colours   uint8 (place, 3): mean colour of every place, grid by grid (stage)
    shares    float32 (map, place), and
    entries   float32 (map, place): `regions.entries` of the same maps (stage)
    front     uint8 (place): 1 where the first cut's front is, layer by layer (cut)
    vectors   int8 (vector, place): 127 is the vector's own largest entry, layer by layer (cut)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from viz_core import patch_frames
from viz_core.cuts import Division
from viz_core.regions import Grid, Grouped, entries

VECTORS = 4  # eigenvectors that are sent of each layer
DIGITS = 4  # of silhouettes


@dataclass(frozen=True)
class Surface:
    """What the colours of one grid are, and the groupings of nothing but them.

    Attributes:
        grid: Rows and columns of places.
        colours: Mean colour of every place.
        groups: Groupings of these colours.
    """

    grid: Grid
    colours: UInt8[np.ndarray, "_place 3"]
    groups: Grouped


@dataclass(frozen=True)
class Layer:
    """One layer as the browser shows it.

    Attributes:
        name: What people call it.
        surface: Index of its surface.
        groups: Groupings of its tokens.
        joined: Side of the square of the layer's own places that one place here is the mean of.
    """

    name: str
    surface: int
    groups: Grouped
    joined: int = 1


@dataclass(frozen=True)
class Looks:
    """Maps of what is read, of one layer or of all.

    Attributes:
        layer: Index of the layer; -1 for a sum over all of them.
        surface: Index of the surface with its grid.
        names: What each map is called.
        maps: Shares, at least 0.
    """

    layer: int
    surface: int
    names: Sequence[str]
    maps: Float[np.ndarray, "_map _place"]


def pack_stage(
    surfaces: Sequence[Surface],
    layers: Sequence[Layer],
    looks: Sequence[Looks],
    *,
    picture_jpeg: bytes,
    **header: object,
) -> bytes:
    """The message of kind `stage`.

    Args:
        surfaces: One for each grid that a layer has.
        layers: Every layer, in order.
        looks: Maps for the way “Attention”; none where a network has no attention.
        picture_jpeg: What the network sees.
        header: Further fields of the header.
    """
    labels = _Pile()
    told = {
        "surfaces": [{"grid": list(one.grid), **labels.table(one.groups)} for one in surfaces],
        "layers": [
            {
                "name": one.name,
                "surface": one.surface,
                "joined": one.joined,
                **labels.table(one.groups),
            }
            for one in layers
        ],
        "looks": [
            {"layer": one.layer, "surface": one.surface, "names": list(one.names)} for one in looks
        ],
    }
    maps = [row for one in looks for row in one.maps]
    return patch_frames.pack(
        {"kind": "stage", **told, **header},
        picture=picture_jpeg,
        labels=labels.bytes(),
        colours=b"".join(one.colours.tobytes() for one in surfaces),
        shares=b"".join(row.astype("<f4").tobytes() for row in maps),
        entries=b"".join(entries(row).astype("<f4").tobytes() for row in maps),
    )


def pack_cuts(
    divisions: Sequence[Division | None], groups: Sequence[Grouped], **header: object
) -> bytes:
    """The message of kind `cut`.

    Args:
        divisions: One a layer; None where all tokens are alike.
        groups: Their labels with numbers that hold from layer to layer, and their silhouettes.
        header: Further fields of the header.

    Raises:
        ValueError: If there are not as many groups as divisions.
    """
    if len(divisions) != len(groups):
        raise ValueError(f"{len(divisions)} divisions and {len(groups)} groupings")
    labels, rows, front, vectors = _Pile(), [], [], []
    for division, group in zip(divisions, groups, strict=True):
        row = labels.table(group)
        if division is not None:
            sent = division.vectors[:VECTORS]
            tops = np.abs(sent).max(axis=1, keepdims=True)
            front.append(division.labels[0].tobytes())
            vectors.append(np.rint(sent / tops * 127).astype(np.int8).tobytes())
            row |= {
                "places": sent.shape[1],
                "costs": _rounded(division.costs),
                "values": _rounded(division.eigenvalues[:VECTORS]),
                "tops": _rounded(tops[:, 0]),
            }
        rows.append(row)
    return patch_frames.pack(
        {"kind": "cut", "layers": rows, **header},
        labels=labels.bytes(), front=b"".join(front), vectors=b"".join(vectors),
    )  # fmt: skip


def pack_answers(rows: Sequence[Mapping[str, Any]], **header: object) -> bytes:
    """The message of kind `answers`: what the network says of each region, and without it."""
    return patch_frames.pack({"kind": "answers", "rows": [dict(row) for row in rows], **header})


class _Pile:
    """Groupings put one after the other."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.length = 0

    def table(self, groups: Grouped) -> dict[str, Any]:
        """Where groupings start, and their numbers for the header."""
        at = self.length
        part = np.ascontiguousarray(groups.labels, np.uint8).tobytes()
        self.parts.append(part)
        self.length += len(part)
        return {
            "at": at, "counts": list(groups.counts), "whole": _rounded(groups.whole),
            "each": [_rounded(row) for row in groups.each],
        }  # fmt: skip

    def bytes(self) -> bytes:
        return b"".join(self.parts)


def _rounded(values: Sequence[float] | np.ndarray) -> list[float]:
    return [round(float(value), DIGITS) for value in values]
