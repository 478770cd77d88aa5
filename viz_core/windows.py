"""How Swin cuts a map of tokens into windows, and attention inside them put back in place.

Axes: w windows row by row, m = M x M tokens of a window row by row, t tokens of the map row by
row. What is called "rolled" is the frame in which a shifted block works: the map rolled up and
left by the shift, then filled up with zeros at the bottom and right to a multiple of M.

Source: Liu et al. 2021 (https://arxiv.org/abs/2103.14030), section 3.2 and figure 4. The order,
rolling before filling up, is timm's; Microsoft's detection code fills up first.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer, Shaped

FILLED = -1  # stands for a place that is filled up: it belongs to no token of the map


@dataclass(frozen=True)
class Layout:
    """How one block cuts its map. Sizes are in tokens.

    Attributes:
        grid: Rows and columns of the map.
        window: Side M of a window.
        shift: How far the map is rolled up and left first; 0 in every first block of a pair.

    Raises:
        ValueError: If a side is below 1 or the shift is not in 0 to M - 1.
    """

    grid: tuple[int, int]
    window: int
    shift: int = 0

    def __post_init__(self) -> None:
        if min(*self.grid, self.window) < 1:
            raise ValueError(f"sides must be at least 1, got {self.grid} and {self.window}")
        if not 0 <= self.shift < self.window:
            raise ValueError(f"shift must be in 0 to {self.window - 1}, got {self.shift}")

    @property
    def padded(self) -> tuple[int, int]:
        """Rows and columns after filling up to whole windows."""
        down, right = padding(self.grid, self.window)
        return self.grid[0] + down, self.grid[1] + right

    @property
    def windows(self) -> tuple[int, int]:
        """Rows and columns of windows."""
        return self.padded[0] // self.window, self.padded[1] // self.window


def padding(grid: tuple[int, int], window: int) -> tuple[int, int]:
    """Rows below and columns to the right that fill the last windows of a map.

    Raises:
        ValueError: If a side is below 1.
    """
    if min(*grid, window) < 1:
        raise ValueError(f"sides must be at least 1, got {grid} and {window}")
    return -grid[0] % window, -grid[1] % window


def partition(
    tokens: Shaped[np.ndarray, "rows columns *rest"], window: int
) -> Shaped[np.ndarray, "w m *rest"]:
    """Cut a map into windows, both row by row. The inverse of `reverse`.

    Raises:
        ValueError: If the sides are no multiples of `window`: fill up first, see `padding`.
    """
    rows, columns, *rest = tokens.shape
    if window < 1 or rows % window or columns % window:
        raise ValueError(f"{rows} x {columns} tokens do not divide into windows of {window}")
    cut = tokens.reshape(rows // window, window, columns // window, window, *rest)
    return cut.swapaxes(1, 2).reshape(-1, window * window, *rest)


def reverse(
    windows: Shaped[np.ndarray, "w m *rest"], rows: int
) -> Shaped[np.ndarray, "rows columns *rest"]:
    """Put windows back in place. The inverse of `partition`.

    Args:
        windows: Windows of M x M tokens.
        rows: Rows of windows on the map (not of tokens).

    Raises:
        ValueError: If the windows are not square or do not fill whole rows.
    """
    count, area, *rest = windows.shape
    side = round(area**0.5)
    if side * side != area or rows < 1 or count % rows:
        raise ValueError(f"{count} windows of {area} tokens do not make {rows} rows of windows")
    cut = windows.reshape(rows, count // rows, side, side, *rest)
    return cut.swapaxes(1, 2).reshape(rows * side, -1, *rest)


def rolled(layout: Layout) -> Integer[np.ndarray, "rows columns"]:
    """Which token stands where in the rolled frame.

    Returns:
        Token of the map, row by row from 0, for each place of the frame after filling up;
        `FILLED` where there is none.
    """
    rows, columns = layout.grid
    tokens = np.arange(rows * columns).reshape(rows, columns)
    frame = np.full(layout.padded, FILLED)
    frame[:rows, :columns] = np.roll(tokens, (-layout.shift, -layout.shift), (0, 1))
    return frame


def members(layout: Layout) -> Integer[np.ndarray, "w m"]:
    """Tokens of each window in the order in which the block sees them; `FILLED` where none."""
    return partition(rolled(layout), layout.window)


def places(layout: Layout) -> Integer[np.ndarray, "t 2"]:
    """Window, and place inside it, of every token of the map. The inverse of `members`."""
    inside = members(layout)
    window, place = np.nonzero(inside != FILLED)
    order = np.argsort(inside[window, place])
    return np.stack([window, place], axis=1)[order]


def window_ids(layout: Layout) -> Integer[np.ndarray, "rows columns"]:
    """Window that each token of the map is put into, in picture coordinates."""
    return places(layout)[:, 0].reshape(layout.grid)


def to_picture(
    values: Shaped[np.ndarray, "w m *rest"], layout: Layout
) -> Shaped[np.ndarray, "rows columns *rest"]:
    """Values of windowed tokens where those tokens really are; what was filled up is left out.

    Raises:
        ValueError: If there are not as many windows and tokens as the layout has.
    """
    _check(values.shape[:2], layout)
    window, place = places(layout).T
    return values[window, place].reshape(*layout.grid, *values.shape[2:])


def keys_in_picture(
    patterns: Float[np.ndarray, "w head query key"], layout: Layout, token: int
) -> Float[np.ndarray, "head rows columns"]:
    """Where in the picture one token looks.

    Args:
        patterns: Softmax weights inside each window; rows sum to 1.
        layout: How the block cut its map.
        token: Query, row by row over the map from 0.

    Returns:
        Share of the token's attention on every token of the map; 0 outside its window. A head's
        shares sum to 1, or to less where it looks at places that were filled up.

    Raises:
        ValueError: If there is no such token, or the patterns do not fit the layout.
    """
    rows, columns = layout.grid
    if not 0 <= token < rows * columns:
        raise ValueError(f"token must be in 0 to {rows * columns - 1}, got {token}")
    _check((patterns.shape[0], patterns.shape[-1]), layout)
    window, place = places(layout)[token]
    keys = members(layout)[window]
    real = keys != FILLED
    shares = np.zeros((patterns.shape[1], rows * columns), dtype=patterns.dtype)
    shares[:, keys[real]] = patterns[window, :, place, real].T
    return shares.reshape(-1, rows, columns)


def msa_macs(rows: int, columns: int, width: int) -> int:
    """Multiplications of one global self-attention layer: 4 h w C^2 + 2 (h w)^2 C.

    Raises:
        ValueError: If a number is below 1.

    Source:
        Liu et al. 2021, equation 1: projections, then scores and mixing; softmax left out.
    """
    return _macs(rows, columns, width, keys=rows * columns)


def window_msa_macs(rows: int, columns: int, width: int, window: int) -> int:
    """Multiplications of one windowed self-attention layer: 4 h w C^2 + 2 M^2 h w C.

    Raises:
        ValueError: If a number is below 1.

    Source:
        Liu et al. 2021, equation 2.
    """
    return _macs(rows, columns, width, keys=window * window)


def _macs(rows: int, columns: int, width: int, keys: int) -> int:
    if min(rows, columns, width, keys) < 1:
        raise ValueError(f"sizes must be at least 1, got {(rows, columns, width, keys)}")
    tokens = rows * columns
    return 4 * tokens * width**2 + 2 * keys * tokens * width


def _check(shape: tuple[int, ...], layout: Layout) -> None:
    expected = (layout.windows[0] * layout.windows[1], layout.window**2)
    if shape != expected:
        raise ValueError(f"expected {expected[0]} windows of {expected[1]} tokens, got {shape}")
