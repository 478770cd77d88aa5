"""The canvas's frames of kind `windowed`: attention inside windows, as in Swin.

Every block has a grid, heads, windows and a shift of its own, so the header lists the blocks:
`blocks` holds {stage, block, depth, grid, heads, window, shift}, counted from 0 (`depth` is the
number of blocks in the stage), `layers` their number and `present` the ones in this frame. Of a
block with t tokens, h heads and w windows of n = window * window slots the body holds, each part
at a multiple of 4,

    f32 scale[h][t]        the largest attention of each row
    u8  level[h][t][n]     attention of a token on each slot of its window, as in `attention`
    u16 token[w][n]        which token a slot holds, 65535 where it is padding
    u8  region[w][n]       slots of one region are open to each other, others are closed

Tokens are counted row by row in the picture, not in the rolled map: the roll is undone here. A
token's window and slot are the only ones that hold it. Keys of other windows have no entry at all:
2.4 MB for Swin-T at 224 pixels, where the full matrices of all blocks would take 65 MB.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Integer

from viz_core.canvas.envelope import quantised, restored, unpack_header, with_picture

PADDING = 0xFFFF


@dataclass(frozen=True)
class WindowedBlock:
    """Attention of one block of windows over one picture.

    Attributes:
        stage: Stage, from 0.
        block: Block in its stage, from 0.
        depth: Blocks in its stage.
        grid: (rows, columns) of tokens in this stage.
        window: Side of a window in tokens.
        shift: How far the windows are moved up and left before they are cut, in tokens.
        patterns: Softmax weights (window, head, query, key) over the slots of each window; rows
            sum to 1, padding included.
        tokens: Which token a slot holds (window, slot), as `viz_core.windows.members` gives
            them: row by row in the picture, -1 for padding.
        regions: Slots of one window see each other only if these numbers, 0 to 255, agree.
    """

    stage: int
    block: int
    depth: int
    grid: tuple[int, int]
    window: int
    shift: int
    patterns: Float[np.ndarray, "window head query key"]
    tokens: Integer[np.ndarray, "window key"]
    regions: Integer[np.ndarray, "window key"]


def pack_windowed(
    blocks: Sequence[WindowedBlock], *, picture_jpeg: bytes, picture_size: tuple[int, int]
) -> bytes:
    """Attention of all blocks and heads over one picture.

    Args:
        blocks: From the first stage to the last.
        picture_jpeg: The picture as the model sees it (cropped), in any resolution.
        picture_size: Its (width, height) in pixels.

    Returns:
        A `windowed` frame with all blocks.

    Raises:
        ValueError: If there is no block, a token stands in no slot or in two, sizes disagree,
            or attention is negative, not finite, or given across regions.
    """
    if not blocks:
        raise ValueError("there is no block of windows")
    body = [picture_jpeg]
    for block in blocks:
        _check(block)
        scale, levels = quantised(by_token(block))
        body += [scale.tobytes(), levels.tobytes()]
        body.append(np.where(block.tokens < 0, PADDING, block.tokens).astype("<u2").tobytes())
        body.append(block.regions.astype(np.uint8).tobytes())
    shapes = [_shape(block) for block in blocks]
    return with_picture(
        "windowed", body, picture_size,
        layers=len(blocks), blocks=shapes, present=[*range(len(blocks))],
    )  # fmt: skip


def by_token(block: WindowedBlock) -> Float[np.ndarray, "head token key"]:
    """Attention of each token of the picture on the slots of its own window."""
    rows = block.patterns.swapaxes(0, 1)  # (head, window, query, key)
    rows = rows.reshape(rows.shape[0], -1, rows.shape[-1])
    return rows[:, places(block.tokens)]


def places(tokens: Integer[np.ndarray, "window key"]) -> Integer[np.ndarray, " token"]:
    """Where each token stands: window * slots + slot."""
    flat = tokens.reshape(-1)
    return np.argsort(flat, kind="stable")[np.count_nonzero(flat < 0) :]


def unpack_windowed(
    frame: bytes,
) -> dict[int, tuple[Float[np.ndarray, "head token key"], Integer[np.ndarray, "window key"]]]:
    """Attention by token and the tokens of each window, for each block that a frame holds.

    Raises:
        ValueError: If it is no `windowed` frame or its length is not what the header says.
    """
    header, start = unpack_header(frame)
    if header["kind"] != "windowed":
        raise ValueError(f"this is a frame of kind {header['kind']!r}")
    offset = start + header["picture"]["bytes"] + -header["picture"]["bytes"] % 4
    if len(frame) != offset + sum(block_bytes(header, k) for k in header["present"]):
        raise ValueError("the canvas frame is cut short")
    found = {}
    for layer in header["present"]:
        heads, tokens, windows, slots = _counts(header["blocks"][layer])
        scale = np.frombuffer(frame, "<f4", heads * tokens, offset).reshape(heads, tokens)
        levels = np.frombuffer(frame, np.uint8, heads * tokens * slots, offset + scale.nbytes)
        at = offset + scale.nbytes + levels.nbytes + -levels.nbytes % 4
        keys = np.frombuffer(frame, "<u2", windows * slots, at).astype(np.int64)
        keys = np.where(keys == PADDING, -1, keys).reshape(windows, slots)
        found[layer] = restored(scale, levels.reshape(heads, tokens, slots)), keys
        offset += block_bytes(header, layer)
    return found


def block_bytes(header: dict[str, Any], layer: int) -> int:
    """Length of one block in the body."""
    heads, tokens, windows, slots = _counts(header["blocks"][layer])
    parts = (4 * heads * tokens, heads * tokens * slots, 2 * windows * slots, windows * slots)
    return sum(length + -length % 4 for length in parts)


def _counts(block: dict[str, Any]) -> tuple[int, int, int, int]:
    """(heads, tokens, windows, slots of a window)."""
    side = block["window"]
    windows = math.prod(-(-length // side) for length in block["grid"])
    return block["heads"], math.prod(block["grid"]), windows, side * side


def _shape(block: WindowedBlock) -> dict[str, Any]:
    names = ("stage", "block", "depth", "window", "shift")
    given = {name: int(getattr(block, name)) for name in names}
    grid = [int(length) for length in block.grid]
    return {**given, "grid": grid, "heads": block.patterns.shape[1]}


def _check(block: WindowedBlock) -> None:
    where = f"stage {block.stage + 1}, block {block.block + 1}"
    heads, count, windows, slots = _counts(_shape(block))
    if block.patterns.shape != (windows, heads, slots, slots):
        raise ValueError(f"{where}: attention of shape {block.patterns.shape} is not that of "
                         f"{windows} windows of {slots} tokens")  # fmt: skip
    if block.tokens.shape != (windows, slots) or block.regions.shape != (windows, slots):
        raise ValueError(f"{where}: tokens and regions must be {windows} x {slots}")
    here = np.sort(block.tokens[block.tokens >= 0])
    if count >= PADDING or not np.array_equal(here, np.arange(count)):
        raise ValueError(f"{where}: each of {count} tokens must stand in exactly one slot")
    if block.regions.min() < 0 or block.regions.max() > 255:
        raise ValueError(f"{where}: regions are numbered from 0 to 255")
    closed = block.regions[:, None, :, None] != block.regions[:, None, None, :]
    if (np.where(closed, block.patterns, 0) > 1e-6).any():
        raise ValueError(f"{where}: there is attention between two regions")
