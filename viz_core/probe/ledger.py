"""Watch a forward pass: every operation with its shapes, weights and multiply-adds, as it runs.

Nothing is put into the model and nothing depends on how it is written: torch itself tells which
of its functions were called with which tensors. On the meta device this costs no arithmetic.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from viz_core.anatomy import Op
from viz_core.probe import shapes

Watch = Callable[[Op, Tensor, Tensor], None]
NAMES = {
    "relu": "ReLU", "relu_": "ReLU", "gelu": "GELU", "layer_norm": "LN", "batch_norm": "BN",
    "max_pool2d": "max pool", "adaptive_avg_pool2d": "mean", "mean": "mean", "softmax": "softmax",
}  # fmt: skip
KINDS = {
    "relu": "activation", "relu_": "activation", "gelu": "activation", "layer_norm": "norm",
    "batch_norm": "norm", "max_pool2d": "pool", "adaptive_avg_pool2d": "pool", "mean": "pool",
    "softmax": "softmax",
}  # fmt: skip
PRODUCTS, SUMS = ("matmul", "__matmul__"), ("add", "add_", "__add__", "__iadd__", "__radd__")
ALIASES = ("view", "reshape", "unsqueeze", "__getitem__", "index_select", "__get__", "flatten")
SCALINGS = ("mul", "__mul__", "__rmul__")


class _Ledger(TorchFunctionMode):
    """Notes the operations that torch is asked for while it is open in this thread."""

    def __init__(self, model: nn.Module, watch: Watch | None) -> None:
        super().__init__()
        self.ops: list[Op] = []
        self.kept: list[Tensor] = []
        self.watch = watch
        self.names = {id(p): name for name, p in model.named_parameters()}
        self.sizes = {id(p): p.numel() for p in model.parameters()}

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: Sequence[type],
        args: Sequence[object] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        given = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        found: object = shapes.returned(name, args, given)
        if found is None:
            found = func(*args, **given)
        if isinstance(found, Tensor):
            self._aliased(name, args, found)
            if name in SUMS and found.ndim == 4 and args and id(args[0]) in self.names:
                self._aliased("view", args, found)  # a table of weights with a mask on top
            if (op := self._noted(name, args, given, found)) is not None:
                self.ops.append(op)
                if self.watch is not None:
                    tensors = [one for one in args if isinstance(one, Tensor)]
                    self.watch(op, tensors[0], found)
        return found

    def _aliased(self, name: str, args: Sequence[object], found: Tensor) -> None:
        """A reshaped weight is still that weight; it is kept, so that its id is not used again."""
        if name in ALIASES and args and id(args[0]) in self.names:
            self.names[id(found)] = self.names[id(args[0])]
            self.sizes[id(found)] = self.sizes[id(args[0])]
            self.kept.append(found)

    def _noted(
        self, name: str, args: Sequence[object], kwargs: Mapping[str, object], out: Tensor
    ) -> Op | None:
        tensors = [one for one in (*args, *kwargs.values()) if isinstance(one, Tensor)]
        if not tensors:
            return None
        weights = [one for one in tensors if id(one) in self.names]
        known = [self.names[id(one)] for one in weights]
        place = known[0].rpartition(".")[0] if known else ""
        own = sum(self.sizes[id(one)] for one in weights)
        common: dict[str, Any] = {"place": place, "parameters": own, "shape": tuple(out.shape)}
        if name == "conv2d":
            return _convolution(tensors, args, kwargs, out, common)
        if name == "linear":
            read, write = tensors[0].shape[-1], out.shape[-1]
            macs = out.numel() // len(out) * read
            return Op(
                kind="linear", label="linear", entering=read, leaving=write, macs=macs, **common
            )
        if name in KINDS:
            width = _channels(out, weights)
            return Op(
                kind=KINDS[name], label=NAMES[name], entering=width, leaving=width, macs=0, **common
            )
        return self._combined(name, tensors, weights, out, common)

    def _combined(
        self,
        name: str,
        tensors: Sequence[Tensor],
        weights: Sequence[Tensor],
        out: Tensor,
        common: Mapping[str, Any],
    ) -> Op | None:
        if len(tensors) < 2:
            return None
        if name in PRODUCTS:
            macs = out.numel() // len(out) * tensors[0].shape[-1]
            label = "a · v" if self.ops and self.ops[-1].kind == "softmax" else "q · k"
            return Op(kind="product", label=label, entering=0, leaving=0, macs=macs, **common)
        if name in SUMS and self.ops[-1:] and self.ops[-1].label == "GRN":
            return None  # the norm's own shortcut belongs to it
        if name in SUMS and tensors[0].shape == tensors[1].shape and out.ndim == 4:
            width = _channels(out, ())
            return Op(kind="add", label="add", entering=width, leaving=width, macs=0, **common)
        if name in SUMS and out.ndim == 5:
            return Op(kind="bias", label="position bias", entering=0, leaving=0, macs=0, **common)
        if name == "addcmul" and weights:  # global response norm, of ConvNeXt V2
            width = weights[0].numel()
            return Op(kind="norm", label="GRN", entering=width, leaving=width, macs=0, **common)
        if name in SCALINGS and weights:
            width = weights[0].numel()
            return Op(
                kind="scale", label="layer scale", entering=width, leaving=width, macs=0, **common
            )
        return None


def _convolution(
    tensors: Sequence[Tensor],
    args: Sequence[object],
    kwargs: Mapping[str, object],
    out: Tensor,
    common: Mapping[str, Any],
) -> Op:
    weight = tensors[1]
    read, write, (high, wide) = tensors[0].shape[1], len(weight), weight.shape[2:]
    groups = read // weight.shape[1]
    stride, _ = shapes.pair((args, kwargs), 3, "stride", 1)
    kind = "depthwise" if groups == read > 1 else "pointwise" if high == wide == 1 else "conv"
    label = f"{high}×{wide} {'depthwise' if kind == 'depthwise' else 'conv'}"
    if stride > 1:
        label += f", stride {stride}"
    return Op(
        kind=kind, label=label, entering=read, leaving=write,
        macs=out.numel() // len(out) * math.prod(weight.shape[1:]), **common,
    )  # fmt: skip


def _channels(out: Tensor, weights: Sequence[Tensor]) -> int:
    """Channels of a map or of tokens, first or last; a norm's weights tell for certain."""
    if weights:
        return weights[0].numel()
    if out.ndim == 4 and out.shape[2] == out.shape[3]:
        return out.shape[1]
    return out.shape[-1] if out.ndim in (2, 3, 4) else 0


def observe(model: nn.Module, image: Tensor, watch: Watch | None = None) -> tuple[Op, ...]:
    """The operations of one forward pass, in the order in which they ran.

    Args:
        model: Any network; left untouched.
        image: Normalised pictures (b, 3, height, width) on the model's device.
        watch: Called after every operation with it, its first input and its output, before
            anything else may write into them.

    Returns:
        Convolutions, linear layers, products of tensors, norms, activations, pools, scales and
        sums; reshapes and the like are left out. Multiply-adds are those that
        `torch.utils.flop_counter` counts, for one picture.
    """
    ledger = _Ledger(model, watch)
    with torch.inference_mode(), ledger:
        model(image)
    return tuple(ledger.ops)
