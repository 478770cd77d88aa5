"""Maps of different grids and crops brought to one grid, and how far their orders agree."""

import numpy as np
from jaxtyping import Float, Int

from viz_core.attribution.agreement import spearman

Box = tuple[float, float, float]  # left, top and side of a square, in shares of the picture's
WHOLE: Box = (0.0, 0.0, 1.0)


def overlap(
    start: float, length: float, cells: int, edges: Float[np.ndarray, " edge"]
) -> np.ndarray:
    """Share of each interval between edges that each cell of a line covers, (interval, cell).

    Args:
        start: Where the line of cells begins.
        length: How long it is.
        cells: How many cells it is cut into.
        edges: Of the intervals, ascending; all of them within the line.
    """
    borders = start + length * np.arange(cells + 1) / cells
    low = np.maximum(edges[:-1, None], borders[None, :-1])
    high = np.minimum(edges[1:, None], borders[None, 1:])
    covered = np.clip(high - low, 0, None)
    return covered / (edges[1:] - edges[:-1])[:, None]


def resampled(
    values: Float[np.ndarray, "side side"], box: Box, onto: Box, cells: int
) -> Float[np.ndarray, "cells cells"]:
    """A map on another grid: each new cell holds the mean of what it covers.

    Args:
        values: Square map.
        box: Which square of the picture it lies on.
        onto: Which square of the picture the new grid lies on; within `box`.
        cells: Side of the new grid.

    Raises:
        ValueError: If the map is not square, or `onto` reaches out of `box`.
    """
    side = len(values)
    if values.shape != (side, side) or cells < 1:
        raise ValueError(f"a map of {values.shape} cannot be brought to {cells} cells")
    gaps = [(onto[k] - box[k], box[k] + box[2] - onto[k] - onto[2]) for k in (0, 1)]
    if min(map(min, gaps)) < -1e-9:
        raise ValueError("the new grid reaches beyond the map")
    across, down = (
        overlap(box[k], box[2], side, onto[k] + onto[2] * np.arange(cells + 1) / cells)
        for k in (0, 1)
    )
    return down @ values.astype(np.float64) @ across.T


def shared(one: Box, other: Box) -> Box:
    """The square that two centred squares of a picture have in common: the smaller one."""
    return one if one[2] <= other[2] else other


def agreement(
    one: Float[np.ndarray, "side side"],
    other: Float[np.ndarray, "size size"],
    boxes: tuple[Box, Box] = (WHOLE, WHOLE),
) -> tuple[float, int]:
    """Rank correlation of two maps on the coarser of their grids, and that grid's side.

    Args:
        one: Square map.
        other: Square map of any other side.
        boxes: Squares of the picture that they lie on, around the same middle.

    Raises:
        ValueError: If a map is not square or not finite.
    """
    onto = shared(*boxes)
    cells = min(len(one), len(other))
    a, b = (resampled(x, box, onto, cells) for x, box in zip((one, other), boxes, strict=True))
    # Means over cells carry rounding: without this, equal cells would be ranked by their noise.
    a, b = (np.round(x / (np.abs(x).max() or 1), 9) for x in (a, b))
    return spearman(a, b), cells


def descending(values: Float[np.ndarray, "*shape"]) -> Int[np.ndarray, "*shape"]:
    """Rank of each value, 1 for the largest; equal values share the best of their ranks."""
    flat = values.ravel()
    _, place, count = np.unique(-flat, return_inverse=True, return_counts=True)
    best = np.cumsum(count) - count + 1
    return best[place.reshape(flat.shape)].reshape(values.shape)
