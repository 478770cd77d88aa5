"""Where every head looks, with how spread and how far."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64
from torch import nn

from models.tap import record
from viz_core import attention, windows
from viz_core.probe.fork import layers
from viz_core.probe.norms import laid_out


@dataclass(frozen=True)
class Gaze:
    """The heads of one layer; read-only.

    Attributes:
        shares: Attention on every patch, mean of all patches as queries; what they give to the
            prefix is left out. In windows: of the queries of the patch's window.
        read: The same of the class token, where the head of the network reads one; else None.
        entropy: Mean over all queries, in bits.
        distance: Mean attention distance in patches of this layer's grid.
        grid: Rows and columns of patches.
    """

    shares: Float32[np.ndarray, "head place"]
    read: Float32[np.ndarray, "head place"] | None
    entropy: Float64[np.ndarray, " head"]
    distance: Float64[np.ndarray, " head"]
    grid: tuple[int, int]


def look(model: nn.Module, image: Float[np.ndarray, "1 3 height width"]) -> tuple[Gaze, ...]:
    """Every layer's heads.

    Args:
        model: Any network with attention; left untouched.
        image: Normalised picture.

    Raises:
        ValueError: If it has no heads.
    """
    found = layers(model)
    names = [layer.pattern for layer in found] + [layer.after for layer in found]
    with torch.inference_mode(), record(model, *names) as trace:
        model(torch.tensor(image))
    cfg, looks = cast(Any, model).cfg, []
    prefix = 0 if found[0].windows else cfg.prefix
    reads_class = prefix > 0 and getattr(cfg, "pool", "class") == "class"
    for layer in found:
        pattern = trace[layer.pattern][0].float().numpy()
        stream = trace[layer.after]
        side = round((stream.shape[1] - prefix) ** 0.5)
        grid = (stream.shape[1], stream.shape[2]) if layer.windows else (side, side)
        if layout := laid_out(model, layer, grid):
            got = _in_windows(pattern, layout)
        else:
            got = Gaze(
                pattern[:, prefix:, prefix:].mean(axis=1),
                pattern[:, 0, prefix:].copy() if reads_class else None,
                attention.entropy(pattern).mean(axis=-1),
                attention.distance(pattern, grid, prefix),
                grid,
            )
        for array in (got.shares, got.read, got.entropy, got.distance):
            if array is not None:
                array.flags.writeable = False
        looks.append(got)
    return tuple(looks)


def _in_windows(
    pattern: Float32[np.ndarray, "window head query key"], layout: windows.Layout
) -> Gaze:
    given = pattern.mean(axis=2).swapaxes(1, 2)  # (w, key, h)
    shares = windows.to_picture(given, layout).reshape(-1, pattern.shape[1]).T
    # Tokens that are open to each other lie in a window as they lie in the picture.
    apart = attention.distance(pattern, (layout.window, layout.window), 0)
    entropy = attention.entropy(pattern).mean(axis=(0, 2))
    return Gaze(shares.copy(), None, entropy, apart.mean(axis=0), layout.grid)
