"""Small networks of every architecture in float64, shaken, and toys whose answer is known."""

from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import torch
from torch import nn

from models.compact import Compact, CompactConfig
from models.convnext import ConvNeXt, ConvNeXtConfig
from models.resnet import ResNet, ResNetConfig
from models.swin import Swin, SwinConfig
from models.swin_v2 import SwinV2, SwinV2Config
from models.tap import Tap
from models.vit import ViT, ViTConfig
from tests.parity import shaken
from viz_core.attribution import Settings, Target
from viz_core.attribution.methods import METHODS
from viz_core.attribution.question import Meter, Question, shape_of
from viz_core.attribution.run import _COMPUTED

SIDE, CLASSES = 16, 5
_VIT = dict(image_size=SIDE, patch_size=4, width=12, depth=3, heads=2, classes=CLASSES)
_SWIN = dict(
    image_size=SIDE, patch_size=2, width=8, depths=(2, 2), heads=(2, 2), window=4, classes=CLASSES
)
_CVT = dict(image_size=SIDE, kernel=4, stride=4, padding=0, max_pool=False, conv_bias=True)
_SMALL = dict(width=12, depth=3, heads=2, classes=CLASSES)

NETWORKS = {
    "vit": lambda: ViT(ViTConfig(**_VIT)),
    "vit with registers": lambda: ViT(ViTConfig(registers=2, layer_scale=True, **_VIT)),
    "vit of averaged patches": lambda: ViT(ViTConfig(pool="average", **_VIT)),
    "vit without class token": lambda: ViT(ViTConfig(pool="average", class_token=False, **_VIT)),
    "vit lite": lambda: Compact(CompactConfig(seq_pool=False, **_CVT, **_SMALL)),
    "cvt": lambda: Compact(CompactConfig(**_CVT, **_SMALL)),
    "cct": lambda: Compact(CompactConfig(image_size=SIDE, conv_layers=2, **_SMALL)),
    "swin": lambda: Swin(SwinConfig(**_SWIN)),
    "swin v2": lambda: SwinV2(SwinV2Config(**_SWIN)),
    "convnext": lambda: ConvNeXt(ConvNeXtConfig(
        image_size=SIDE, patch_size=2, width=6, depths=(1, 2), kernel=3, classes=CLASSES
    )),
    "resnet": lambda: ResNet(ResNetConfig(
        image_size=SIDE, stem_kernel=3, stem_pool=False, width=4, depths=(1, 2), classes=CLASSES
    )),
}  # fmt: skip
GLOBAL = [name for name in NETWORKS if name.startswith(("vit", "c")) and name != "convnext"]


def network(name):
    """In float64, off its initialisation, where gradients are neither small nor equal."""
    torch.manual_seed(0)
    model = shaken(NETWORKS[name]()).double().eval()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            parameter.add_(0.3 * noise)
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.uniform_(-0.5, 0.5)
                module.running_var.uniform_(0.5, 2)
    return model.requires_grad_(False)


def picture(seed=0, side=SIDE):
    return np.random.default_rng(seed).normal(size=(1, 3, side, side))


def found(method, model, image=None, target=None, settings=None):
    """What a method finds, in float64, before it is brought to float32."""
    target, settings = target or Target(1, 3), settings or Settings()
    image = torch.from_numpy(picture() if image is None else image)
    shape = shape_of(model, image.shape[-1])
    meter = Meter(round(METHODS[method].forwards(shape, settings)))
    return _COMPUTED[method](Question(model, image, target, settings, shape, meter))


def suitable(methods=METHODS):
    """Every method with every network that it suits."""
    return [
        (method, name)
        for method in methods
        for name, build in NETWORKS.items()
        if METHODS[method].suits(type(build()).views)
    ]


class Linear(nn.Module):
    """A score that is a sum of pixels times weights: every promise can be checked by hand."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(torch.as_tensor(weight), requires_grad=False)  # (classes, ...)
        self.bias = nn.Parameter(torch.arange(1.0, len(weight) + 1).double(), requires_grad=False)

    def forward(self, images):
        return images.flatten(1) @ self.weight.flatten(1).T + self.bias


class Attends(nn.Module):
    """One head and one layer whose class token takes what it is told to from each patch.

    Patches of 4 x 4 pixels are their first pixel's red; the score of class c is c + 1 times what
    the class token took. Its own token is 0.
    """

    views: ClassVar = {"global attention": "blocks.*.pattern", "tokens": "blocks.*.resid_post"}

    def __init__(self, rows):
        super().__init__()
        self.cfg = SimpleNamespace(
            pool="class", prefix=1, classes=3, patch_size=4, depth=len(rows), heads=1, width=1
        )
        self.rows = [torch.as_tensor(row) for row in rows]  # (token, token) a layer, rows sum to 1
        self.scale = nn.Parameter(torch.tensor([1.0, 2.0, 3.0]).double(), requires_grad=False)
        self.embedded = Tap("batch token width")
        self.blocks = nn.ModuleList(
            nn.ModuleDict(dict(pattern=Tap("batch head query key"), resid_post=Tap("batch t w")))
            for _ in rows
        )

    def forward(self, images):
        patches = images[:, 0, ::4, ::4].flatten(1)[..., None]
        x = self.embedded(torch.cat([torch.zeros_like(patches[:, :1]), patches], dim=1))
        for row, block in zip(self.rows, self.blocks, strict=True):
            after = 0 * x.sum()  # attention depends on the stream, if only in name
            pattern = block["pattern"](row.expand(len(x), 1, -1, -1) + after)
            x = block["resid_post"](x + pattern[:, 0] @ x)
        return x[:, 0] * self.scale
