"""Masks over a grid of patches, as masked autoencoders draw them: True hides a patch.

Every kind orders the patches of a grid once and hides the later ones, so that a mask of a larger
ratio hides all that a smaller one hides, and exactly as many patches as the reference would.
"""

import math
from collections.abc import Iterable

import numpy as np
from jaxtyping import Bool, Int

Grid = tuple[int, int]
SMALLEST_BLOCK, LARGEST_BLOCK_SHARE, FLATTEST_BLOCK = 16, 0.4, 0.3


def visible_count(patches: int, ratio: float) -> int:
    """How many of a picture's patches stay visible: patches * (1 - ratio), rounded down.

    Raises:
        ValueError: If there is no patch, or the ratio is outside [0, 1].

    Source:
        facebookresearch/mae, models_mae.py, `random_masking`: len_keep, with its rounding
        (of 10 patches 1 stays at 80 %, since 10 * (1 - 0.8) is just below 2).
    """
    if patches < 1:
        raise ValueError(f"a picture has at least one patch, got {patches}")
    if not 0 <= ratio <= 1:
        raise ValueError(f"the mask ratio is a share from 0 to 1, got {ratio}")
    return int(patches * (1 - ratio))


def ranks(grid: Grid, seed: int) -> Int[np.ndarray, "rows cols"]:
    """The order in which random masking shows the patches: 0 is shown first and hidden last.

    Args:
        grid: Rows and columns of patches.
        seed: Not negative; the same seed gives the same order.

    Returns:
        Each rank once. A patch is hidden if its rank is `visible_count` or more.

    Raises:
        ValueError: If the grid has no patch, or the seed is negative.
    """
    rows, cols = _checked(grid)
    return np.random.default_rng(seed).permutation(rows * cols).reshape(rows, cols)


def random(grid: Grid, ratio: float, seed: int) -> Bool[np.ndarray, "rows cols"]:
    """Hide patches drawn uniformly without replacement.

    Raises:
        ValueError: If the grid has no patch, the seed is negative or the ratio outside [0, 1].

    Source:
        He et al. 2022, arXiv:2111.06377, section 3, "Masking".
    """
    return _hidden(ranks(grid, seed), ratio)


def block(grid: Grid, ratio: float, seed: int) -> Bool[np.ndarray, "rows cols"]:
    """Hide rectangles, one after another, until enough is hidden; the last one is cut to fit.

    Args:
        grid: Rows and columns of patches.
        ratio: Share of hidden patches, in [0, 1].
        seed: Not negative.

    Raises:
        ValueError: If the grid has no patch, the seed is negative or the ratio outside [0, 1].

    Source:
        Bao et al. 2022 (BEiT), arXiv:2106.08254, algorithm 1: rectangles of at least 16 patches,
        height over width from 0.3 to 1/0.3 (log-uniform, as in BEiT's code). There a rectangle is
        at most as large as what is still to be hidden at the one ratio of 40 %; here at most 40 %
        of the grid at any ratio, so that a larger ratio goes on where a smaller one stopped.
    """
    rows, cols = _checked(grid)
    rng = np.random.default_rng(seed)
    shown = np.arange(rows * cols).reshape(rows, cols)
    order: list[int] = []  # patches in the order of their hiding
    open_ = np.ones((rows, cols), bool)
    while open_.any():
        area = rng.uniform(SMALLEST_BLOCK, max(SMALLEST_BLOCK, LARGEST_BLOCK_SHARE * rows * cols))
        aspect = math.exp(rng.uniform(math.log(FLATTEST_BLOCK), -math.log(FLATTEST_BLOCK)))
        height = min(rows, max(1, round(math.sqrt(area * aspect))))
        width = min(cols, max(1, round(math.sqrt(area / aspect))))
        top, left = rng.integers(rows - height + 1), rng.integers(cols - width + 1)
        place = slice(top, top + height), slice(left, left + width)
        order += shown[place][open_[place]].tolist()
        open_[place] = False
    rank = np.empty(rows * cols, int)
    rank[order[::-1]] = np.arange(rows * cols)
    return _hidden(rank.reshape(rows, cols), ratio)


def regular(grid: Grid, ratio: float) -> Bool[np.ndarray, "rows cols"]:
    """Hide patches in an even pattern: at 75 % the paper's "grid", one of every four stays.

    Other ratios follow the order of Bayer's dither matrix, in which every prefix is spread
    evenly: at 50 % a chessboard, at 93.75 % one of every sixteen.

    Raises:
        ValueError: If the grid has no patch, or the ratio is outside [0, 1].

    Source:
        He et al. 2022, figure 6, "grid-wise sampling". Bayer 1973, "An optimum method for
        two-level rendition of continuous-tone pictures".
    """
    rows, cols = _checked(grid)
    thresholds = np.zeros((1, 1), int)
    while len(thresholds) < max(rows, cols):
        four = 4 * thresholds
        thresholds = np.block([[four, four + 2], [four + 3, four + 1]])
    order = thresholds[:rows, :cols].ravel().argsort(kind="stable")
    rank = np.empty(rows * cols, int)
    rank[order] = np.arange(rows * cols)
    return _hidden(rank.reshape(rows, cols), ratio)


def painted(indices: Iterable[int], grid: Grid) -> Bool[np.ndarray, "rows cols"]:
    """Hide the patches that somebody chose.

    Args:
        indices: Patches, counted row by row from 0; one may occur more than once.
        grid: Rows and columns of patches.

    Raises:
        ValueError: If the grid has no patch, or a patch lies outside of it.
    """
    rows, cols = _checked(grid)
    mask = np.zeros(rows * cols, bool)
    for index in indices:
        if not 0 <= index < rows * cols:
            raise ValueError(f"patch {index} is outside a grid of {rows} x {cols}")
        mask[index] = True
    return mask.reshape(rows, cols)


def _checked(grid: Grid) -> Grid:
    if min(grid) < 1:
        raise ValueError(f"a grid has at least one patch a side, got {grid[0]} x {grid[1]}")
    return grid


def _hidden(rank: Int[np.ndarray, "rows cols"], ratio: float) -> Bool[np.ndarray, "rows cols"]:
    return rank >= visible_count(rank.size, ratio)
