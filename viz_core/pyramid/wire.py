"""What the component `pyramid` is sent; `cutter/js/wire.js` reads it (see `patch_frames`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from viz_core import macs, patch_frames
from viz_core.pyramid import features
from viz_core.swin_macs import StageCost

# The order in which PatchMerging lines up the four neighbours of a 2 x 2 square: (row, column).
SLICES = ((0, 0), (1, 0), (0, 1), (1, 1))
WITHIN = 0.97


@dataclass(frozen=True)
class Peer:
    """A network of one scale to stand beside the pyramid.

    Attributes:
        title: What people call it.
        grid: Patches along a side, in every layer.
        width: Numbers a token has.
        depth: Layers.
        heads: Heads of each layer.
        macs: Multiply-adds of one forward pass.
        parameters: Weights.
    """

    title: str
    grid: int
    width: int
    depth: int
    heads: int
    macs: int
    parameters: int


def slices(
    merged: Float[np.ndarray, "row column four_widths"],
) -> Float[np.ndarray, "slice row column width"]:
    """The four strided slices of which a merging's input consists, in the order of `SLICES`.

    Slice k of a map x is x[i::2, j::2] with (i, j) = SLICES[k].

    Raises:
        ValueError: If the last axis does not divide by four.

    Source:
        Liu et al. 2021, section 3.1; the order is that of Microsoft's code and of timm's.
    """
    rows, columns, four = merged.shape
    if four % len(SLICES):
        raise ValueError(f"{four} numbers are not four tokens side by side")
    cut = merged.reshape(rows, columns, len(SLICES), four // len(SLICES))
    return np.moveaxis(cut, 2, 0)


def short(count: int) -> str:
    """A count with its prefix and without its unit: "344 M".

    Raises:
        ValueError: If the count is negative.
    """
    return macs.readable(count, "MACs").removesuffix("MACs").rstrip()


def pack(
    *,
    title: str,
    patch: int,
    picture_jpeg: bytes,
    pixels: UInt8[np.ndarray, "side side 3"],
    maps: Sequence[Float[np.ndarray, "_row _column _width"]],
    merged: Sequence[Float[np.ndarray, "_row _column _four_widths"]],
    reduced: Sequence[Float[np.ndarray, "_row _column _two_widths"]],
    costs: Sequence[StageCost],
    totals: Mapping[str, str],
    peer: Peer,
) -> bytes:
    """One message: the pyramid on a picture, and the values of every merging.

    Args:
        title: The network, as people call it.
        patch: Side of a patch in pixels.
        picture_jpeg: The crop at any resolution.
        pixels: The network's input as bytes.
        maps: What each stage hands on.
        merged: What enters each merging; its numbers are sent as bytes of one scale a merging.
        reduced: What each merging hands on.
        costs: Cost of every stage.
        totals: Counts of the whole network, as text.
        peer: A network of one scale.

    Raises:
        ValueError: If maps, costs and mergings do not belong to one pyramid.
    """
    grids = [one.shape[0] for one in maps]
    if grids != [cost.grid for cost in costs] or len(merged) != len(maps) - 1:
        raise ValueError(f"maps of {grids} tokens do not fit {len(costs)} stages")
    most = max(cost.total for cost in costs)
    heaviest = max(cost.parameters for cost in costs)
    stages, parts = [], {}
    for k, (one, cost) in enumerate(zip(maps, costs, strict=True)):
        colours, held = features.principal_colours(one)
        lengths = features.lengths(one)
        low, high = float(lengths.min()), float(lengths.max())
        unit = 255 / (high - low) if high > low else 0.0
        parts[f"colours{k}"] = colours.tobytes()
        parts[f"lengths{k}"] = np.rint(unit * (lengths - low)).astype(np.uint8).tobytes()
        stages.append(
            {
                "grid": cost.grid, "width": cost.width, "depth": cost.depth, "heads": cost.heads,
                "window": cost.window, "macs": short(cost.total),
                "parameters": short(cost.parameters),
                "work": cost.total / most, "weight": cost.parameters / heaviest,
                "held": held, "lengths": [low, high],
            }
        )  # fmt: skip
    tops = []
    for k, (before, after) in enumerate(zip(merged, reduced, strict=True)):
        entered, top = patch_frames.levels(before, WITHIN)
        left, after_top = patch_frames.levels(after, WITHIN)
        parts[f"merged{k}"], parts[f"reduced{k}"] = entered.tobytes(), left.tobytes()
        parts[f"after{k}"] = features.principal_colours(after)[0].tobytes()
        tops.append({"merged": top, "reduced": after_top})
    header: dict[str, Any] = {
        "title": title, "patch": patch, "side": len(pixels), "stages": stages, "tops": tops,
        "slices": SLICES, "totals": dict(totals), "view": {},
        "peer": {
            "title": peer.title, "grid": peer.grid, "width": peer.width, "depth": peer.depth,
            "heads": peer.heads, "macs": short(peer.macs), "parameters": short(peer.parameters),
        },
    }  # fmt: skip
    return patch_frames.pack(header, picture=picture_jpeg, pixels=pixels.tobytes(), **parts)
