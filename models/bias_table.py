"""Swin's learned position biases, brought to other window sizes."""

from collections.abc import Mapping

import torch.nn.functional as F
from einops import rearrange
from torch import Tensor

from models.swin import SwinConfig


def resample_bias_table(table: Tensor, window: int) -> Tensor:
    """Bring a bias table to another window size, bicubically as in the paper's section 4.1.

    Args:
        table: Shape ((2 * old - 1) ** 2, heads), by offset, row by row.
        window: Side of the windows wanted, in tokens.

    Returns:
        Shape ((2 * window - 1) ** 2, heads); the same tensor if the size does not change.

    Raises:
        ValueError: If the table's rows are not the offsets within a square window.
    """
    old, new = round(len(table) ** 0.5), 2 * window - 1
    if old * old != len(table) or old % 2 == 0:
        raise ValueError(f"a table of {len(table)} rows is not one of (2 M - 1) x (2 M - 1)")
    if old == new:
        return table
    plane = rearrange(table, "(y x) h -> 1 h y x", y=old)
    plane = F.interpolate(plane, size=(new, new), mode="bicubic")
    return rearrange(plane, "1 h y x -> (y x) h")


def resample_bias_tables(weights: Mapping[str, Tensor], cfg: SwinConfig) -> dict[str, Tensor]:
    """A Swin's state dict with every bias table brought to the windows of `cfg`.

    Windows change with `cfg.window`, and with `cfg.image_size` where a stage is one window.
    """

    def fitted(name: str, tensor: Tensor) -> Tensor:
        if not name.endswith("relative_position_bias_table"):
            return tensor
        stage = int(name.split(".")[1])  # layers.<stage>.blocks.<block>.attn....
        return resample_bias_table(tensor, cfg.window_of(stage))

    return {name: fitted(name, tensor) for name, tensor in weights.items()}
