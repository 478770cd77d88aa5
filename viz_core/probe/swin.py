"""What a Swin block does with its windows: scores, bias, mask, and what the mask is worth."""

import copy
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from models.tap import record
from viz_core import relative_position, window_mask, windows
from viz_core.windows import Layout

Opened = Literal["none", "this", "all"]


@dataclass(frozen=True)
class WindowLook:
    """Attention of one block in one forward pass; read-only arrays of float32.

    Attributes:
        layout: How the block cut its map.
        scores: Scores before bias and mask.
        bias: Relative position bias, one for every pair of places in a window.
        pattern: Softmax weights; rows sum to 1.
        logits: What the head returns.
    """

    layout: Layout
    scores: Float[np.ndarray, "w head query key"]
    bias: Float[np.ndarray, "head query key"]
    pattern: Float[np.ndarray, "w head query key"]
    logits: Float[np.ndarray, " classes"]


@dataclass(frozen=True)
class RaggedProof:
    """Rolled and masked attention against attention window by ragged window.

    Attributes:
        windows: Number of ragged windows.
        difference: Largest absolute difference of the two outputs, by float type.
        unmasked: The same difference in float64 with the mask left away.
        largest: Largest absolute value of the output itself.
    """

    windows: int
    difference: dict[str, float]
    unmasked: float
    largest: float


def layouts(model: nn.Module, height: int, width: int) -> list[list[Layout]]:
    """How every block of every stage cuts its map, for a picture of this size.

    Args:
        model: A Swin.
        height: Of the picture, in pixels; a multiple of the patch size, like `width`.
        width: Of the picture, in pixels.

    Raises:
        KeyError: If the model has no windowed attention.
    """
    _refuse_others(model)
    stages: Any = model.layers
    config: Any = model.cfg
    grid, found = (height // config.patch_size, width // config.patch_size), []
    for number, stage in enumerate(stages):
        if number:
            grid = (-(-grid[0] // 2), -(-grid[1] // 2))
        found.append([Layout(grid, block.window, block.shift) for block in stage.blocks])
    return found


def window_attention(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    stage: int,
    block: int,
    opened: Opened = "none",
) -> WindowLook:
    """Attention inside the windows of one block.

    Args:
        model: A Swin; left untouched.
        image: Normalised picture.
        stage: From 0.
        block: Block of the stage, from 0.
        opened: Which masks are replaced by zeros: no one's, this block's, or all blocks'.

    Raises:
        KeyError: If the model has no such block, or masks are to be opened where none is.
    """
    _refuse_others(model)
    name = f"layers.{stage}.blocks.{block}.attn"
    masks = {"none": [], "this": [f"{name}.mask"], "all": ["layers.*.blocks.*.attn.mask"]}
    edits = {tap: torch.zeros_like for tap in masks[opened]}
    taps = [f"{name}.{part}" for part in ("scores", "bias", "pattern")]
    with torch.inference_mode(), record(model, *taps, edits=edits) as trace:
        logits = model(torch.tensor(image))[0].numpy()
    scores, bias, pattern = (trace[tap].float().numpy() for tap in taps)
    for array in (scores, bias, pattern, logits):
        array.flags.writeable = False
    layout = layouts(model, *image.shape[2:])[stage][block]
    return WindowLook(layout, scores[0], bias, pattern[0], logits)


def ragged_proof(
    model: nn.Module, image: Float[np.ndarray, "1 3 height width"], stage: int, block: int
) -> RaggedProof:
    """Compute a shifted block's attention twice, once without rolling and without mask.

    Args:
        model: A Swin; left untouched.
        image: Normalised picture.
        stage: From 0.
        block: Block of the stage, from 0; one with a shift.

    Raises:
        ValueError: If the block does not shift, or its map had to be filled up: what was filled
            up is seen by its window's tokens and by no ragged window.
        KeyError: If the model has no such block.
    """
    layout = layouts(model, *image.shape[2:])[stage][block]
    if not layout.shift or layout.padded != layout.grid:
        raise ValueError("the proof needs a block that shifts, on a map of whole windows")
    name = f"layers.{stage}.blocks.{block}"
    with torch.inference_mode(), record(model, f"{name}.windows") as trace:
        model(torch.tensor(image))
    seen = windows.to_picture(trace[f"{name}.windows"][0].numpy(), layout)  # (gh, gw, d)
    difference: dict[str, float] = {}
    for dtype in (torch.float32, torch.float64):
        own: Any = copy.deepcopy(model.get_submodule(name)).to(dtype)
        x = torch.from_numpy(seen).to(dtype)
        with torch.inference_mode():
            rolled, ragged = own.attend(x[None])[0], _ragged_attention(own.attn, x, layout)
            with record(own, "attn.mask", edits={"attn.mask": torch.zeros_like}):
                open_ = own.attend(x[None])[0]
        difference[str(dtype).removeprefix("torch.")] = float((rolled - ragged).abs().max())
    return RaggedProof(
        windows=int(window_mask.ragged_ids(layout).max()) + 1,
        difference=difference,
        unmasked=float((open_ - ragged).abs().max()),
        largest=float(ragged.abs().max()),
    )


def _ragged_attention(attention: nn.Module, x: Tensor, layout: Layout) -> Tensor:
    """Attention in each ragged window on its own, from coordinates: (gh, gw, d) -> same.

    The block's own weights see the tokens of one ragged window and nothing else; the bias that
    they would add for a full window is replaced by that of the tokens' true offsets.
    """
    table = _bias_by_offset(attention.position_bias(), layout.window)  # type: ignore[operator]
    ids = torch.from_numpy(window_mask.ragged_ids(layout))
    out = torch.empty_like(x)
    for number in range(int(ids.max()) + 1):
        y, across = torch.nonzero(ids == number, as_tuple=True)  # (n,) each
        down, right = y[:, None] - y, across[:, None] - across  # query minus key
        bias = table[:, down + layout.window - 1, right + layout.window - 1]  # (h, n, n)
        with record(attention, "bias", edits={"bias": partial(_instead, bias)}):
            out[y, across] = attention(x[y, across][None, None], None)[0, 0]
    return out


def _instead(mine: Tensor, _theirs: Tensor) -> Tensor:
    return mine


def _bias_by_offset(bias: Tensor, window: int) -> Tensor:
    """(h, n, n) for the pairs of a window -> (h, 2M - 1, 2M - 1) by query minus key."""
    down, right = torch.from_numpy(relative_position.raised(window)).unbind(-1)
    table = bias.new_empty(len(bias), 2 * window - 1, 2 * window - 1)
    table[:, down, right] = bias
    return table


def _refuse_others(model: nn.Module) -> None:
    if "window attention" not in getattr(model, "views", {}):
        raise KeyError("this network has no window attention")
