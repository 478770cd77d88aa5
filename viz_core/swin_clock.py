"""One attention layer by formula and by the clock: work, speed and how steeply time grows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from viz_core import windows

Kind = Literal["global", "window"]
Times = Mapping[Kind, Mapping[int, float]]  # seconds by kind and by side of the map


@dataclass(frozen=True)
class Layer:
    """One attention layer on a square map.

    Attributes:
        side: Tokens along a side of the map.
        width: Numbers a token has.
        window: Tokens along a side of a window; a smaller map is one window.
    """

    side: int
    width: int
    window: int

    def macs(self, kind: Kind, side: int | None = None) -> int:
        """Multiply-adds by the paper's equations, on this map or one of another side.

        Raises:
            ValueError: If a size is below 1.

        Source:
            Liu et al. 2021, equations 1 and 2.
        """
        one = self.side if side is None else side
        if kind == "global":
            return windows.msa_macs(one, one, self.width)
        return windows.window_msa_macs(one, one, self.width, min(self.window, one))


def points(times: Times) -> list[tuple[Kind, int, float]]:
    """Everything that was measured: kind, side of the map, seconds."""
    return [(kind, side, s) for kind, row in times.items() for side, s in row.items()]


def slope(sides: list[int], seconds: list[float]) -> float:
    """How many times steeper than the tokens time grows: the slope of both logarithms.

    Args:
        sides: Sides of the maps in tokens; the tokens are their squares.
        seconds: Time of each.

    Raises:
        ValueError: If there are not at least two different sizes, or a number is not positive.
    """
    if len(set(sides)) < 2 or len(sides) != len(seconds) or min(*sides, *seconds) <= 0:
        raise ValueError("a slope needs positive times of at least two sizes")
    tokens = 2 * np.log(np.asarray(sides, dtype=np.float64))
    return float(np.polyfit(tokens, np.log(np.asarray(seconds, dtype=np.float64)), 1)[0])


def rate(layer: Layer, times: Times) -> float:
    """Multiply-adds a second of the larger half of what was measured: the median.

    Small maps are left out: there the time goes into starting things, not into arithmetic.

    Raises:
        ValueError: If nothing was measured.
    """
    found = [(layer.macs(kind, side), side, seconds) for kind, side, seconds in points(times)]
    if not found:
        raise ValueError("nothing was measured")
    middle = float(np.median([side for _, side, _ in found]))
    return float(np.median([work / seconds for work, side, seconds in found if side >= middle]))
