"""What formed when: arrays of several moments of a training, compared with the last of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from viz_core import prediction

HALF = 0.5


@dataclass(frozen=True)
class Growth:
    """A network at several moments of its training, on one picture; read-only arrays.

    Attributes:
        logits: Of each class.
        patterns: Softmax weights; a class token comes first.
        reading: How much the head reads of each place: the weights of sequence pooling, which
            sum to 1, or without it the class token's attention in the last layer, the mean of
            its heads, which leaves out what it keeps for itself.
        cosines: Of every two places' positions, without what all share; None if the network
            adds none.
        kernels: The first convolution's; they work on normalised pixels.
        answers: What each kernel gives at each place of the picture, before any ReLU.
        grid: Rows and columns of places.
    """

    logits: Float[np.ndarray, "moment label"]
    patterns: Float[np.ndarray, "moment layer head token token"]
    reading: Float[np.ndarray, "moment place"]
    cosines: Float[np.ndarray, "moment place place"] | None
    kernels: Float[np.ndarray, "moment kernel row column 3"]
    answers: Float[np.ndarray, "moment kernel down across"]
    grid: tuple[int, int]

    @property
    def reads_class(self) -> bool:
        """Whether the head reads a class token; otherwise it reads all places, pooled."""
        return self.patterns.shape[-1] > self.reading.shape[1]

    @property
    def chances(self) -> Float[np.ndarray, "moment label"]:
        """Probability of each class."""
        return np.stack([prediction.softmax(row) for row in self.logits])


def ways(grown: Growth) -> dict[str, Float[np.ndarray, " moment"]]:
    """`way` of each thing that forms; what never changed has none.

    Of shares the square roots are compared (Hellinger's distance): a row that puts all on one
    token is as far from one that puts all on another as two rows can be, but hardly farther than
    from one that spreads evenly.

    Raises:
        ValueError: If there are fewer than two moments.
    """
    things: dict[str, np.ndarray | None] = {
        "filters": grown.kernels, "positions": grown.cosines, "attention": grown.patterns**0.5,
        "reading": grown.reading**0.5, "answer": grown.chances**0.5,
    }  # fmt: skip
    return {
        name: way(values)
        for name, values in things.items()
        if values is not None and (len(values) < 2 or not np.array_equal(values[0], values[-1]))
    }


def way(values: Float[np.ndarray, "moment *shape"]) -> Float[np.ndarray, " moment"]:
    """Share of the way from the first moment to the last that each moment has made.

    One minus the distance to the last moment over that of the first: 0 at first, 1 at last,
    below 0 where a moment is farther from the end than the beginning was.

    Args:
        values: Anything that changed, a moment a row; distances are Euclidean.

    Raises:
        ValueError: If there are fewer than two moments, or first and last are the same.

    Source:
        A measure of our own. It says when something got its final form, not when it became
        useful, and weights that no longer matter count as much as others.
    """
    if len(values) < 2:
        raise ValueError(f"a way needs two moments, got {len(values)}")
    rows = values.reshape(len(values), -1).astype(np.float64)
    left = np.linalg.norm(rows - rows[-1], axis=1)
    if not left[0] > 0:
        raise ValueError("nothing differs between the first moment and the last")
    return 1 - left / left[0]


def settled(made: Float[np.ndarray, " moment"], level: float = HALF) -> int:
    """The first moment from which on a way stays at `level` or above.

    Args:
        made: From `way`.
        level: Share of the way, at most 1.

    Raises:
        ValueError: If the last moment is below the level.
    """
    below = np.flatnonzero(made < level)
    if not len(below):
        return 0
    if below[-1] + 1 == len(made):
        raise ValueError(f"the last moment, {made[-1]}, is below {level}")
    return int(below[-1]) + 1


def turns(chances: Float[np.ndarray, "moment label"]) -> list[int]:
    """The moments at which the likeliest class is another than the moment before.

    Args:
        chances: Anything that grows with the class's probability; of equal ones the first counts.

    Raises:
        ValueError: If there is no moment or no class.
    """
    if not chances.size:
        raise ValueError(f"answers need moments and classes, got the shape {chances.shape}")
    best = chances.argmax(axis=1)
    return [int(k) + 1 for k in np.flatnonzero(best[1:] != best[:-1])]


def neighbours(
    cosines: Float[np.ndarray, "place place"], grid: tuple[int, int]
) -> tuple[float, float]:
    """Mean cosine of places side by side (or one above the other), and of all other pairs.

    Args:
        cosines: From `viz_core.positions.similarity`.
        grid: Rows and columns of places; at least 2 x 2.

    Raises:
        ValueError: If the grid does not have as many places, or no two that are not neighbours.
    """
    if grid[0] * grid[1] != len(cosines) or min(grid) < 2:
        raise ValueError(f"{len(cosines)} places are no grid of {grid[0]} x {grid[1]}, 2 x 2 up")
    row, column = np.indices(grid).reshape(2, -1)
    apart = abs(row[:, None] - row) + abs(column[:, None] - column)
    return float(cosines[apart == 1].mean()), float(cosines[apart > 1].mean())


def order(
    made: Mapping[str, Float[np.ndarray, " moment"]], shares: Sequence[float]
) -> list[tuple[str, float]]:
    """Names with the share of the training by which each had made half of its way for good.

    Args:
        made: From `ways`.
        shares: Of the training, one for each moment.

    Returns:
        Earliest first; at the same moment, the one that had come farther.

    Raises:
        ValueError: If a way does not have a number for every moment.
    """
    if any(len(way) != len(shares) for way in made.values()):
        raise ValueError(f"every way needs {len(shares)} moments")
    found = [(settled(way), -float(way[settled(way)]), name) for name, way in made.items()]
    return [(name, float(shares[at])) for at, _, name in sorted(found)]
