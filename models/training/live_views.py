"""Pictures of a live training: varied copies to learn from, and how the watched one is seen."""

import numpy as np
import torch
from torch import Generator, Tensor, nn

from models.compact import Compact
from models.tap import record
from models.training.augment import to_input
from models.training.live_config import LiveConfig, Look


@torch.inference_mode()
def look(model: nn.Module, picture: np.ndarray, share: float = 0.0) -> Look:
    """How a compact network sees a picture, uint8 (S, S, 3) at its own input size."""
    assert isinstance(model, Compact)
    cfg = model.cfg
    tap = "pooling" if cfg.seq_pool else f"blocks.{cfg.depth - 1}.self_attn.pattern"
    x = to_input(torch.from_numpy(picture.copy()).permute(2, 0, 1)[None])
    with record(model, f"classifier.{tap}") as trace:
        logits = model(x)
    (found,) = trace.tensors.values()
    row = found[0, 0] if cfg.seq_pool else found[0, :, 0].mean(dim=0)[cfg.prefix :]
    weights = row.reshape(cfg.grid, cfg.grid)
    return Look(share, weights.float().numpy(), logits[0].softmax(dim=0).float().numpy())


def varied(images: Tensor, how: LiveConfig, g: Generator) -> Tensor:
    """Moved, mirrored and partly erased copies of uint8 pictures (b, 3, S, S).

    What a move brings in from outside is the picture reflected in its border.
    """
    b, _, side, _ = images.shape
    places = torch.arange(side)
    moved = torch.randint(-how.shift, how.shift + 1, (b, 2), generator=g)
    rows, columns = (moved[:, :, None] + places).unbind(1)  # (b, S)
    rows, columns = (_reflected(one, side) for one in (rows, columns))
    if how.mirror:
        flips = torch.rand(b, generator=g) < 0.5
        columns = torch.where(flips[:, None], columns.flip(1), columns)
    which = torch.arange(b)[:, None, None]
    out = images[which, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    if how.erase:
        length = side // 4
        corners = torch.randint(side - length + 1, (b, 2), generator=g)[:, :, None]
        inside = (places >= corners) & (places < corners + length)  # (b, 2, S)
        hit = torch.rand(b, generator=g) < 0.5
        hole = inside[:, 0, :, None] & inside[:, 1, None, :] & hit[:, None, None]
        out = out.masked_fill(hole[:, None], 128)
    return out


def _reflected(index: Tensor, side: int) -> Tensor:
    """Indices from outside [0, side), reflected into it without repeating the border."""
    index = index.abs()
    return torch.where(index >= side, 2 * (side - 1) - index, index)
