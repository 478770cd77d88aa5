"""Attention rollout (Abnar & Zuidema 2020, https://arxiv.org/abs/2005.00928).

Rollout follows attention through the layers: each block is replaced by a matrix that
says how much of every output token came from every input token, and the matrices are
multiplied. Only valid for full attention on a residual stream: not for Swin windows.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Float

Fusion = Literal["mean", "max", "min"]
Reading = Literal["single", "mean", "max", "rollout"]


def fuse(
    patterns: Float[np.ndarray, "layer head query key"], fusion: Fusion = "mean"
) -> Float[np.ndarray, "layer query key"]:
    """One attention matrix a layer, in float64. Rows sum to 1.

    Args:
        patterns: Softmax weights; every row sums to 1 (dimensionless shares).
        fusion: How heads are joined. Maximum and minimum are brought back to rows that
            sum to 1, since they are no distributions of their own.

    Raises:
        ValueError: If a row of `patterns` does not sum to 1, or `fusion` is unknown.

    Source:
        The mean is Abnar & Zuidema's; maximum and minimum are Gildenblat's
        (https://github.com/jacobgil/vit-explain).
    """
    joins: dict[str, Callable[..., np.ndarray]] = {"mean": np.mean, "max": np.max, "min": np.min}
    if fusion not in joins:
        raise ValueError(f"fusion must be one of {sorted(joins)}, got {fusion!r}")
    if not np.allclose(patterns.sum(axis=-1, dtype=np.float64), 1, atol=1e-4):
        raise ValueError("patterns must be softmax weights whose rows sum to 1")
    fused = joins[fusion](patterns.astype(np.float64), axis=1)
    return _rows_to_one(fused)


def rollout(
    fused: Float[np.ndarray, "layer token token"],
    *,
    residual: float = 0.5,
    discard: float = 0.0,
    start: int = 0,
    prefix: int = 1,
) -> Float[np.ndarray, "token token"]:
    """Share of each input token in each output token, following attention through the layers.

    Args:
        fused: One attention matrix a layer, from `fuse`.
        residual: Weight of the skip connection, in [0, 1]; 0.5 is the paper's choice.
        discard: Share of the smallest patch-to-patch weights of each layer that is set to 0
            before the rows are brought back to 1, in [0, 1). 0 is the paper's choice.
        start: First layer that is followed, from 0.
        prefix: Leading tokens (class token, registers) whose rows and columns are never
            discarded.

    Returns:
        Row i holds the input shares of output token i. Rows sum to 1.

    Raises:
        ValueError: If an argument is outside its range.
    """
    _check(fused, residual, discard, start, prefix)
    identity = np.eye(fused.shape[-1])
    flow = identity
    for matrix in fused[start:]:
        mixed = residual * identity + (1 - residual) * _thin(matrix, discard, prefix)
        flow = mixed @ flow
    return flow


def matrix(
    patterns: Float[np.ndarray, "layer head query key"],
    layer: int,
    head: int,
    reading: Reading = "single",
    *,
    residual: float = 0.5,
) -> Float[np.ndarray, "query key"]:
    """Who looks at whom, as the canvas reads it: the server's twin of `canvas/js/lookup.js`.

    Args:
        patterns: Softmax weights; every row sums to 1.
        layer: Layer, from 0.
        head: Head, from 0; only `single` asks for it.
        reading: One head, the mean or the plain maximum of the layer's heads, or the rollout of
            the layers up to and with this one.
        residual: Weight of the skip connection in the rollout.

    Raises:
        ValueError: If `reading` is unknown.
    """
    if reading == "single":
        return patterns[layer, head]
    if reading == "rollout":
        return rollout(fuse(patterns)[: layer + 1], residual=residual)
    if reading not in ("mean", "max"):
        raise ValueError(f"reading must be single, mean, max or rollout, got {reading!r}")
    return getattr(patterns[layer].astype(np.float64), reading)(axis=0)


def rollout_row(
    fused: Float[np.ndarray, "layer token token"],
    token: int = 0,
    *,
    residual: float = 0.5,
    discard: float = 0.0,
    start: int = 0,
    prefix: int = 1,
) -> Float[np.ndarray, " token"]:
    """Row `token` of `rollout`, without the other rows: a vector through the layers.

    Arguments, units and errors are those of `rollout`; the result is equal to
    `rollout(...)[token]` and sums to 1. Token 0 is the class token.
    """
    _check(fused, residual, discard, start, prefix)
    tokens = fused.shape[-1]
    if not 0 <= token < tokens:
        raise ValueError(f"token must be in 0 to {tokens - 1}, got {token}")
    row = np.zeros(tokens)
    row[token] = 1
    for matrix in fused[start:][::-1]:
        row = residual * row + (1 - residual) * (row @ _thin(matrix, discard, prefix))
    return row


def _check(fused: np.ndarray, residual: float, discard: float, start: int, prefix: int) -> None:
    layers, tokens, _ = fused.shape
    if not 0 <= residual <= 1:
        raise ValueError(f"residual must be in [0, 1], got {residual}")
    if not 0 <= discard < 1:
        raise ValueError(f"discard must be in [0, 1), got {discard}")
    if not 0 <= start < layers:
        raise ValueError(f"start must be in 0 to {layers - 1}, got {start}")
    if not 0 <= prefix <= tokens:
        raise ValueError(f"prefix must be in 0 to {tokens}, got {prefix}")


def _rows_to_one(matrix: np.ndarray) -> np.ndarray:
    """Rows divided by their sums; a row of zeros stays with its own token."""
    total = matrix.sum(axis=-1, keepdims=True)
    own = np.broadcast_to(np.eye(matrix.shape[-1]), matrix.shape)
    return np.where(total > 0, matrix / np.where(total > 0, total, 1), own)


def _thin(matrix: np.ndarray, discard: float, prefix: int) -> np.ndarray:
    """The matrix without its smallest patch-to-patch weights, rows summing to 1 again."""
    patches = matrix[prefix:, prefix:]
    count = int(discard * patches.size)
    if count == 0:
        return matrix
    smallest = np.argpartition(patches, count - 1, axis=None)[:count]
    kept = patches.copy().reshape(-1)
    kept[smallest] = 0
    thinned = matrix.copy()
    thinned[prefix:, prefix:] = kept.reshape(patches.shape)
    return _rows_to_one(thinned)
