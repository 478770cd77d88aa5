"""Maps of vectors as small pictures: their principal components as colours, their lengths."""

import numpy as np
from jaxtyping import Float, UInt8

COLOURS = 3
WITHIN = 0.02  # share of the tokens beyond either end of a colour
ROUNDING = 1e-4  # of the vectors' length: smaller differences are float32's, not the picture's


def principal_colours(
    tokens: Float[np.ndarray, "row column width"],
) -> tuple[UInt8[np.ndarray, "row column 3"], float]:
    """The first three principal components of a map's vectors as red, green and blue.

    Args:
        tokens: One vector a token.

    Returns:
        The colours, each scaled from the component's 2nd to its 98th percentile, and the share of
        the variance that the three hold. A component's sign is arbitrary: here its largest entry
        is positive. A component that is not there (too few channels, all tokens alike) is grey.

    Raises:
        ValueError: If a number is not finite.

    Source:
        Components of patch features as colours: Oquab et al. 2023, arXiv:2304.07193, figure 1.
    """
    if not np.isfinite(tokens).all():
        raise ValueError("principal components need finite numbers")
    rows, columns, width = tokens.shape
    vectors = tokens.reshape(-1, width).astype(np.float64)
    least = ROUNDING * float(np.sqrt((vectors**2).sum(axis=-1).mean()))
    vectors = vectors - vectors.mean(axis=0)
    axes = _axes(vectors)
    strongest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[strongest, np.arange(axes.shape[1])])
    along = vectors @ axes  # (token, component)
    colours = np.full((rows * columns, COLOURS), 128, np.uint8)
    for k, values in enumerate(along.T):
        low, high = np.quantile(values, [WITHIN, 1 - WITHIN])
        if high - low > max(least, 1e-9):
            level = np.clip((values - low) / (high - low), 0, 1)
            colours[:, k] = np.rint(255 * level)
    whole = float((vectors**2).sum())
    held = float((along**2).sum()) / whole if whole > len(vectors) * least**2 else 1.0
    return colours.reshape(rows, columns, COLOURS), min(held, 1.0)


def _axes(
    vectors: Float[np.ndarray, "token width"],
) -> Float[np.ndarray, "width component"]:
    """The directions in which centred vectors differ most, from the smaller of two matrices."""
    if vectors.shape[1] <= len(vectors):
        _, axes = np.linalg.eigh(vectors.T @ vectors)  # from the smallest to the largest
        return axes[:, ::-1][:, :COLOURS]
    squares, mixes = np.linalg.eigh(vectors @ vectors.T)
    squares, mixes = squares[::-1][:COLOURS], mixes[:, ::-1][:, :COLOURS]
    there = squares > 1e-12 * max(float(squares[0]), 1e-30)
    return vectors.T @ mixes * np.where(there, 1 / np.sqrt(np.where(there, squares, 1)), 0)


def lengths(
    tokens: Float[np.ndarray, "row column width"],
) -> Float[np.ndarray, "row column"]:
    """Euclidean length of every token's vector.

    Raises:
        ValueError: If a number is not finite.
    """
    if not np.isfinite(tokens).all():
        raise ValueError("lengths need finite numbers")
    return np.linalg.norm(tokens.astype(np.float64), axis=-1)
