"""Grad-CAM by captum, on a private copy of the network.

captum registers a hook on the layer that it reads. The shared network must never carry one, so
captum gets a copy of it in which the tap at the end of the stream is another module: one of ours
that shows the stream as a map with the channels first, which is what captum takes its means over.
A class token and registers are left out of it. Only the modules that lead to that tap are copied,
all others and all parameters are shared; the hook sits on the new module alone.

What is read is the stream itself (`resid_post`, before the last norm), not the output of a norm
inside the last block: pytorch-grad-cam's recipes for Swin read `norm1` or `norm2` there, which a
residual connection goes around. For a class token it is the stream that the last block reads,
for after that block the patches get no gradient.
"""

import copy
from math import isqrt

import torch
from torch import Tensor, nn

from viz_core.attribution.question import Found, Question
from viz_core.attribution.stream import Layout, stream


def grad_cam(question: Question) -> Found:
    """Channels of the last map, weighed by their mean slope and summed, with the sign.

    Grad-CAM's own ReLU is left out: what speaks against the class stays, below zero. Where the
    head is linear in the mean of the map (a ResNet), the places add up to score - bias; where a
    norm comes after that mean (ConvNeXt, a ViT of averaged patches), they add up to about 0, since
    a norm does not mind its input growing.
    """
    from captum.attr import LayerGradCam

    read = stream(question.model)
    shown = Shown(read.layout, read.prefix)
    clone = swapped(question.model, read.last_read, shown)
    kept: list[float] = []

    def forward(images: Tensor) -> Tensor:
        found = question.score(images, clone)
        kept.append(found.item())
        return found

    found = LayerGradCam(forward, shown.map).attribute(question.image)
    return Found(found[0, 0].detach().double().numpy(), kept[0])


def swapped(model: nn.Module, name: str, other: nn.Module) -> nn.Module:
    """A copy in which one module is another; whatever does not lead there is shared.

    Args:
        model: Left untouched.
        name: Dotted name of the module.
        other: What stands in its place.
    """
    child, _, rest = name.partition(".")
    clone = copy.copy(model)
    # The copy's table of modules is still the original's: it gets one of its own.
    inner = swapped(model.get_submodule(child), rest, other) if rest else other
    clone.__dict__["_modules"] = {**model._modules, child: inner}
    return clone


class Shown(nn.Module):
    """Passes the stream on by way of a map (b, d, gh, gw), which `map` is an identity on."""

    def __init__(self, layout: Layout, prefix: int) -> None:
        super().__init__()
        self.layout, self.prefix = layout, prefix
        self.map = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """The same stream that came in."""
        if self.layout == "channels first":
            return self.map(x)
        if self.layout == "channels last":
            return self.map(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        prefix, patches = x[:, : self.prefix], x[:, self.prefix :]
        rows = isqrt(patches.shape[1])
        shown = self.map(patches.mT.unflatten(2, (rows, rows)))
        return torch.cat([prefix, shown.flatten(2).mT], dim=1)
