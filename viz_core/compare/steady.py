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
        still: Indices of the doses that change nothing; the first of them is the unchanged picture.
    """

    shares: Float[np.ndarray, "dose classes"]
    still: tuple[int, ...]

    @property
    def start(self) -> int:
        """Index of the unchanged picture."""
        return self.still[0]

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
    def kept(self) -> int:
        """At how many of the doses that change something the first answer stays."""
        return int(np.delete(self.stays, self.still).sum())

    @property
    def changed(self) -> int:
        """How many doses change something."""
        return len(self.shares) - len(set(self.still))

    @property
    def steadiness(self) -> float:
        """Share of the doses that change something at which the first answer stays, in [0, 1]."""
        return self.kept / self.changed if self.changed else 1.0


def sweep(logits: Float[np.ndarray, "dose classes"], still: tuple[int, ...]) -> Sweep:
    """Logits of every dose as a sweep.

    Args:
        logits: Of one network.
        still: Indices of the doses that change nothing, at least one.

    Raises:
        ValueError: If there is no such dose, or a logit is not finite.
    """
    if not still or not all(0 <= at < len(logits) for at in still):
        raise ValueError(f"there is no dose {still} among {len(logits)}")
    if not np.isfinite(logits).all():
        raise ValueError("logits must be finite")
    return Sweep(np.stack([prediction.softmax(row) for row in logits]), still)
