"""Attention of a network of windows, brought back from the rolled maps to the picture."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Integer
from torch import Tensor, nn

from models.tap import record, taps
from viz_core import windows
from viz_core.canvas.wire_windows import WindowedBlock


@dataclass(frozen=True)
class WindowedLook:
    """One picture seen by one network of windows; read-only arrays, shared between visitors.

    Attributes:
        blocks: Attention of every block, first stage first.
        logits: What the head returns: logits, or pooled features where there is no head.
    """

    blocks: tuple[WindowedBlock, ...]
    logits: Float[np.ndarray, " classes"]


def attention(model: nn.Module, image: Float[np.ndarray, "1 3 height width"]) -> WindowedLook:
    """Attention of every block and the output of one forward pass.

    Args:
        model: A model whose `views` name a "window attention"; left untouched.
        image: Normalised picture.

    Returns:
        Blocks whose regions are read off the mask that the network itself added to its scores.

    Raises:
        KeyError: If the architecture has no attention in windows (ViT, ConvNeXt).

    Source:
        Liu et al. 2021 (https://arxiv.org/abs/2103.14030), section 3.2 and figure 4.
    """
    where = str(model.views["window attention"])  # type: ignore[index]
    wanted = [where]
    if any(name.endswith(".attn.mask") for name in taps(model)):
        wanted.append(where.replace("pattern", "mask"))
    with torch.inference_mode(), record(model, *wanted) as trace:
        logits = model(torch.tensor(image))[0].numpy()
    patch = model.cfg.patch_size  # type: ignore[union-attr]
    grid = image.shape[-2] // patch, image.shape[-1] // patch
    blocks = []
    for stage, layer in enumerate(model.layers):  # type: ignore[arg-type]
        for k, block in enumerate(layer.blocks):
            name = f"layers.{stage}.blocks.{k}.attn"
            patterns = trace[f"{name}.pattern"][0].numpy()  # (window, head, query, key)
            mask = trace.tensors.get(f"{name}.mask")
            tokens = windows.members(windows.Layout(grid, block.window, block.shift))
            regions = np.zeros_like(tokens) if mask is None else regions_of(mask)
            for array in (patterns, tokens, regions):
                array.flags.writeable = False
            blocks.append(WindowedBlock(
                stage=stage, block=k, depth=len(layer.blocks), grid=grid, window=block.window,
                shift=block.shift, patterns=patterns, tokens=tokens, regions=regions,
            ))  # fmt: skip
        grid = (-(-grid[0] // 2), -(-grid[1] // 2))
    logits.flags.writeable = False
    return WindowedLook(tuple(blocks), logits)


def regions_of(mask: Tensor) -> Integer[np.ndarray, "window slot"]:
    """For every slot the first one of its window that it is open to: equal within a region.

    Args:
        mask: What is added to the scores (window, query, key): 0 where a key is open.
    """
    return (mask == 0).byte().argmax(dim=-1).numpy()
