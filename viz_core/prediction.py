"""What the head says: logits to shares and names."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class Guess:
    """One class and its softmax share in [0, 1]."""

    label: str
    share: float


def softmax(logits: Float[np.ndarray, " classes"]) -> Float[np.ndarray, " classes"]:
    """Shares that sum to 1, in float64; the largest logit is subtracted first."""
    powers = np.exp(logits.astype(np.float64) - logits.max())
    return powers / powers.sum()


def top(
    logits: Float[np.ndarray, " classes"], labels: Sequence[str], count: int = 5
) -> list[Guess]:
    """The `count` most likely classes, most likely first (fewer if there are fewer).

    Raises:
        ValueError: If there is not one label a logit, or a logit is not finite.
    """
    if len(labels) != len(logits):
        raise ValueError(f"{len(logits)} logits need as many labels, got {len(labels)}")
    if not np.isfinite(logits).all():
        raise ValueError("logits must be finite")
    shares = softmax(logits)
    order = np.argsort(-shares, kind="stable")[:count]
    return [Guess(labels[i], float(shares[i])) for i in order]
