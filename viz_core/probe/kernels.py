"""Depthwise kernels of a network, the maps they read, and the network with other sizes of them."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import nn

from models.tap import record
from viz_core import convolution


@dataclass(frozen=True)
class Depthwise:
    """The depthwise convolution of one block.

    Attributes:
        stage: From 0.
        block: From 0 within its stage.
        kernels: One a channel.
        bias: One a channel.
    """

    stage: int
    block: int
    kernels: Float32[np.ndarray, "_channel _size _size"]
    bias: Float32[np.ndarray, " _channel"]


@dataclass(frozen=True)
class Stem:
    """The first convolution of a network, which looks at red, green and blue.

    Attributes:
        kernels: One a channel that it makes.
        bias: One a channel; zeros if the convolution has none.
        step: Pixels from one value to the next.
        padding: Pixels of nothing around the picture.
    """

    kernels: Float32[np.ndarray, "_channel 3 _size _size"]
    bias: Float32[np.ndarray, " _channel"]
    step: int
    padding: int


def blocks(model: nn.Module) -> tuple[Depthwise, ...]:
    """Kernels of every block, first to last; empty for a network without depthwise ones."""
    found = []
    for name, part in model.named_modules():
        if isinstance(part, nn.Conv2d) and name.endswith(".conv_dw"):
            _, stage, _, block, _ = name.split(".")
            kernels = _numbers(part.weight[:, 0])
            found.append(Depthwise(int(stage), int(block), kernels, _bias(part)))
    return tuple(found)


def stem(model: nn.Module) -> Stem:
    """The first convolution.

    Raises:
        ValueError: If the network begins with none.
    """
    for part in model.modules():
        if isinstance(part, nn.Conv2d):
            return Stem(
                _numbers(part.weight),
                _bias(part),
                int(part.stride[0]),
                int(cast(int, part.padding[0])),
            )
    raise ValueError("this network begins without a convolution")


def inputs(
    model: nn.Module, image: Float[np.ndarray, "1 3 height width"]
) -> tuple[Float32[np.ndarray, "_channel _row _column"], ...]:
    """The map that the depthwise convolution of every block reads, first to last.

    Raises:
        KeyError: If the network has no such blocks.
    """
    places = [(one.stage, one.block) for one in blocks(model)]
    names = [_before(stage, block) for stage, block in places]
    if not names:
        raise KeyError("this network has no depthwise convolutions")
    with torch.inference_mode(), record(model, *names) as trace:
        model(torch.tensor(image))
    return tuple(_numbers(trace[name][0]) for name in names)


def _before(stage: int, block: int) -> str:
    if block:
        return f"stages.{stage}.blocks.{block - 1}.resid_post"
    return f"stages.{stage}.downsampled" if stage else "embedded"


def with_kernel(model: nn.Module, size: int) -> nn.Module:
    """A second network with the same weights but its depthwise kernels cut or filled up.

    Args:
        model: A ConvNeXt; left untouched.
        size: Side of the new kernels; odd.

    Raises:
        ValueError: If the size is even or below 1.
    """
    cfg = dataclasses.replace(cast(Any, model).cfg, kernel=size)
    with torch.device("meta"):
        other = type(model)(cfg)
    state = dict(model.state_dict())
    for name, tensor in state.items():
        if name.endswith(".conv_dw.weight"):
            cut = convolution.resized(tensor[:, 0].numpy(), size)
            state[name] = torch.tensor(cut)[:, None]
    other.load_state_dict(state, assign=True)
    return other.eval().requires_grad_(False)


@dataclass(frozen=True)
class Outcome:
    """What a network makes of a picture.

    Attributes:
        logits: Output of the head.
        maps: What leaves each stage.
    """

    logits: Float32[np.ndarray, " _class"]
    maps: tuple[Float32[np.ndarray, "_row _column _channel"], ...]


def outcomes(
    model: nn.Module, image: Float[np.ndarray, "1 3 height width"], sizes: Sequence[int]
) -> dict[int, Outcome]:
    """The picture through the network with kernels of each size, by size.

    Args:
        model: A ConvNeXt; left untouched.
        image: Normalised picture.
        sizes: Sides of the kernels; the network's own may be among them.
    """
    found = {}
    for size in sizes:
        other = with_kernel(model, size)
        with torch.inference_mode(), record(other, "stages.*.output") as trace:
            logits = other(torch.tensor(image))[0]
        maps = tuple(_numbers(x[0].permute(1, 2, 0)) for x in trace.all("stages.*.output"))
        found[size] = Outcome(_numbers(logits), maps)
    return found


def _bias(part: nn.Conv2d) -> Float32[np.ndarray, " _channel"]:
    if part.bias is None:
        return np.zeros(part.out_channels, np.float32)
    return _numbers(part.bias)


def _numbers(x: torch.Tensor) -> np.ndarray:
    array = np.array(x.detach().numpy(), np.float32)
    array.flags.writeable = False
    return array
