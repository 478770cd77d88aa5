"""Do methods agree on what counts? Ranks, because their units differ."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Num


def ranks(values: Num[np.ndarray, "..."]) -> Float[np.ndarray, " value"]:
    """Places from 0 for the smallest; equal values share the mean of their places.

    Raises:
        ValueError: If a value is not finite.
    """
    flat = values.ravel().astype(np.float64)
    if not np.isfinite(flat).all():
        raise ValueError("values that are not finite have no rank")
    _, which, counts = np.unique(flat, return_inverse=True, return_counts=True)
    last = counts.cumsum()
    return ((last - counts + last - 1) / 2)[which.ravel()]


def spearman(one: Num[np.ndarray, "..."], other: Num[np.ndarray, "..."]) -> float:
    """Rank correlation of two maps on the same cells, from -1 to 1.

    1: the same order; 0: the order of one says nothing about the other's; -1: opposite orders.

    Returns:
        Pearson's correlation of the `ranks`; NaN if one of the maps is the same everywhere: it
        has no order to compare.

    Raises:
        ValueError: If the maps differ in size or have values that are not finite.

    Source:
        Spearman 1904; used for saliency maps by Adebayo et al. 2018, section 3.
    """
    if one.shape != other.shape:
        raise ValueError(f"maps of {one.shape} and {other.shape} do not compare")
    first, second = (r - r.mean() for r in (ranks(one), ranks(other)))
    size = np.sqrt((first @ first) * (second @ second))
    if size == 0:
        return float("nan")
    return float(np.clip(first @ second / size, -1, 1))


def matrix(
    maps: Sequence[Num[np.ndarray, "row column"]],
) -> Float[np.ndarray, "map map"]:
    """Rank correlation of every two maps; NaN in rows and columns of maps without an order.

    Raises:
        ValueError: As `spearman`.
    """
    found = np.full((len(maps), len(maps)), np.nan)
    for i, one in enumerate(maps):
        for j in range(i, len(maps)):
            found[i, j] = found[j, i] = spearman(one, maps[j])
    return found


def overlap(one: Num[np.ndarray, "..."], other: Num[np.ndarray, "..."], count: int) -> float:
    """Share of the `count` highest cells of a map that are among another's, in [0, 1].

    Two orders that know nothing of each other share count / cells. Equal cells at the edge of the
    choice are in by an equal part: of four that tie for two places, each by a half.

    Raises:
        ValueError: If the maps differ in size, have not so many cells, or have values that are
            not finite.
    """
    if one.shape != other.shape:
        raise ValueError(f"maps of {one.shape} and {other.shape} do not compare")
    if not 1 <= count <= one.size:
        raise ValueError(f"of {one.size} cells 1 to {one.size} can be the highest, got {count}")
    return float(np.minimum(_highest(one, count), _highest(other, count)).sum() / count)


def _highest(values: np.ndarray, count: int) -> Float[np.ndarray, " value"]:
    """By how much each value is among the highest `count`: 1, 0, or a part for those that tie."""
    flat = values.ravel()
    if not np.isfinite(flat).all():
        raise ValueError("values that are not finite cannot be the highest")
    edge = np.sort(flat)[-count]
    above, at = flat > edge, flat == edge
    return above + at * (count - above.sum()) / at.sum()
