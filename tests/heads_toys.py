"""Small networks with attention, seeded and shaken, for the tests of the page Heads."""

from dataclasses import replace

import numpy as np
import torch

from models.compact import VARIANTS, Compact
from models.swin import Swin, SwinConfig
from models.swin_v2 import SwinV2, SwinV2Config
from models.vit import ViT, ViTConfig

SIDE = 16
IMAGE = np.random.default_rng(3).normal(size=(1, 3, SIDE, SIDE))
_VIT = ViTConfig(image_size=SIDE, patch_size=4, width=12, depth=3, heads=3, classes=7)
_SWIN = dict(
    image_size=SIDE, patch_size=1, window=4, width=8, depths=(2, 2), heads=(2, 4), classes=7
)
_COMPACT = dict(image_size=SIDE, width=12, depth=3, heads=3, classes=7)

MAKERS = {
    "class token": lambda: ViT(_VIT),
    "average": lambda: ViT(replace(_VIT, pool="average")),
    "registers": lambda: ViT(replace(_VIT, registers=2, layer_scale=True)),
    "no prefix": lambda: ViT(replace(_VIT, pool="average", class_token=False)),
    "representation": lambda: ViT(replace(_VIT, representation=10)),
    "swin": lambda: Swin(SwinConfig(**_SWIN)),
    "swin v2": lambda: SwinV2(SwinV2Config(**_SWIN)),
    "vit lite": lambda: Compact(replace(VARIANTS["vit_lite_2_4_32"], **_COMPACT)),
    "cct": lambda: Compact(replace(VARIANTS["cct_2_3x2_32"], **_COMPACT)),
}
GLOBAL = [name for name in MAKERS if "swin" not in name]


def made(name):
    """A network in float64 whose every parameter is far from its start."""
    torch.manual_seed(5)
    model = MAKERS[name]().double().eval().requires_grad_(False)
    for parameter in model.parameters():
        parameter.add_(0.3 * torch.randn_like(parameter))
    return model


def logits(model, image=IMAGE):
    """One ordinary pass."""
    with torch.inference_mode():
        return model(torch.tensor(image))[0].numpy()
