"""Numbers about attention patterns: how far, how spread, how much where."""

import numpy as np
from jaxtyping import Bool, Float


def distance(
    patterns: Float[np.ndarray, "*heads query key"], grid: tuple[int, int], prefix: int = 1
) -> Float[np.ndarray, "*heads"]:
    """Mean attention distance in patches: how far a patch looks, on average.

    For every query patch the distances between patch centres are averaged with its
    attention to the patches as weights (brought to sum 1 over the patches, so attention
    to the prefix does not count as distance 0); then the mean over all query patches.
    Times the patch size it is in pixels.

    Args:
        patterns: Softmax weights over all tokens, prefix first.
        grid: Rows and columns of patches.
        prefix: Leading tokens without a place (class token, registers).

    Raises:
        ValueError: If grid and prefix do not add up to the number of tokens.

    Source:
        Dosovitskiy et al. 2021, figure 7 and appendix D.7.
    """
    _check_grid(patterns.shape[-1], grid, prefix)
    rows, columns = np.indices(grid).reshape(2, -1)
    apart = np.hypot(rows[:, None] - rows, columns[:, None] - columns)  # (patch, patch)
    weights = patterns[..., prefix:, prefix:].astype(np.float64)
    total = weights.sum(axis=-1)
    sums = (weights * apart).sum(axis=-1)
    apart_by_query = np.where(total > 0, sums / np.where(total > 0, total, 1), 0)
    return np.asarray(apart_by_query.mean(axis=-1))


def even_distance(grid: tuple[int, int]) -> float:
    """`distance`, in patches, of a head that attends to all tokens alike.

    Raises:
        ValueError: If the grid has no patch.
    """
    if min(grid) < 1:
        raise ValueError(f"a grid needs rows and columns, got {grid}")
    rows, columns = np.indices(grid).reshape(2, -1)
    return float(np.hypot(rows[:, None] - rows, columns[:, None] - columns).mean())


def entropy(shares: Float[np.ndarray, "*rows key"]) -> Float[np.ndarray, "*rows"]:
    """Shannon entropy of each row in bits: 0 for one key, log2(n) for all n alike.

    Raises:
        ValueError: If a row does not sum to 1.
    """
    values = shares.astype(np.float64)
    if not np.allclose(values.sum(axis=-1), 1, atol=1e-4) or (values < 0).any():
        raise ValueError("shares must be at least 0 and sum to 1 in every row")
    logs = np.log2(values, out=np.zeros_like(values), where=values > 0)
    return np.maximum(-(values * logs).sum(axis=-1), 0)  # -0.0 for one-hot rows otherwise


def mass_mask(shares: Float[np.ndarray, " patch"], share: float) -> Bool[np.ndarray, " patch"]:
    """Smallest set of patches that holds at least `share` of all that the patches hold.

    Args:
        shares: Weights of the patches, at least 0; they need not sum to 1.
        share: Share wanted, in [0, 1]. 0 gives the empty set. Among equals the first wins.

    Raises:
        ValueError: If `share` is outside [0, 1], or the weights are negative or all 0.

    Source:
        Caron et al. 2021 (DINO), figure 1: the mask that keeps 60 % of the mass.
    """
    values = shares.astype(np.float64)
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share}")
    if (values < 0).any() or not values.any():
        raise ValueError("shares must be at least 0 and not all 0")
    order = np.argsort(-values, kind="stable")
    held = np.cumsum(values[order]) / values.sum()
    count = int(np.searchsorted(held, share - 1e-12)) + 1 if share > 0 else 0
    mask = np.zeros(len(values), dtype=bool)
    mask[order[:count]] = True
    return mask


def patches(
    row: Float[np.ndarray, " token"], grid: tuple[int, int], prefix: int = 1
) -> Float[np.ndarray, "rows columns"]:
    """The patch part of a row over all tokens, on its grid; the prefix is left out.

    Raises:
        ValueError: If grid and prefix do not add up to the number of tokens.
    """
    _check_grid(len(row), grid, prefix)
    return row[prefix:].reshape(grid)


def _check_grid(tokens: int, grid: tuple[int, int], prefix: int) -> None:
    if prefix + grid[0] * grid[1] != tokens:
        raise ValueError(f"{prefix} + {grid[0]} × {grid[1]} tokens expected, got {tokens}")
