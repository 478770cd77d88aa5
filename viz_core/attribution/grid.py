"""The cells that all methods are compared on, and maps brought to them."""

import numpy as np
from jaxtyping import Float, Float32

from viz_core.attribution import Attribution
from viz_core.attribution.methods import Shape

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


def cells(attribution: Attribution, shape: Shape | int) -> Float32[np.ndarray, "cells cells"]:
    """An attribution on the cells that methods are compared on.

    Args:
        attribution: Amounts are joined by adding them up, intensities by their mean: each
            attribution says which it has.
        shape: Of the network, or the number of cells along one side.
    """
    count = shape if isinstance(shape, int) else shape.cells
    return on_cells(attribution.values, count, extensive=attribution.extensive)


def on_cells(
    values: Float[np.ndarray, "row column"], cells: int, *, extensive: bool = True
) -> Float32[np.ndarray, "cells cells"]:
    """A map of any resolution on a grid of `cells` x `cells`, by how much places overlap.

    Args:
        values: Square map.
        cells: Side of the grid.
        extensive: Whether values are amounts, which are shared out by area so that the total
            stays, or intensities, of which the mean by area is taken.

    Raises:
        ValueError: If the map is not square.
    """
    rows, columns = values.shape
    if rows != columns:
        raise ValueError(f"a map of {rows} x {columns} is not square")
    share = _overlap(cells, rows)  # of a place that lies in a cell; its columns sum to 1
    if not extensive:
        share = share * cells / rows  # of a cell that a place covers; its rows sum to 1
    return (share @ values.astype(np.float64) @ share.T).astype(np.float32)


def _overlap(cells: int, places: int) -> Float[np.ndarray, "cells places"]:
    """Share of every place of a side that lies in every cell of the same side."""
    cell, place = np.arange(cells)[:, None], np.arange(places)
    # In whole units of 1 / (cells * places) of the side, so that what fits, fits exactly.
    begin = np.maximum(cell * places, place * cells)
    end = np.minimum((cell + 1) * places, (place + 1) * cells)
    return np.maximum(end - begin, 0) / cells
