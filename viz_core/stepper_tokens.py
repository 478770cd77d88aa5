"""Small tokens for the stepper: a picture's patches in few directions, words from their letters."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float

DIGITS = 2  # what is shown is what is calculated with
KIN_APART_PATCHES = 3.0  # neighbours are alike anyway; two of a kind should stand apart


@dataclass(frozen=True)
class Directions:
    """The directions in which a picture's patches differ most.

    Attributes:
        mean: Mean of the patch vectors.
        axes: Unit vectors at right angles, the widest spread first.
        unit: Length that is shown as 1, the same for all directions.
        share: Part of the patches' variance that the directions keep, 0 to 1.
    """

    mean: Float[np.ndarray, " width"]
    axes: Float[np.ndarray, "direction width"]
    unit: float
    share: float


def directions(tokens: Float[np.ndarray, "patch width"], count: int) -> Directions:
    """Principal directions of patch vectors.

    Args:
        tokens: One vector for each patch.
        count: How many directions to keep.

    Returns:
        Directions whose unit makes the mean square of the kept coordinates 1. The sign of each
        makes its largest component positive.

    Raises:
        ValueError: If there are fewer patches or components than directions.

    Source:
        Pearson 1901, principal components, by singular value decomposition.
    """
    if min(tokens.shape) < count:
        raise ValueError(f"{tokens.shape} vectors have no {count} directions")
    mean = tokens.mean(axis=0)
    _, sizes, axes = np.linalg.svd(tokens - mean, full_matrices=False)
    kept = axes[:count]
    largest = np.take_along_axis(kept, np.abs(kept).argmax(axis=1)[:, None], axis=1)
    kept = kept * np.where(largest < 0, -1, 1)
    total = float((sizes**2).sum())
    unit = float(np.sqrt((sizes[:count] ** 2).sum() / (len(tokens) * count))) or 1.0
    share = float((sizes[:count] ** 2).sum() / total) if total else 1.0
    return Directions(mean, kept, unit, share)


def coordinates(
    tokens: Float[np.ndarray, "token width"], along: Directions
) -> Float[np.ndarray, "token direction"]:
    """Vectors in few directions, rounded to the digits that are shown."""
    return np.round((tokens - along.mean) @ along.axes.T / along.unit, DIGITS) + 0.0


def telling(
    points: Float[np.ndarray, "patch direction"], grid: tuple[int, int], count: int = 5
) -> list[int]:
    """Patches that make a telling handful: two pairs of a kind, and others that differ.

    The patch farthest from the mean comes first, then always the one farthest from all chosen;
    the first two are joined by their closest kin at least three patches away.

    Args:
        points: Patches in few directions, row by row.
        grid: Rows and columns of patches.
        count: How many patches, at least 4.

    Returns:
        Indices of different patches, each pair side by side.

    Raises:
        ValueError: If the grid does not hold the points or fewer than `count` patches.
    """
    if len(points) != grid[0] * grid[1] or not 4 <= count <= len(points):
        raise ValueError(f"{count} of {len(points)} patches on a grid of {grid}")
    place = np.indices(grid).reshape(2, -1).T.astype(np.float64)
    chosen: list[int] = []

    def away(origin: np.ndarray, index: int) -> np.ndarray:
        return np.linalg.norm(origin - origin[index], axis=1)

    while len(chosen) < count:
        fresh = _farthest(points, chosen)
        chosen.append(fresh)
        if len(chosen) in (1, 3) and len(chosen) < count:
            alike = away(points, fresh)
            alike[away(place, fresh) < KIN_APART_PATCHES] = np.inf
            alike[chosen] = np.inf
            if np.isfinite(alike).any():
                chosen.append(int(alike.argmin()))
    return chosen


def _farthest(points: np.ndarray, chosen: list[int]) -> int:
    """The point farthest from all chosen ones; from the mean while there are none."""
    origins = points[chosen] if chosen else np.zeros((1, points.shape[1]))
    nearest = np.linalg.norm(points[:, None] - origins[None], axis=-1).min(axis=1)
    nearest[chosen] = -1
    return int(nearest.argmax())


def words(text: str, most: int) -> list[str]:
    """The first words of a text, without what only surrounds them.

    Raises:
        ValueError: If the text has no word.
    """
    found = [one.strip(".,;:!?\"'()[]")[:14] for one in text.split()]
    found = [one for one in found if one][:most]
    if not found:
        raise ValueError("Type at least one word.")
    return found


def word_vectors(spelled: Sequence[str], width: int) -> Float[np.ndarray, "word width"]:
    """Vectors drawn at random from the letters: the same word always gets the same vector.

    Every pair of neighbouring letters has a random vector of its own, and a word is the sum of
    its pairs, so that words that share letters lie closer together. Nothing is learned.

    Args:
        spelled: Words.
        width: Numbers in each vector.

    Returns:
        Vectors whose mean square is about 1, rounded to the digits that are shown.

    Raises:
        ValueError: If a word is empty.
    """
    if not all(spelled):
        raise ValueError("a word needs letters")
    return np.round(np.stack([_word(one.lower(), width) for one in spelled]), DIGITS) + 0.0


def _word(word: str, width: int) -> np.ndarray:
    edged = f"^{word}$"
    total = np.zeros(width)
    for pair in pairwise(edged):
        seed = int.from_bytes(hashlib.sha256("".join(pair).encode()).digest()[:8], "little")
        total += np.random.default_rng(seed).standard_normal(width)
    return total / np.sqrt(len(word) + 1)
