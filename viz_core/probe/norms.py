"""How long every token is after every layer, and how much attention it gets."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32
from torch import Tensor, nn

from models.tap import record
from viz_core import windows
from viz_core.probe.fork import Layer, layers


@dataclass(frozen=True)
class Depth:
    """The tokens at one depth; read-only.

    Attributes:
        norms: Length of each token's vector, prefix first, then patches row by row.
        received: Attention that each token gets in the layer that reads it, mean of its queries
            and heads, times the number of keys: 1 is the even share. None where no layer reads
            these very tokens: after the last layer, and before a merging.
        grid: Rows and columns of patches.
    """

    norms: Float32[np.ndarray, " token"]
    received: Float32[np.ndarray, " token"] | None
    grid: tuple[int, int]


def measure(model: nn.Module, image: Float[np.ndarray, "1 3 height width"]) -> tuple[Depth, ...]:
    """Norms after the embedding and after every layer.

    Args:
        model: Any network with attention; left untouched.
        image: Normalised picture.

    Returns:
        One more than there are layers; the first is the embedding with its positions.

    Raises:
        ValueError: If the network has no heads.

    Source:
        Darcet et al. 2024 (arXiv:2309.16588), section 2.1.
    """
    found = layers(model)
    names = [found[0].before, *(layer.after for layer in found)]
    patterns = [layer.pattern for layer in found]
    with torch.inference_mode(), record(model, *names, *patterns) as trace:
        model(torch.tensor(image))
    depths, prefix = [], cast(Any, model).cfg.prefix if not found[0].windows else 0
    for k, name in enumerate(names):
        stream = trace[name][0]  # (n, d), with windows (gh, gw, d)
        grid = _grid(stream, prefix)
        norms = stream.norm(dim=-1).flatten().float().numpy()
        got = None
        if k < len(found) and not found[k].merging:
            layout = laid_out(model, found[k], grid)
            got = received(trace[found[k].pattern][0].float().numpy(), layout)
            got.flags.writeable = False
        norms.flags.writeable = False
        depths.append(Depth(norms, got, grid))
    return tuple(depths)


def received(
    pattern: Float32[np.ndarray, "*windows head query key"], layout: windows.Layout | None = None
) -> Float32[np.ndarray, " token"]:
    """Attention that each token gets, mean of queries and heads, times the number of keys.

    Args:
        pattern: Softmax weights of one picture; with windows first if there is a layout.
        layout: How the map was cut; None for global attention.
    """
    shares = pattern.mean(axis=(-3, -2)) * pattern.shape[-1]  # (n,), with windows (w, n)
    return shares if layout is None else windows.to_picture(shares, layout).reshape(-1)


def laid_out(model: nn.Module, layer: Layer, grid: tuple[int, int]) -> windows.Layout | None:
    """How a layer cuts a map into windows; None where its attention is global."""
    if not layer.windows:
        return None
    block = cast(Any, model.get_submodule(layer.attention.rpartition(".")[0]))
    return windows.Layout(grid, block.window, block.shift)


def _grid(stream: Tensor, prefix: int) -> tuple[int, int]:
    if stream.ndim == 3:
        return stream.shape[0], stream.shape[1]
    side = round((stream.shape[0] - prefix) ** 0.5)
    return side, side


def outliers(norms: Float[np.ndarray, " patch"], factor: float = 2.0) -> Bool[np.ndarray, " patch"]:
    """Patches that are at least `factor` times as long as the median patch.

    Args:
        norms: Of the patches of one picture at one depth; a prefix has no place here.
        factor: Above 1. Darcet et al. cut at a fixed norm of 150, where one network's two kinds
            of patches part; a factor needs no knowledge of the network.

    Raises:
        ValueError: If the factor is not above 1, or a norm is negative or not finite.
    """
    if not factor > 1:
        raise ValueError(f"the factor must be above 1, got {factor}")
    if not np.isfinite(norms).all() or (norms < 0).any():
        raise ValueError("norms are finite and at least 0")
    return norms >= factor * np.median(norms)
