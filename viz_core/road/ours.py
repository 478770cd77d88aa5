"""Our own short training of the road's stations, as `models.training.road` notes it."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Own:
    """What one station reached.

    Attributes:
        top1: Percent of the validation pictures.
        error: Its standard error in points, of so many pictures and one seed.
    """

    top1: float
    error: float


@dataclass(frozen=True)
class Record:
    """A training of all stations with one recipe.

    Attributes:
        classes: Of the pictures.
        told: How they were trained, in a sentence.
        stations: By key; a station that was not trained is absent.
    """

    classes: int
    told: str
    stations: Mapping[str, Own]


def read(text: str) -> Record:
    """The record that `python -m models.training.road` wrote.

    Raises:
        ValueError: If it is no such record.
    """
    try:
        found = json.loads(text)
        pictures = found["pictures"]
        stations = {
            key: Own(one["top1"], error(one["top1"], pictures["val"]))
            for key, one in found["stations"].items()
        }
        told = (
            f"Trained for Saccade, all in the same way: {found['epochs']} epochs of "
            f"{pictures['train']:,} pictures of {found['classes']} classes at {found['side']} "
            f"pixels, {found['width']} channels where ResNet-50 has 64, one seed; "
            f"± two standard errors of {pictures['val']:,} validation pictures."
        )
        return Record(found["classes"], told, stations)
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"the record of the road's training lacks {problem}") from problem


def error(percent: float, pictures: int) -> float:
    """Standard error of a share of so many independent pictures, in points."""
    return math.sqrt(percent * (100 - percent) / pictures)
