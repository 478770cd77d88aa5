"""The cells that all methods are compared on, and maps brought to them."""

import numpy as np
from jaxtyping import Float, Float32

PREFERRED = (14, 16, 8)


def side(pixels: int, tokens: int | None = None) -> int:
    """Cells along one side of a picture: a network's own tokens, else 14, 16 or 8 of them.

    Args:
        pixels: Side of the network's input.
        tokens: Tokens along one side where every token is a patch of the picture, as in a ViT.

    Raises:
        ValueError: If no such grid divides the picture.
    """
    if tokens:
        return tokens
    for count in PREFERRED:
        if pixels % count == 0:
            return count
    raise ValueError(f"{pixels} pixels divide into none of {PREFERRED} cells")


def on_cells(
    values: Float[np.ndarray, "row column"], cells: int, *, extensive: bool = True
) -> Float32[np.ndarray, "cells cells"]:
    """A map of any resolution on a grid of `cells` x `cells`.

    Args:
        values: Square map.
        cells: Side of the grid.
        extensive: Whether values are amounts (finer ones are summed, a coarse one is shared out
            evenly, so the total stays) or intensities (finer ones are averaged, a coarse one is
            repeated).

    Raises:
        ValueError: If neither side divides the other, or the map is not square.
    """
    rows, columns = values.shape
    if rows != columns or (rows % cells and cells % rows):
        raise ValueError(f"a map of {rows} x {columns} does not fit a grid of {cells}")
    if rows >= cells:
        step = rows // cells
        blocks = values.astype(np.float64).reshape(cells, step, cells, step)
        joined = blocks.sum(axis=(1, 3)) if extensive else blocks.mean(axis=(1, 3))
        return joined.astype(np.float32)
    step = cells // rows
    spread = values.astype(np.float64).repeat(step, axis=0).repeat(step, axis=1)
    return (spread / step**2 if extensive else spread).astype(np.float32)
