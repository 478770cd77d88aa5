"""How long a first answer stays while a picture is changed, dose by dose."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from viz_core import prediction


@dataclass(frozen=True)
class Sweep:
    """One network over the doses of one transform.

    Attributes:
        shares: Softmax shares for each dose.
        start: Index of the dose that changes nothing.
    """

    shares: Float[np.ndarray, "dose classes"]
    start: int

    @property
    def first(self) -> int:
        """The class that is named for the unchanged picture."""
        return int(self.shares[self.start].argmax())

    @property
    def stays(self) -> Bool[np.ndarray, " dose"]:
        """Whether the answer at each dose is the first one."""
        return self.shares.argmax(axis=1) == self.first

    @property
    def share(self) -> Float[np.ndarray, " dose"]:
        """Share of the first answer at each dose."""
        return self.shares[:, self.first]

    @property
    def steadiness(self) -> float:
        """Share of the doses that change something at which the first answer stays, in [0, 1]."""
        others = np.delete(self.stays, self.start)
        return float(others.mean()) if len(others) else 1.0

    @property
    def span(self) -> tuple[int, int]:
        """First and last dose of the unbroken run around the neutral one with the same answer."""
        low = high = self.start
        while low > 0 and self.stays[low - 1]:
            low -= 1
        while high + 1 < len(self.stays) and self.stays[high + 1]:
            high += 1
        return low, high


def sweep(logits: Float[np.ndarray, "dose classes"], start: int) -> Sweep:
    """Logits of every dose as a sweep.

    Args:
        logits: Of one network.
        start: Index of the dose that changes nothing.

    Raises:
        ValueError: If there is no such dose, or a logit is not finite.
    """
    if not 0 <= start < len(logits):
        raise ValueError(f"there is no dose {start} among {len(logits)}")
    if not np.isfinite(logits).all():
        raise ValueError("logits must be finite")
    return Sweep(np.stack([prediction.softmax(row) for row in logits]), start)
