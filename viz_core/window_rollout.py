"""Rollout for attention in windows: where what arrives at one token came from, through merging.

A block of windowed attention is a sparse matrix over the whole map: a token takes only from its
own window. Between stages, 2 x 2 tokens become one. Both are applied to rows of shares, from the
last block to the first, so nothing as large as the map squared is ever held.

The idea is Abnar & Zuidema's (https://arxiv.org/abs/2005.00928); with one window that is the
whole map this is `viz_core.rollout`. Linear layers and merging weights are taken as passing
everything on alike, as that method does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from viz_core import windows
from viz_core.rollout import Fusion, fuse
from viz_core.windows import FILLED, Layout


@dataclass(frozen=True)
class WindowBlock:
    """One block, heads joined.

    Attributes:
        pattern: (window, query, key), float64; rows of tokens sum to 1 over tokens, what was
            filled up is left out.
        layout: How the block cut its map.
    """

    pattern: np.ndarray
    layout: Layout


def block(
    patterns: Float[np.ndarray, "w head query key"], layout: Layout, fusion: Fusion = "mean"
) -> WindowBlock:
    """Join the heads of one block.

    Args:
        patterns: Softmax weights inside each window; rows sum to 1.
        layout: How the block cut its map.
        fusion: As in `viz_core.rollout.fuse`.

    Returns:
        The block. Attention to filled-up places holds nothing of the picture: it is taken out
        and the row brought back to 1.

    Raises:
        ValueError: If a row does not sum to 1, or the patterns do not fit the layout.
    """
    members = windows.members(layout)
    if patterns.shape[0] != len(members) or patterns.shape[-2:] != (members.shape[1],) * 2:
        raise ValueError(f"patterns {patterns.shape} do not fit {members.shape} windows and tokens")
    real = members != FILLED
    pattern = fuse(patterns, fusion) * (real[:, None, :] & real[:, :, None])
    total = pattern.sum(axis=-1, keepdims=True)
    own = np.eye(pattern.shape[-1]) * real[:, None, :]
    return WindowBlock(np.where(total > 0, pattern / np.where(total > 0, total, 1), own), layout)


def rollout_row(
    blocks: Sequence[WindowBlock], token: int | None = None, *, residual: float = 0.5
) -> Float[np.ndarray, "rows columns"]:
    """Where what arrives at one token of the last map came from, on the first map.

    Args:
        blocks: From the first to the last that is followed. Where the map of a block has half
            the sides of the one before it, tokens were merged in between.
        token: Token of the last block's map, row by row from 0; None is the mean of all, which
            is what Swin's head reads.
        residual: Weight of the skip connection, in [0, 1]; 0.5 is Abnar & Zuidema's choice.

    Returns:
        Shares of the tokens of the first map, which sum to 1.

    Raises:
        ValueError: If an argument is outside its range, or two maps do not follow each other.
    """
    size = _size(blocks)
    if token is not None and not 0 <= token < size:
        raise ValueError(f"token must be in 0 to {size - 1}, got {token}")
    rows = np.full((1, size), 1 / size) if token is None else np.eye(1, size, token)
    return _through(blocks, rows, residual)[0].reshape(blocks[0].layout.grid)


def rollout(
    blocks: Sequence[WindowBlock], *, residual: float = 0.5
) -> Float[np.ndarray, "out rows columns"]:
    """`rollout_row` of every token of the last map: one map of shares each, summing to 1.

    Only as large as last map times first map: 49 x 3136 for Swin-T at 224 pixels, but
    3136 x 3136 if all blocks are of its first stage.
    """
    rows = np.eye(_size(blocks))
    return _through(blocks, rows, residual).reshape(-1, *blocks[0].layout.grid)


def _size(blocks: Sequence[WindowBlock]) -> int:
    if not blocks:
        raise ValueError("a rollout needs at least one block")
    rows, columns = blocks[-1].layout.grid
    return rows * columns


def _through(
    blocks: Sequence[WindowBlock], rows: Float[np.ndarray, "out last"], residual: float
) -> Float[np.ndarray, "out first"]:
    """Rows of shares over the last map to rows over the first."""
    if not 0 <= residual <= 1:
        raise ValueError(f"residual must be in [0, 1], got {residual}")
    grid = blocks[-1].layout.grid
    for one in blocks[::-1]:
        if one.layout.grid != grid:
            rows = _unmerge(rows, grid, one.layout.grid)
        grid = one.layout.grid
        rows = residual * rows + (1 - residual) * _attended(rows, one)
    return rows


def _attended(rows: Float[np.ndarray, "out t"], one: WindowBlock) -> Float[np.ndarray, "out t"]:
    """Rows times the block's sparse matrix over the map."""
    members = windows.members(one.layout)
    real = members != FILLED
    held = np.where(real, rows[:, members], 0)  # (out, w, query); FILLED reads a token, masked
    mixed = held.swapaxes(0, 1) @ one.pattern  # (w, out, key)
    after = np.empty_like(rows)
    after[:, members[real]] = mixed.swapaxes(0, 1)[:, real]
    return after


def _unmerge(
    rows: Float[np.ndarray, "out t"], grid: tuple[int, int], finer: tuple[int, int]
) -> Float[np.ndarray, "out finer"]:
    """Every merged token is the mean of its four; of fewer at the edge of an odd map."""
    if grid != (-(-finer[0] // 2), -(-finer[1] // 2)):
        raise ValueError(f"a map of {finer} does not merge into one of {grid}")
    y, x = np.indices(finer) // 2
    parent = (y * grid[1] + x).ravel()
    return (rows / np.bincount(parent))[:, parent]
