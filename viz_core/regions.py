"""Regions of a picture: how well they hold together, how alike two groupings are, steady numbers.

A grouping gives every place of a grid, row by row, the number of its region, from 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Integer, UInt8

from viz_core import clusters

Grid = tuple[int, int]
LARGEST = 784  # places: a larger map is made coarser first, so that all of it stays quick


@dataclass(frozen=True)
class Grouped:
    """Groupings of one map, one for each count of regions; read-only.

    Attributes:
        counts: How many regions each grouping has.
        labels: Region of every place.
        whole: Mean silhouette of each grouping, in [-1, 1].
        each: Mean silhouette of every region of each grouping.
    """

    counts: tuple[int, ...]
    labels: UInt8[np.ndarray, "grouping place"]
    whole: tuple[float, ...]
    each: tuple[tuple[float, ...], ...]


def graded(
    points: Float[np.ndarray, "place width"],
    counts: Sequence[int],
    labels: UInt8[np.ndarray, "grouping place"],
) -> Grouped:
    """Groupings with their silhouettes.

    Args:
        points: What every place holds.
        counts: How many regions each grouping has.
        labels: Groupings, each of regions 0 to count - 1, none of them empty.

    Raises:
        ValueError: If there is not one count a grouping, or a number is not finite.
    """
    if len(counts) != len(labels):
        raise ValueError(f"{len(counts)} counts for {len(labels)} groupings")
    if not len(counts):
        return Grouped((), labels, (), ())
    apart = np.sqrt(
        clusters.squared_distances(points - points.mean(axis=0), points - points.mean(axis=0))
    )
    whole, each = [], []
    for count, row in zip(counts, labels, strict=True):
        scores = clusters.silhouettes(apart, row)
        whole.append(float(scores.mean()))
        sizes = np.maximum(np.bincount(row, minlength=count), 1)
        each.append(tuple((np.bincount(row, scores, minlength=count) / sizes).tolist()))
    labels.flags.writeable = False
    return Grouped(tuple(counts), labels, tuple(whole), tuple(each))


def coarser(
    values: Float[np.ndarray, "place width"], grid: Grid, largest: int = LARGEST
) -> tuple[Float[np.ndarray, "coarse width"], Grid]:
    """Means over squares of places, the smallest squares that leave at most `largest` of them.

    Raises:
        ValueError: If the grid does not hold these places, or no square divides it.
    """
    rows, columns = grid
    if rows * columns != len(values) or largest < 1:
        raise ValueError(f"{len(values)} places are not {rows} x {columns}")
    sides = (side for side in range(1, rows + 1) if rows % side == columns % side == 0)
    fitting = [side for side in sides if len(values) <= largest * side * side]
    if not fitting:
        raise ValueError(f"no square leaves {largest} of {rows} x {columns} places")
    side = fitting[0]
    cut = values.reshape(rows // side, side, columns // side, side, -1)
    return cut.mean(axis=(1, 3)).reshape(-1, values.shape[1]), (rows // side, columns // side)


def colours(pixels: UInt8[np.ndarray, "side side 3"], grid: Grid) -> Float[np.ndarray, "place 3"]:
    """Mean colour of every place, from 0 to 1.

    Raises:
        ValueError: If the places do not divide the picture.
    """
    side = len(pixels)
    if side % grid[0] or side % grid[1]:
        raise ValueError(f"{side} pixels do not divide into {grid[0]} x {grid[1]} places")
    cut = pixels.reshape(grid[0], side // grid[0], grid[1], side // grid[1], 3)
    return cut.mean(axis=(1, 3)).reshape(-1, 3) / 255


def resized(labels: Integer[np.ndarray, " place"], grid: Grid, to: Grid) -> np.ndarray:
    """A grouping on another grid: each place takes the region at its middle.

    Raises:
        ValueError: If the grid does not hold these places.
    """
    if grid[0] * grid[1] != len(labels):
        raise ValueError(f"{len(labels)} places are not {grid[0]} x {grid[1]}")
    down = ((np.arange(to[0]) + 0.5) * grid[0] / to[0]).astype(int)
    right = ((np.arange(to[1]) + 0.5) * grid[1] / to[1]).astype(int)
    return labels.reshape(grid)[np.ix_(down, right)].ravel()


def matched(
    labels: Integer[np.ndarray, " place"], *known: Integer[np.ndarray, " _place"]
) -> UInt8[np.ndarray, " place"]:
    """A grouping whose regions have the numbers of the known regions they overlap most.

    The largest overlap of all is served first, then the largest that is left, and so on: each
    number goes to one region only. What overlaps nothing gets the lowest numbers that are free.

    Args:
        labels: Grouping to be numbered anew.
        known: Groupings of the same places; overlaps are added up over them.

    Raises:
        ValueError: If a known grouping is of other places.
    """
    if any(len(one) != len(labels) for one in known):
        raise ValueError("regions of other places cannot be matched")
    own = np.unique(labels)
    most = max([len(own), *(int(one.max()) + 1 for one in known)])
    votes = np.zeros((len(own), most))
    for one in known:
        for place, region in enumerate(own):
            votes[place] += np.bincount(one[labels == region], minlength=most)
    numbers: dict[int, int] = {}
    for at in np.argsort(-votes, axis=None, kind="stable"):
        region, number = divmod(int(at), most)
        # Numbers stay below the count of regions, so that the first k colours are those in use.
        free = region not in numbers and number not in numbers.values() and number < len(own)
        if votes[region, number] > 0 and free:
            numbers[region] = number
    left = iter([k for k in range(len(own)) if k not in numbers.values()])
    turned = np.array([numbers[r] if r in numbers else next(left) for r in range(len(own))])
    return turned[np.searchsorted(own, labels)].astype(np.uint8)


Groupings = tuple[Grid, UInt8[np.ndarray, "_grouping _place"]]


def steady(
    levels: Sequence[Groupings], beside: Sequence[Groupings] = ()
) -> list[UInt8[np.ndarray, "_grouping _place"]]:
    """Groupings of several layers, numbered so that a region keeps its number where it can.

    Each grouping is matched to three at once: of one region less in its own layer, of as many
    regions in the layer before, and of as many regions in the groupings beside it.

    Args:
        levels: Grid and groupings of each layer, each with one region more than the one before.
        beside: Groupings found in another way, layer by layer, whose numbers are known; or none.

    Raises:
        ValueError: If there are groupings beside some layers only.
    """
    if beside and len(beside) != len(levels):
        raise ValueError(f"groupings beside {len(beside)} of {len(levels)} layers")
    found: list[np.ndarray] = []
    before: Groupings | None = None
    for at, (grid, groupings) in enumerate(levels):
        others = [*([] if before is None else [before]), *beside[at : at + 1]]
        rows: list[np.ndarray] = []
        for count, labels in enumerate(groupings):
            same = [resized(o[count], g, grid) for g, o in others if count < len(o)]
            rows.append(matched(labels, *rows[-1:], *same))
        found.append(np.stack(rows) if rows else groupings)
        before = (grid, found[-1]) if rows else before
    return found


def adjusted_rand(
    first: Integer[np.ndarray, " place"], second: Integer[np.ndarray, " _place"]
) -> float:
    """How alike two groupings are, whatever their numbers: 1 for the same, 0 on average by chance.

    Of all pairs of places: how many are together in both, less what chance would give, as a
    share of the most that is possible. Two groupings of one region each are the same.

    Raises:
        ValueError: If they are of different places, or of none.

    Source:
        Hubert & Arabie 1985, Comparing partitions, Journal of Classification 2, equation 5.
    """
    if len(first) != len(second) or not len(first):
        raise ValueError(f"groupings of {len(first)} and {len(second)} places")
    table = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(table, (first, second), 1)
    together = _pairs(table)
    rows, columns = _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0))
    chance = rows * columns / max(_pairs(np.array([len(first)])), 1)
    most = (rows + columns) / 2
    return 1.0 if most == chance else (together - chance) / (most - chance)


def _pairs(counts: np.ndarray) -> float:
    return float((counts * (counts - 1) / 2).sum())


def entries(shares: Float[np.ndarray, " place"]) -> Float[np.ndarray, " place"]:
    """The share of all mass that is held without a place when it joins the mask.

    A place is in `attention.mass_mask(shares, p)` just where its entry is below p, so one list of
    entries holds the masks of every p.

    Raises:
        ValueError: If the weights are negative or all 0.
    """
    values = shares.astype(np.float64)
    if (values < 0).any() or not values.any():
        raise ValueError("shares must be at least 0 and not all 0")
    order = np.argsort(-values, kind="stable")
    held = np.cumsum(values[order]) / values.sum()
    found = np.zeros(len(values))
    found[order[1:]] = held[:-1]
    return found


def apart(
    image: Float32[np.ndarray, "1 3 side side"],
    labels: Integer[np.ndarray, " place"],
    grid: Grid,
    count: int,
) -> Float32[np.ndarray, "picture 3 side side"]:
    """The picture with only one region left, for each of them, then with each of them taken away.

    What is missing is 0, the mean colour of the pictures that the network was trained on.

    Args:
        image: Normalised picture.
        labels: Its regions.
        grid: Rows and columns of places.
        count: How many regions there are; 2 `count` pictures are returned.
    """
    side = image.shape[-1]
    pixels = resized(labels, grid, (side, side)).reshape(side, side)
    inside = pixels == np.arange(count)[:, None, None]
    masks = np.concatenate([inside, ~inside])[:, None]
    return np.where(masks, image, np.float32(0))
