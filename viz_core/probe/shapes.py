"""Shapes of what torch's functions return for tensors without memory.

On the meta device torch computes many shapes in Python, and imports its compiler for that: half a
second for a network, where this takes a hundredth. The tests compare both.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import torch
from torch import Tensor

Arguments = tuple[Sequence[object], Mapping[str, object]]
Shape = Sequence[int]


def returned(name: str, args: Sequence[object], kwargs: Mapping[str, object]) -> Tensor | None:
    """An empty meta tensor such as a function of this name returns; None if it is not known here.

    Args:
        name: Name of a function of torch or of a method of its tensors.
        args: What it was called with.
        kwargs: Likewise.
    """
    entered = args[0] if args else None
    if name not in _KNOWN or not isinstance(entered, Tensor) or not entered.is_meta:
        return None
    return torch.empty(tuple(_KNOWN[name](entered, (args, kwargs))), device="meta")


def pair(arguments: Arguments, place: int, name: str, default: int) -> tuple[int, int]:
    """An argument of a convolution or a pooling, for both of its axes."""
    args, kwargs = arguments
    given = kwargs.get(name, args[place] if len(args) > place else default)
    if isinstance(given, int):
        return given, given
    first, second = cast(Sequence[int], given)
    return first, second


def _same(entered: Tensor, _arguments: Arguments) -> Shape:
    return entered.shape


def _broadcast(entered: Tensor, arguments: Arguments) -> Shape:
    other = arguments[0][1]
    if not isinstance(other, Tensor):
        return entered.shape
    return torch.broadcast_shapes(entered.shape, other.shape)


def _linear(entered: Tensor, arguments: Arguments) -> Shape:
    return (*entered.shape[:-1], len(cast(Tensor, arguments[0][1])))


def _mean(entered: Tensor, arguments: Arguments) -> Shape:
    args, kwargs = arguments
    axes = cast("tuple[int, ...]", kwargs.get("dim", args[1] if len(args) > 1 else ()))
    gone = {axis % entered.ndim for axis in axes}
    return [size for axis, size in enumerate(entered.shape) if axis not in gone]


def _conv(entered: Tensor, arguments: Arguments) -> Shape:
    weight = cast(Tensor, arguments[0][1])
    stride, padding = pair(arguments, 3, "stride", 1), pair(arguments, 4, "padding", 0)
    sides = _slid(entered, tuple(weight.shape[2:]), stride, padding)
    return (len(entered), len(weight), *sides)


def _pool(entered: Tensor, arguments: Arguments) -> Shape:
    kernel = pair(arguments, 1, "kernel_size", 1)
    stride, padding = pair(arguments, 2, "stride", 1), pair(arguments, 3, "padding", 0)
    return (*entered.shape[:2], *_slid(entered, kernel, stride, padding))


def _slid(
    entered: Tensor, kernel: Shape, stride: tuple[int, int], padding: tuple[int, int]
) -> list[int]:
    """Sides of what a window leaves that slides over a map."""
    return [
        (side + 2 * pad - size) // step + 1
        for side, pad, size, step in zip(entered.shape[2:], padding, kernel, stride, strict=True)
    ]


_KNOWN: dict[str, Callable[[Tensor, Arguments], Shape]] = {
    "batch_norm": _same, "layer_norm": _same, "gelu": _same, "relu": _same,
    "add": _broadcast, "__add__": _broadcast, "mul": _broadcast, "__mul__": _broadcast,
    "linear": _linear, "mean": _mean, "conv2d": _conv, "max_pool2d": _pool,
}  # fmt: skip
