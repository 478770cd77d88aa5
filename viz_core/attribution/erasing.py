"""Orders of cells, and pictures without some of them."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Integer, Shaped

from viz_core.attribution import BASELINES
from viz_core.attribution.baselines import stand_in

MOST_STEPS = 50


def ranked(cell_values: Float[np.ndarray, "row column"]) -> Integer[np.ndarray, " cell"]:
    """Cells from the most to the least important, row by row from 0.

    The sign counts: what speaks against a class comes last. Equal cells come in a random order
    that is always the same one: reading order would wipe the picture from the top, and that is an
    order with a meaning.

    Raises:
        ValueError: If a value is not finite.
    """
    values = cell_values.ravel()
    if not np.isfinite(values).all():
        raise ValueError("a map with values that are not finite has no order")
    ties = np.random.default_rng(0).permutation(values.size)
    return np.lexsort((ties, -values))


def random_orders(n: int, seed: int, draws: int) -> Integer[np.ndarray, "draw cell"]:
    """Orders of n cells that know nothing.

    Raises:
        ValueError: If no cell or no draw is asked for.
    """
    if n < 1 or draws < 1:
        raise ValueError(f"need at least one cell and one draw, got {n} and {draws}")
    rng = np.random.default_rng(seed)
    return np.stack([rng.permutation(n) for _ in range(draws)])


def centre_order(cells: int) -> Integer[np.ndarray, " cell"]:
    """Cells from the middle outwards: who takes photographs puts the subject there.

    Distances are from the middle of the picture to the middle of a cell; equal ones come as in
    `ranked`.

    Raises:
        ValueError: If there are no cells.
    """
    if cells < 1:
        raise ValueError(f"a grid needs cells, got a side of {cells}")
    offset = np.arange(cells) - (cells - 1) / 2
    return ranked(-(offset[:, None] ** 2 + offset**2))


def filling(
    image: Float[np.ndarray, "1 3 height width"], kind: str
) -> Float[np.ndarray, "1 3 height width"]:
    """What comes in place of an erased cell, for the whole picture: the same as a map's baseline.

    Args:
        image: Normalised picture.
        kind: One of `BASELINES`: "grey" is 0 everywhere, "mean" the picture's mean colour, "blur"
            the picture under a Gaussian whose sigma is an eighth of its side, of which a coarse
            layout of colours is left. (RISE takes 5 pixels of 224, after which much of a picture
            can still be named.)

    Raises:
        ValueError: If there is no such kind.
    """
    if kind not in BASELINES:
        raise ValueError(f"a filling is one of {', '.join(BASELINES)}, not {kind!r}")
    return stand_in(torch.tensor(image), kind).numpy()


def switched(
    image: Float[np.ndarray, "1 3 height width"],
    gone: Shaped[np.ndarray, "picture cell"],
    cells: int,
    filling: Float[np.ndarray, "1 3 height width"],
) -> Float[np.ndarray, "picture 3 height width"]:
    """The picture with some cells replaced by the filling, once for every row of `gone`.

    Args:
        image: Normalised picture.
        gone: Whether a cell is erased, row by row.
        cells: Side of the grid.
        filling: What comes in place of what is erased; see `filling`.

    Raises:
        ValueError: If the picture does not divide into the cells, or there is not one flag a cell.
    """
    height, width = image.shape[2:]
    if cells < 1 or height % cells or width % cells:
        raise ValueError(f"{height} x {width} pixels do not divide into {cells} x {cells} cells")
    if gone.shape[1] != cells**2:
        raise ValueError(f"{gone.shape[1]} flags for {cells**2} cells")
    grid = gone.astype(bool).reshape(-1, 1, cells, cells)
    mask = grid.repeat(height // cells, axis=2).repeat(width // cells, axis=3)
    return np.where(mask, filling, image)


def erased(
    image: Float[np.ndarray, "1 3 height width"],
    order: Integer[np.ndarray, " cell"],
    counts: Sequence[int] | Integer[np.ndarray, " picture"],
    cells: int,
    filling: Float[np.ndarray, "1 3 height width"],
) -> Float[np.ndarray, "picture 3 height width"]:
    """The picture without the first cells of an order, once for every count.

    Raises:
        ValueError: If `order` does not name every cell once, a count is not one of theirs, or the
            picture does not divide into the cells.
    """
    wanted = np.asarray(counts)
    if not np.array_equal(np.sort(order), np.arange(cells**2)):
        raise ValueError(f"an order must name each of {cells} x {cells} cells once")
    if wanted.min(initial=0) < 0 or wanted.max(initial=0) > cells**2:
        raise ValueError(f"between 0 and {cells**2} cells can be erased")
    place = np.empty(cells**2, int)
    place[order] = np.arange(cells**2)
    return switched(image, place < wanted[:, None], cells, filling)


def even_steps(cells: int, most: int = MOST_STEPS) -> int:
    """Most steps, `most` or fewer, that erase equally many cells each: 49 of 4 for 14 x 14."""
    total = cells**2
    each = next(n for n in range(1, total + 1) if not total % n and total // n <= most)
    return total // each
