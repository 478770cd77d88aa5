"""Reading two curves honestly: who is ahead where, and where nobody is."""

from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np
from jaxtyping import Float

Verdict = Literal["ahead", "tie", "behind"]


@dataclass(frozen=True)
class Run:
    """Neighbouring ratios with one verdict.

    Attributes:
        verdict: Whether the one curve is ahead of the best of the others.
        first: Smallest ratio.
        last: Largest ratio.
    """

    verdict: Verdict
    first: float
    last: float


@dataclass(frozen=True)
class Race:
    """One curve against the best of several others.

    Attributes:
        runs: Who is ahead where, from the smallest ratio on.
        best: Index of the best of the others at each ratio.
        lead: How much higher the one is, in the unit of the scores; negative where it is lower.
    """

    runs: tuple[Run, ...]
    best: tuple[int, ...]
    lead: tuple[float, ...]


def race(
    ratios: Float[np.ndarray, " ratio"],
    one: Float[np.ndarray, " ratio"],
    others: Float[np.ndarray, "other ratio"],
    *,
    margin: float,
) -> Race:
    """Compare a curve with the best of others at every ratio; higher is better.

    Args:
        ratios: Hidden shares, growing.
        one: Scores of the curve.
        others: Scores of the others.
        margin: Differences up to this are a tie, in the unit of the scores.

    Raises:
        ValueError: If the ratios do not grow, a score is not finite or the margin negative.
    """
    if (np.diff(ratios) <= 0).any():
        raise ValueError("the ratios must grow")
    if not np.isfinite(one).all() or not np.isfinite(others).all() or margin < 0:
        raise ValueError("scores must be finite, and the margin not negative")
    best = others.argmax(axis=0)
    lead = one - others[best, np.arange(len(ratios))]
    verdicts = [_verdict(value, margin) for value in lead.tolist()]
    runs = []
    for verdict, group in groupby(zip(verdicts, ratios.tolist(), strict=True), lambda at: at[0]):
        inside = [ratio for _, ratio in group]
        runs.append(Run(verdict, inside[0], inside[-1]))
    return Race(tuple(runs), tuple(best.tolist()), tuple(lead.tolist()))


def _verdict(lead: float, margin: float) -> Verdict:
    if abs(lead) <= margin:
        return "tie"
    return "ahead" if lead > 0 else "behind"
