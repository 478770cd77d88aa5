"""Rollout for the class token alone against the whole matrix, at ViT-B/16's size."""

import numpy as np

from benchmarks.paired import ratio
from viz_core.rollout import fuse, rollout, rollout_row


def naive(patterns: np.ndarray) -> np.ndarray:
    """The usual loop: join heads, mix with the identity, multiply matrices."""
    identity = np.eye(patterns.shape[-1])
    flow = identity
    for pattern in patterns:
        mixed = 0.5 * identity + 0.5 * pattern.astype(np.float64).mean(axis=0)
        flow = (mixed / mixed.sum(axis=-1, keepdims=True)) @ flow
    return flow


def main() -> None:
    """Print ratios for 12 layers, 12 heads, 197 tokens."""
    powers = np.exp(np.random.default_rng(0).normal(size=(12, 12, 197, 197)))
    patterns = (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32)
    fused = fuse(patterns)
    assert np.allclose(rollout_row(fused), naive(patterns)[0])
    print("12 layers x 12 heads x 197 tokens")
    print(
        "  class row from joined heads / naive full:",
        ratio(lambda: rollout_row(fused), lambda: naive(patterns)),
    )
    print(
        "  all rows from joined heads / naive full:",
        ratio(lambda: rollout(fused), lambda: naive(patterns)),
    )
    print(
        "  class row with 90 % discarded / naive full:",
        ratio(lambda: rollout_row(fused, discard=0.9), lambda: naive(patterns)),
    )


if __name__ == "__main__":
    main()
