"""Swin's relative position bias, step by step: offsets, one-dimensional index, table, bias.

The trap: the offset is query minus key. Row 0 of the table belongs to the key that lies furthest
below and to the right of its query, so the table, reshaped to (2M-1) x (2M-1) as it is, has to
be turned by 180 degrees before it can be read as "where is the key, seen from the query".

Source: Liu et al. 2021 (https://arxiv.org/abs/2103.14030), equation 4, and Microsoft's
`WindowAttention`.
"""

import numpy as np
from jaxtyping import Float, Integer


def offsets(window: int) -> Integer[np.ndarray, "query key 2"]:
    """Rows and columns from every key to every query of a window: query minus key.

    Args:
        window: Side M in tokens.

    Returns:
        Values from -(M - 1) to M - 1; tokens are counted row by row.

    Raises:
        ValueError: If `window` is below 1.
    """
    if window < 1:
        raise ValueError(f"a window needs at least one token a side, got {window}")
    y, x = np.meshgrid(np.arange(window), np.arange(window), indexing="ij")
    place = np.stack([y.ravel(), x.ravel()], axis=-1)  # (token, 2)
    return place[:, None] - place[None]


def raised(window: int) -> Integer[np.ndarray, "query key 2"]:
    """`offsets` plus M - 1: nothing is negative any more, values are 0 to 2M - 2."""
    return offsets(window) + window - 1


def scaled(window: int) -> Integer[np.ndarray, "query key 2"]:
    """`raised` with its rows times 2M - 1, so that row and column can be added unmistakably."""
    return raised(window) * np.array([2 * window - 1, 1])


def index(window: int) -> Integer[np.ndarray, "query key"]:
    """Row of the bias table for every pair of tokens of a window: 0 to (2M - 1)^2 - 1."""
    return scaled(window).sum(axis=-1)


def bias(table: Float[np.ndarray, "offset head"]) -> Float[np.ndarray, "head query key"]:
    """What is added to the scores of one window, from the learned table.

    Args:
        table: As stored: (2M - 1)^2 rows, one for each offset query minus key.

    Raises:
        ValueError: If the number of rows is no (2M - 1)^2.
    """
    return np.moveaxis(table[index(window_of(table))], -1, 0)


def key_from_query(table: Float[np.ndarray, "offset head"]) -> Float[np.ndarray, "head row column"]:
    """The table as a map around the query: the middle is the token itself.

    Returns:
        (head, 2M - 1, 2M - 1); entry (M - 1 + dy, M - 1 + dx) belongs to the key that lies dy
        rows below and dx columns to the right of its query.

    Raises:
        ValueError: If the number of rows is no (2M - 1)^2.
    """
    side = 2 * window_of(table) - 1
    return np.moveaxis(table.reshape(side, side, -1)[::-1, ::-1], -1, 0)


def window_of(table: Float[np.ndarray, "offset head"]) -> int:
    """Side M of the windows that a table of (2M - 1)^2 rows serves.

    Raises:
        ValueError: If the number of rows is no (2M - 1)^2.
    """
    side = round(len(table) ** 0.5)
    if side * side != len(table) or side % 2 == 0:
        raise ValueError(f"a table of {len(table)} rows is not one of (2 M - 1) x (2 M - 1)")
    return (side + 1) // 2
