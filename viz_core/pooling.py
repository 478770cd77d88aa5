"""Sequence pooling taken apart: what each token is worth to the answer."""

import numpy as np
from jaxtyping import Float, Float64


def shares(logits: Float[np.ndarray, "*rows classes"]) -> Float64[np.ndarray, "*rows classes"]:
    """Softmax along the last axis, in float64."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def left_out(weights: Float[np.ndarray, " token"]) -> Float64[np.ndarray, "out token"]:
    """Weights of the pool with each token left out in turn: the others grow to sum 1 again.

    That is what the softmax gives if the token's score becomes minus infinity.

    Args:
        weights: Not negative; they sum to 1.

    Returns:
        Row k is the pool without token k.

    Raises:
        ValueError: If the weights are no shares, or one token has all of it.
    """
    _check(weights)
    if weights.max() >= 1:
        raise ValueError("one token has all the weight: without it nothing is left to pool")
    rows = np.tile(weights.astype(np.float64), (len(weights), 1))
    np.fill_diagonal(rows, 0)
    return rows / rows.sum(axis=1, keepdims=True)


def answers(
    pools: Float[np.ndarray, "pool token"],
    tokens: Float[np.ndarray, "token width"],
    rows: Float[np.ndarray, "classes width"],
    bias: Float[np.ndarray, " classes"],
) -> Float64[np.ndarray, "pool classes"]:
    """Logits of one sequence under several pools.

    Args:
        pools: Weights of the tokens, one row a pool.
        tokens: The encoder's output after its last norm.
        rows: The head's weights.
        bias: The head's biases.

    Source:
        Hassani et al. 2021, arXiv:2104.05704, section 3.2: z = softmax(g(x))^T x.
    """
    pooled = pools.astype(np.float64) @ tokens.astype(np.float64)
    return pooled @ rows.astype(np.float64).T + bias


def votes(
    weights: Float[np.ndarray, " token"],
    tokens: Float[np.ndarray, "token width"],
    rows: Float[np.ndarray, "classes width"],
) -> Float64[np.ndarray, "token classes"]:
    """What each token adds to each logit: pool and head are linear, so with the bias they sum up.

    Args:
        weights: Of the pool; they sum to 1.
        tokens: The encoder's output after its last norm.
        rows: The head's weights.

    Raises:
        ValueError: If the weights are no shares.
    """
    _check(weights)
    return weights.astype(np.float64)[:, None] * (tokens.astype(np.float64) @ rows.T)


def _check(weights: Float[np.ndarray, " token"]) -> None:
    if (weights < 0).any() or not np.isclose(weights.sum(dtype=np.float64), 1, atol=1e-4):
        raise ValueError("weights of a pool are not negative and sum to 1")
