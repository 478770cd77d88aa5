"""Position tables as numbers: made by formula, compared with each other, taken apart."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int, UInt8

Direction = Literal["any", "row", "column"]
BASE = 10000.0


def sinusoid(length: int, width: int, base: float = BASE) -> Float[np.ndarray, "position width"]:
    """Position `p` as sines (even channels) and cosines (odd ones) of ever longer waves.

    Channel pair i turns by `base ** (-2 i / width)` radians a position. The dot product of two
    rows is the sum of cosines of their distance: it depends on nothing else.

    Args:
        length: Number of positions.
        width: Number of channels, even.
        base: Wavelengths run from 2π up to almost 2π · base positions.

    Raises:
        ValueError: If `length` is below 1, `width` odd or below 2, or `base` not above 0.

    Source:
        Vaswani et al. 2017, section 3.5.
    """
    if length < 1 or width < 2 or width % 2 or not base > 0:
        raise ValueError(
            f"length >= 1, an even width and base > 0 are needed; got {length}, {width}, {base}"
        )
    angles = np.outer(np.arange(length), frequencies(width // 2, base))
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, width)


def frequencies(pairs: int, base: float = BASE) -> Float[np.ndarray, " pair"]:
    """Radians a position of each pair of channels, from 1 down to almost 1 / base.

    Raises:
        ValueError: If there is no pair or `base` is not above 0.
    """
    if pairs < 1 or not base > 0:
        raise ValueError(f"frequencies need a pair and base > 0; got {pairs}, {base}")
    return base ** (-np.arange(pairs) / pairs)


def sincos_2d(
    grid: tuple[int, int], width: int, base: float = BASE
) -> Float[np.ndarray, "patch width"]:
    """Two sinusoids side by side: the first half of the channels says the column, then the row.

    Each half holds all its sines before all its cosines. The column comes first because the
    published code passes `np.meshgrid(grid_w, grid_h)` and takes its first output for the first
    half ("here w goes first"), although it calls that half `emb_h`.

    Args:
        grid: Rows and columns of patches.
        width: Number of channels, a multiple of 4.
        base: As in `sinusoid`.

    Raises:
        ValueError: If the grid is empty, `width` is no multiple of 4, or `base` not above 0.

    Source:
        He et al. 2022, facebookresearch/mae, util/pos_embed.py; Chen et al. 2021 (MoCo v3).
    """
    if min(grid) < 1 or width < 4 or width % 4:
        raise ValueError(f"2-D sin-cos needs a grid and a multiple of 4; got {grid}, {width}")
    row, column = np.indices(grid).reshape(2, -1)
    turns = frequencies(width // 4, base)
    halves = [np.outer(place, turns) for place in (column, row)]
    waves = [wave(half) for half in halves for wave in (np.sin, np.cos)]
    return np.concatenate(waves, axis=1)


def similarity(
    table: Float[np.ndarray, "position width"], *, centred: bool = False
) -> Float[np.ndarray, "position position"]:
    """Cosine of the angle between every two positions, -1 to 1.

    Args:
        table: One vector a position.
        centred: Take out the part that all positions share, their mean: added to every token
            alike, it cannot say where a token is.

    Raises:
        ValueError: If a position has no direction, for example where all are zero.

    Source:
        Dosovitskiy et al. 2021, figure 7 (centre), which does not centre.
    """
    vectors = table.astype(np.float64)
    vectors = vectors - vectors.mean(axis=0) if centred else vectors
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (lengths > 1e-9 * max(1.0, float(np.abs(table).max()))).all():
        raise ValueError("a position without length has no direction to compare")
    unit = vectors / lengths
    return np.clip(unit @ unit.T, -1, 1)


def shared_share(table: Float[np.ndarray, "position width"]) -> float:
    """Share of the table's squared length that is the same for all positions, 0 to 1.

    Raises:
        ValueError: If the table is zero.
    """
    values = table.astype(np.float64)
    total = float((values**2).sum())
    if not total > 0:
        raise ValueError("a table of zeros has no length to share")
    return float(len(values) * (values.mean(axis=0) ** 2).sum()) / total


def agreement(
    one: Float[np.ndarray, "position width"], other: Float[np.ndarray, "its_position its_width"]
) -> float:
    """How alike two tables are number by number: the cosine of both as one long vector each.

    What the positions of a table share is taken out of it first. Tables that grew from random
    numbers come close to 0 even where both order the positions alike.

    Raises:
        ValueError: If the tables differ in shape, or the positions of one are all equal.
    """
    if one.shape != other.shape:
        raise ValueError(f"tables of shape {one.shape} and {other.shape} cannot be compared")
    centred = [
        table.astype(np.float64) - table.mean(axis=0, dtype=np.float64) for table in (one, other)
    ]
    lengths = [float(np.linalg.norm(table)) for table in centred]
    if not min(lengths) > 1e-9 * max(1.0, float(np.abs(one).max()), float(np.abs(other).max())):
        raise ValueError("a table whose positions are all equal has no direction to compare")
    return float(np.vdot(*centred)) / (lengths[0] * lengths[1])


@dataclass(frozen=True)
class Curve:
    """Mean similarity of positions that lie equally far apart.

    Attributes:
        distance: In patches, rising.
        mean: Mean cosine of all pairs at that distance.
        pairs: How many ordered pairs there are.
    """

    distance: Int[np.ndarray, " step"]
    mean: Float[np.ndarray, " step"]
    pairs: Int[np.ndarray, " step"]


def by_distance(
    cosines: Float[np.ndarray, "patch patch"], grid: tuple[int, int], direction: Direction = "any"
) -> Curve:
    """How similarity falls with distance on the grid.

    Args:
        cosines: From `similarity`.
        grid: Rows and columns of patches.
        direction: "row": only pairs in the same row; "column": only in the same column; "any":
            all pairs, their Euclidean distance rounded to whole patches.

    Raises:
        ValueError: If the grid does not have as many patches, or the direction is unknown.
    """
    if grid[0] * grid[1] != len(cosines):
        raise ValueError(f"a grid of {grid[0]} x {grid[1]} does not have {len(cosines)} patches")
    if direction not in ("any", "row", "column"):
        raise ValueError(f"direction must be any, row or column, got {direction!r}")
    row, column = np.indices(grid).reshape(2, -1)
    down, right = row[:, None] - row, column[:, None] - column
    chosen = {"any": np.ones_like(down, bool), "row": down == 0, "column": right == 0}[direction]
    apart = np.rint(np.hypot(down, right)).astype(int)[chosen]
    pairs = np.bincount(apart)
    sums = np.bincount(apart, weights=cosines[chosen])
    steps = np.flatnonzero(pairs)
    return Curve(steps, sums[steps] / pairs[steps], pairs[steps])


@dataclass(frozen=True)
class Components:
    """Directions in which the positions differ most, strongest first.

    Attributes:
        scores: How far each position lies along each component, in the table's own unit.
        share: Share of the positions' variance that each component holds, 0 to 1.
        axes: The components themselves, unit vectors.
        centre: Mean of all positions.
    """

    scores: Float[np.ndarray, "component position"]
    share: Float[np.ndarray, " component"]
    axes: Float[np.ndarray, "component width"]
    centre: Float[np.ndarray, " width"]

    def score(
        self, table: Float[np.ndarray, "other width"], component: int
    ) -> Float[np.ndarray, " other"]:
        """How far the positions of another table lie along a component, counted from 0."""
        return (table - self.centre) @ self.axes[component]


def components(table: Float[np.ndarray, "position width"], count: int = 12) -> Components:
    """Principal components of a table.

    Args:
        table: One vector a position; their mean is taken out first.
        count: How many components to return.

    Returns:
        As many components as asked. Their signs, which mean nothing, are set so that the
        (first) entry of largest size is positive.

    Raises:
        ValueError: If there are not so many components, or all positions are equal.
    """
    if not 1 <= count <= min(table.shape):
        raise ValueError(f"a table of shape {table.shape} has no {count} components")
    values = table.astype(np.float64)
    centre = values.mean(axis=0)
    left, sizes, right = np.linalg.svd(values - centre, full_matrices=False)
    total = float((sizes**2).sum())
    if not total > 1e-18 * max(1.0, float((values**2).sum())):
        raise ValueError("positions that are all equal have no components")
    scores = (left * sizes).T[:count]
    heights = np.abs(scores)
    # The first of those that are as large up to rounding: symmetric maps have several.
    peaks = (heights >= (1 - 1e-6) * heights.max(axis=1, keepdims=True)).argmax(axis=1)
    signs = np.where(scores[np.arange(count), peaks] < 0, -1, 1)[:, None]
    return Components(scores * signs, sizes[:count] ** 2 / total, right[:count] * signs, centre)


def as_rgb(scores: Float[np.ndarray, "3 position"]) -> UInt8[np.ndarray, "position 3"]:
    """Three components as red, green and blue: grey is 0, each scaled to its largest size.

    Raises:
        ValueError: If a component is zero everywhere.
    """
    largest = np.abs(scores).max(axis=1, keepdims=True)
    if not (largest > 0).all():
        raise ValueError("a component of zeros has no colour")
    return np.rint(127.5 + 127.5 * scores / largest).astype(np.uint8).T.copy()
