"""Tables to put in place of a network's own positions."""

from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from viz_core import positions

Replacement = Literal[
    "own", "none", "same", "shuffled", "sinusoid", "sincos", "mirrored", "transposed"
]
REPLACEMENTS: tuple[Replacement, ...] = get_args(Replacement)


def replaced(
    table: Float[np.ndarray, "patch width"],
    grid: tuple[int, int],
    kind: Replacement,
    seed: int = 0,
) -> Float[np.ndarray, "patch width"]:
    """A table of the same shape for the same grid.

    Args:
        table: The network's own positions on `grid`, row by row.
        grid: Rows and columns of patches.
        kind: "own": unchanged. "none": zeros. "same": every patch gets the mean of all.
            "shuffled": every patch gets another's. "sinusoid", "sincos": the formulas, scaled so
            that the mean length of a row is that of `table`. "mirrored": left and right swapped.
            "transposed": rows and columns swapped.
        seed: Order of the shuffled table.

    Raises:
        ValueError: If the grid does not have as many patches, the kind is unknown, or a grid
            that is not square is to be transposed.
    """
    if grid[0] * grid[1] != len(table):
        raise ValueError(f"a grid of {grid[0]} x {grid[1]} does not have {len(table)} patches")
    if kind not in REPLACEMENTS:
        raise ValueError(f"no replacement {kind!r}; there are {', '.join(REPLACEMENTS)}")
    if kind in ("sinusoid", "sincos"):
        return matched(formula(grid, table.shape[1], kind), table)
    if kind == "none":
        return np.zeros_like(table)
    if kind == "same":
        return np.broadcast_to(table.mean(axis=0), table.shape).copy()
    return table[_order(grid, kind, seed)].copy()


def formula(
    grid: tuple[int, int], width: int, kind: Literal["sinusoid", "sincos"]
) -> Float[np.ndarray, "patch width"]:
    """The 1-D sinusoid along the sequence of patches, or the 2-D one over their grid.

    Raises:
        ValueError: If the width does not allow it; see `positions`.
    """
    if kind == "sinusoid":
        return positions.sinusoid(grid[0] * grid[1], width)
    return positions.sincos_2d(grid, width)


def matched(
    table: Float[np.ndarray, "patch width"], like: Float[np.ndarray, "other width"]
) -> Float[np.ndarray, "patch width"]:
    """A table scaled so that its rows are as long, on average, as those of another.

    Raises:
        ValueError: If the table is zero.
    """
    length = float(np.linalg.norm(table, axis=1).mean())
    if not length > 0:
        raise ValueError("a table of zeros cannot be scaled to a length")
    return (table * (float(np.linalg.norm(like, axis=1).mean()) / length)).astype(like.dtype)


def cut_or_repeated(
    table: Float[np.ndarray, "patch width"], grid: tuple[int, int]
) -> Float[np.ndarray, "new width"]:
    """The naive way to another grid: take the rows of the table in order, start over at its end.

    It ignores that the table is a grid, so columns of another count no longer line up.

    Raises:
        ValueError: If the grid has no patch.
    """
    if min(grid) < 1:
        raise ValueError(f"a grid needs rows and columns, got {grid}")
    return np.resize(table, (grid[0] * grid[1], table.shape[1]))


def _order(grid: tuple[int, int], kind: Replacement, seed: int) -> np.ndarray:
    """Which patch's position each patch gets, for the kinds that only move positions."""
    places = np.arange(grid[0] * grid[1]).reshape(grid)
    if kind == "shuffled":
        return np.random.default_rng(seed).permutation(places.size)
    if kind == "mirrored":
        return places[:, ::-1].ravel()
    if kind == "transposed":
        if grid[0] != grid[1]:
            raise ValueError(f"only a square grid can be transposed, got {grid[0]} x {grid[1]}")
        return places.T.ravel()
    return places.ravel()
