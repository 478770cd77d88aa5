"""Why this class: one signature for many methods, and what says how far to trust each of them.

`methods.METHODS` says what there is (data only, cheap to import), `run.attribute` computes one of
them with torch, and what they return is an `Attribution`: a map with its sign, its unit and, where
a method promises that its map adds up to something, how far it is from that.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

BASELINES = ("grey", "mean", "blur")


@dataclass(frozen=True)
class Target:
    """What is explained: the logit of a class, or by how much it is ahead of another's.

    Attributes:
        label: Index of the class.
        against: Index of the class whose logit is taken off ("this against that"); None for none.
    """

    label: int
    against: int | None = None

    def __post_init__(self) -> None:
        if self.label == self.against:
            raise ValueError("a class cannot be explained against itself: choose another one")


@dataclass(frozen=True)
class Settings:
    """What some methods let one choose; each reads only what concerns it.

    Attributes:
        baseline: What stands for "nothing there": the colour that a network counts as 0, middle
            grey or the mean of ImageNet ("grey"), the picture's own mean colour ("mean") or the
            picture blurred ("blur").
        steps: Steps of integrated gradients.
        samples: Random draws of GradientShap.
        window: Side of the square that occlusion moves, in cells of the grid.
        start: First layer that rollout and relevance take in, from 0.
        layer: Layer that the logit lens reads, from 0; -1 is the last.
        seed: Of everything random.

    Raises:
        ValueError: If a count is below 1 or there is no such baseline.
    """

    baseline: str = "grey"
    steps: int = 32
    samples: int = 16
    window: int = 3
    start: int = 0
    layer: int = -1
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.steps, self.samples, self.window) < 1:
            raise ValueError("steps, samples and the window have to be at least 1")
        if self.baseline not in BASELINES:
            raise ValueError(f"a baseline is one of {', '.join(BASELINES)}, not {self.baseline!r}")


@dataclass(frozen=True)
class Attribution:
    """A map of what counted for a target; read-only, shared between visitors.

    Attributes:
        values: As the method gives them, at its own resolution: pixels, cells or tokens, row by
            row from the top. Nothing is scaled, clipped or smoothed.
        signed: Whether values below 0 mean "speaks against".
        unit: What a value is counted in, such as "logit" or "share".
        score: The target of the whole picture, in logits.
        baseline: The target of the baseline, where the method promises that the map adds up to
            score - baseline; None where it promises nothing of the kind.
        extensive: Whether values are amounts, which add up when places are joined, or
            intensities, of which the mean is taken; see `grid.cells`.
    """

    values: Float32[np.ndarray, "row column"]
    signed: bool
    unit: str
    score: float
    baseline: float | None = None
    extensive: bool = True

    @property
    def gap(self) -> float | None:
        """How much the map adds up to above score - baseline, in logits; None if not promised."""
        if self.baseline is None:
            return None
        return float(self.values.sum(dtype=np.float64)) - (self.score - self.baseline)
