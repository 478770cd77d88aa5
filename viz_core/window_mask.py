"""Which tokens of a shifted window may see each other, and why.

The trap: region ids live in the rolled frame. There they are three bands a side; back in the
picture the same ids stand in another order, because the rows that came round were the first.
"""

import numpy as np
from jaxtyping import Float, Integer

from viz_core import windows
from viz_core.windows import Layout

CLOSED = -100.0  # the paper's code: exp(-100) is no weight to speak of, and never 0 / 0


def region_ids(layout: Layout) -> Integer[np.ndarray, "rows columns"]:
    """Region of each place of the rolled frame, 0 to 8; all 0 without a shift.

    Each side has three bands: far from the seam, in the last window but before the seam, and
    behind it. A region is a band of rows times a band of columns.

    Source:
        Microsoft's `SwinTransformerBlock`: its nine slices, over the filled-up frame.
    """
    if not layout.shift:
        return np.zeros(layout.padded, dtype=np.int64)

    def bands(size: int) -> Integer[np.ndarray, " size"]:
        place = np.arange(size)
        return (place >= size - layout.window) + (place >= size - layout.shift).astype(np.int64)

    return 3 * bands(layout.padded[0])[:, None] + bands(layout.padded[1])[None]


def region_ids_in_picture(layout: Layout) -> Integer[np.ndarray, "rows columns"]:
    """The same ids where those tokens really are: rolled back, filled-up places left out."""
    return windows.to_picture(windows.partition(region_ids(layout), layout.window), layout)


def attention_mask(layout: Layout) -> Float[np.ndarray, "w query key"]:
    """What is added to the scores: 0 within a region, -100 between regions (no unit)."""
    ids = windows.partition(region_ids(layout), layout.window)
    return np.where(ids[:, :, None] != ids[:, None, :], CLOSED, 0.0)


def ragged_ids(layout: Layout) -> Integer[np.ndarray, "rows columns"]:
    """The windows that a shift would make without rolling: some of them cut off at the edges.

    Returns:
        Number of the window of each token, row by row from 0, in picture coordinates: with n
        windows a side there are (n + 1)^2 of them after a shift, 9 where there were 4.

    Source:
        Liu et al. 2021, figure 2. Found from coordinates alone, without rolling.
    """
    rows, columns = (
        np.unique((np.arange(side) - layout.shift) // layout.window, return_inverse=True)[1]
        for side in layout.grid
    )
    return rows[:, None] * (columns.max() + 1) + columns[None]


def crossing(
    pattern: Float[np.ndarray, "w *head query key"], layout: Layout
) -> Float[np.ndarray, " w"]:
    """Share of each window's attention that crosses a seam, in [0, 1].

    Args:
        pattern: Softmax weights; rows sum to 1.
        layout: How the block cut its map.

    Returns:
        Mean over heads and queries of the weight that a query gives to keys of other regions.

    Raises:
        ValueError: If the pattern does not fit the layout.
    """
    closed = attention_mask(layout) != 0  # (w, query, key)
    if pattern.shape[0] != len(closed) or pattern.shape[-2:] != closed.shape[1:]:
        raise ValueError(f"pattern {pattern.shape} does not fit {closed.shape} windows and tokens")
    joined = pattern.astype(np.float64).reshape(len(closed), -1, *closed.shape[1:]).mean(axis=1)
    return np.where(closed, joined, 0).sum(axis=-1).mean(axis=-1)
