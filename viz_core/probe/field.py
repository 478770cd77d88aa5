"""Effective receptive fields: how much every pixel would change one value, by its gradient."""

from typing import Any, Literal, cast

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from torch import Tensor, nn

from models.tap import record, taps
from viz_core import receptive_field
from viz_core.feature_maps import Place
from viz_core.probe import conv
from viz_core.receptive_field import Layer

Channel = int | Literal["all", "strongest"]
_TOKENS = ("batch", "token", "width")


def depths(model: nn.Module) -> tuple[Place, ...]:
    """The outputs of a network's blocks, first to last.

    Raises:
        KeyError: If the network has no feature maps.
    """
    return tuple(p for p in conv.places(model) if p.tap == "output" and p.stage >= 0)


def gradients(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    name: str,
    units: Int[np.ndarray, "unit 2"],
    channel: Channel = "all",
) -> Float32[np.ndarray, "unit height width"]:
    """Size of the gradient of each unit by every pixel, summed over red, green and blue.

    All units are computed in one forward and one backward pass on as many copies of the picture;
    no parameter gets a gradient.

    Args:
        model: A network; left untouched.
        image: Normalised picture.
        name: Tap of a map.
        units: Row and column of each unit in that map.
        channel: What of the unit is derived: the sum of its channels, one of them, or the one
            that lies most above its own mean over the picture, in standard deviations.

    Raises:
        KeyError: If no tap has this name.
        ValueError: If a unit or the channel is outside the map.

    Source:
        Luo et al. 2016, Understanding the effective receptive field in deep convolutional neural
        networks, section 2, arXiv:1701.04128.
    """
    axes = taps(model)[name].axes if name in taps(model) else ()
    start = torch.tensor(np.repeat(image, len(units), axis=0), requires_grad=True)
    with torch.enable_grad(), record(model, name) as trace:
        model(start)
        maps = _maps(trace[name], axes, int(getattr(getattr(model, "cfg", None), "prefix", 0)))
        rows, columns, channels = maps.shape[1:]
        inside = (units >= 0).all() and (units < [rows, columns]).all()
        if not inside or (isinstance(channel, int) and not 0 <= channel < channels):
            raise ValueError(f"a unit or channel {channel} is outside {rows}x{columns}x{channels}")
        at = torch.arange(len(units))
        vectors = maps[at, torch.tensor(units[:, 0]), torch.tensor(units[:, 1])]  # (unit, channel)
        total = _chosen(vectors, maps[0].detach(), channel).sum()
    (slopes,) = torch.autograd.grad(total, start)
    return slopes.abs().sum(dim=1).float().numpy()


def _maps(x: Tensor, axes: tuple[str, ...], prefix: int) -> Tensor:
    """(batch, row, column, channel); tokens before the first patch are left out."""
    if axes == _TOKENS:
        patches = x[:, prefix:]
        side = round(patches.shape[1] ** 0.5)
        return patches.reshape(len(x), side, side, -1)
    (width,) = set(axes) - {"batch", "row", "column"}
    return x.permute([axes.index(axis) for axis in ("batch", "row", "column", width)])


def _chosen(vectors: Tensor, one: Tensor, channel: Channel) -> Tensor:
    if channel == "all":
        return vectors.sum(dim=1)
    if channel == "strongest":
        flat = one.flatten(0, 1)  # (place, channel)
        above = (vectors.detach() - flat.mean(dim=0)) / flat.std(dim=0).clamp_min(1e-9)
        return vectors.gather(1, above.argmax(dim=1, keepdim=True))[:, 0]
    return vectors[:, channel]


def layers(model: nn.Module, place: Place, side: int) -> list[Layer]:
    """What looks around in a network up to the output of a block, for the theoretical field.

    Args:
        model: A network of the catalog.
        place: Output of a block, from `depths`.
        side: Of its input in pixels.
    """
    cfg, at = cast(Any, model).cfg, (place.stage, place.block)
    if hasattr(cfg, "stem_kernel"):
        stem = (cfg.stem_kernel, cfg.stem_stride, cfg.stem_pool)
        return receptive_field.resnet(side, stem, cfg.depths, at)
    if hasattr(cfg, "window"):
        windows = [
            [(cfg.side_of(s), cfg.window_of(s), cfg.shift_of(s, b)) for b in range(depth)]
            for s, depth in enumerate(cfg.depths)
        ]
        return receptive_field.swin(side, cfg.patch_size, windows, at)
    if hasattr(cfg, "kernel"):
        return receptive_field.convnext(side, cfg.patch_size, cfg.depths, cfg.kernel, at)
    return receptive_field.vit(side, cfg.patch_size)
