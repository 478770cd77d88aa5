"""Likeness of tokens: cosines, the part that all tokens share, and matches in both directions."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int, Int16

LEVELS = 32767
# Tokens at a time against all others: 512 x 3136 cosines are 6 MB.
ROWS = 512


def unit(vectors: Float[np.ndarray, "token width"]) -> Float32[np.ndarray, "token width"]:
    """Vectors of length 1; one of length 0 stays as it is.

    Raises:
        ValueError: If a number is not finite.
    """
    if not np.isfinite(vectors).all():
        raise ValueError("cosines need finite numbers")
    wide = vectors.astype(np.float64)
    length = np.linalg.norm(wide, axis=1, keepdims=True)
    return (wide / np.where(length > 0, length, 1)).astype(np.float32)


def without_mean(
    tokens: Float[np.ndarray, "token width"],
) -> Float32[np.ndarray, "token width"]:
    """Tokens of a picture without their mean.

    What all tokens of a picture share (how the network's numbers are scaled, what the picture
    shows as a whole) makes all of their cosines large; it is this mean. Each picture loses its
    own, so that what is left says how a patch differs from the rest of its picture.

    Raises:
        ValueError: If there is no token.
    """
    if not len(tokens):
        raise ValueError("tokens are needed to have a mean")
    return (tokens - tokens.mean(axis=0, dtype=np.float64)).astype(np.float32)


def cosines(
    one: Float[np.ndarray, "token width"], other: Float[np.ndarray, "place size"]
) -> Float32[np.ndarray, "token place"]:
    """Cosine of every token of one picture with every token of another, in [-1, 1].

    Raises:
        ValueError: If widths differ or a number is not finite.
    """
    if one.shape[1] != other.shape[1]:
        raise ValueError(f"widths {one.shape[1]} and {other.shape[1]} have no cosine")
    return np.clip(unit(one) @ unit(other).T, -1, 1)


@dataclass(frozen=True)
class Pairs:
    """Tokens that are each other's nearest, the likest first.

    Attributes:
        one: Tokens of the first picture.
        other: Their partners in the second.
        cosine: Of each pair.
    """

    one: Int[np.ndarray, " pair"]
    other: Int[np.ndarray, " pair"]
    cosine: Float32[np.ndarray, " pair"]


def mutual(one: Float[np.ndarray, "token width"], other: Float[np.ndarray, "place size"]) -> Pairs:
    """Mutual nearest neighbours by cosine; of equal ones the first counts.

    Raises:
        ValueError: If widths differ, a set is empty or a number is not finite.
    """
    if not len(one) or not len(other) or one.shape[1] != other.shape[1]:
        raise ValueError(f"tokens of {one.shape} and {other.shape} have no neighbours")
    a, b = unit(one), unit(other)
    to_other, best = np.empty(len(a), np.int64), np.empty(len(a), np.float32)
    to_one, best_back = np.zeros(len(b), np.int64), np.full(len(b), -np.inf, np.float32)
    for at in range(0, len(a), ROWS):
        block = a[at : at + ROWS] @ b.T  # (row, place)
        to_other[at : at + ROWS] = block.argmax(axis=1)
        best[at : at + ROWS] = block.max(axis=1)
        top = block.max(axis=0)
        better = top > best_back
        to_one[better], best_back[better] = at + block.argmax(axis=0)[better], top[better]
    mine = np.flatnonzero(to_one[to_other] == np.arange(len(a)))
    order = mine[np.argsort(-best[mine], kind="stable")]
    return Pairs(order, to_other[order], np.clip(best[order], -1, 1))


def quantised(
    vectors: Float[np.ndarray, "token width"],
) -> tuple[Int16[np.ndarray, "token width"], Float32[np.ndarray, " token"]]:
    """Vectors as whole numbers from -32767 to 32767, each with its own scale.

    Two bytes, because taking off what all tokens share multiplies the rounding of what is left.

    Returns:
        The numbers, and what those of each token are multiplied by.

    Raises:
        ValueError: If a number is not finite.
    """
    if not np.isfinite(vectors).all():
        raise ValueError("tokens need finite numbers")
    tops = np.abs(vectors.astype(np.float64)).max(axis=1, keepdims=True)
    scale = np.where(tops > 0, tops, 1) / LEVELS
    return np.rint(vectors / scale).astype(np.int16), scale[:, 0].astype(np.float32)
