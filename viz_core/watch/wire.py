"""What the component `watch` gets: one picture as a network saw it at some moments."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from viz_core import patch_frames

PLACES = 5  # decimals of a weight: 1e-5 of all weights is no visible colour


@dataclass(frozen=True)
class Moment:
    """How the picture was seen at one moment.

    Attributes:
        when: In words, for people.
        weights: Of each place of the grid; shares of one whole.
        probabilities: Of the classes; they sum to 1.
    """

    when: str
    weights: Float[np.ndarray, "row column"]
    probabilities: Float[np.ndarray, " class"]


def frame(
    picture_jpeg: bytes,
    moments: Sequence[Moment],
    *,
    classes: Sequence[str],
    of: str,
    badge: str = "",
    live: bool = False,
) -> bytes:
    """A message for the component.

    Args:
        picture_jpeg: A square, as people see it.
        moments: Oldest first; the last is now.
        classes: Names, in the order of the probabilities.
        of: What the weights are percentages of, such as "the pooled picture".
        badge: What has to be said on the picture, such as "untrained"; empty for nothing.
        live: Whether more will come.

    Raises:
        ValueError: If there is no moment, grids differ, a weight is negative or not finite, or
            there is not one probability for each class.
    """
    if not moments:
        raise ValueError("there is at least one moment")
    grid = moments[0].weights.shape
    for one in moments:
        if one.weights.shape != grid:
            raise ValueError(f"grids differ: {one.weights.shape} and {grid}")
        if not np.isfinite(one.weights).all() or one.weights.min() < 0:
            raise ValueError("weights are at least 0 and finite")
        if one.probabilities.shape != (len(classes),):
            raise ValueError(f"{len(classes)} classes, but {one.probabilities.shape}")
    header = {
        "grid": list(grid),
        "classes": list(classes),
        "of": of,
        "badge": badge,
        "live": live,
        "moments": [
            {
                "when": one.when,
                "weights": _short(one.weights.ravel()),
                "probabilities": _short(one.probabilities),
            }
            for one in moments
        ],
    }
    return patch_frames.pack(header, picture=picture_jpeg)


def _short(values: np.ndarray) -> list[float]:
    return [round(float(value), PLACES) for value in values]
