"""ResNet with bottleneck blocks (He et al. 2016, https://arxiv.org/abs/1512.03385).

The common "v1.5": where a stage begins, the 3 x 3 convolution takes the step of two, not the first
1 x 1. Submodules carry timm's names, so a timm state dict loads with strict=True and no renaming.
Axes: b batch, d channels, gh gw rows and columns of a map. Maps are (b, d, gh, gw).
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from models.tap import Tap

EXPANSION = 4  # channels of a block's output over those inside it
MAP = "batch channel row column"


@dataclass(frozen=True, kw_only=True)
class ResNetConfig:
    """Architecture only. Defaults are ResNet-50 at 224 pixels.

    Attributes:
        image_size: Side in pixels of the pictures it was made for; others run too.
        stem_kernel: Side of the first convolution; odd.
        stem_stride: Its step in pixels.
        stem_pool: Whether the stem ends with the maximum of every second 3 x 3 neighbourhood.
        width: Channels inside the blocks of the first stage; every further stage has twice as
            many, and what a block puts out has four times as many.
        depths: Blocks of each stage.
        classes: 0 means no head: the model returns the pooled features.
    """

    image_size: int = 224
    stem_kernel: int = 7
    stem_stride: int = 2
    stem_pool: bool = True
    width: int = 64
    depths: tuple[int, ...] = (3, 4, 6, 3)
    classes: int = 1000

    def __post_init__(self) -> None:
        if self.stem_kernel < 1 or self.stem_kernel % 2 == 0:
            raise ValueError(f"a kernel with a centre has an odd side, got {self.stem_kernel}")
        if min(self.image_size, self.stem_stride, self.width, *self.depths, len(self.depths)) < 1:
            raise ValueError("sizes, width, stages and their blocks must be at least 1")

    @property
    def patch_size(self) -> int:
        """Pixels from one place of the first stage's map to the next."""
        return self.stem_stride * (2 if self.stem_pool else 1)

    def width_of(self, stage: int) -> int:
        """Channels of a stage's map."""
        return EXPANSION * self.width * 2**stage

    def side_of(self, stage: int) -> int:
        """Side of a stage's map at the native image size."""
        return -(-self.image_size // (self.patch_size * 2**stage))  # every halving rounds up


class Bottleneck(nn.Module):
    """Fewer channels, then a look around, then more channels; added to what came in."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        after = EXPANSION * width
        self.conv1 = nn.Conv2d(before, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, after, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(after)
        self.downsample: nn.Module = nn.Identity()
        if stride > 1 or before != after:
            shortcut = nn.Conv2d(before, after, 1, stride=stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(after))
        self.reduced = Tap(MAP)
        self.reduced_normed = Tap(MAP)
        self.reduced_active = Tap(MAP)
        self.spatial = Tap(MAP)
        self.spatial_normed = Tap(MAP)
        self.spatial_active = Tap(MAP)
        self.expanded = Tap(MAP)
        self.branch = Tap(MAP)
        self.shortcut = Tap(MAP)
        self.summed = Tap(MAP)
        self.resid_post = Tap(MAP)

    def forward(self, x: Tensor) -> Tensor:  # (b, d, gh, gw) -> (b, d', gh / stride, gw / stride)
        y = self.reduced_normed(self.bn1(self.reduced(self.conv1(x))))
        y = self.reduced_active(F.relu(y))  # (b, d' / 4, gh, gw)
        y = self.spatial_normed(self.bn2(self.spatial(self.conv2(y))))
        y = self.spatial_active(F.relu(y))  # (b, d' / 4, gh / stride, gw / stride)
        y = self.branch(self.bn3(self.expanded(self.conv3(y))))
        total = self.summed(y + self.shortcut(self.downsample(x)))
        return self.resid_post(F.relu(total))


class ResNet(nn.Module):
    """A convolution, then stages of bottlenecks on ever coarser maps, then the mean is read.

    Takes normalised images (b, 3, H, W); returns logits, or pooled features if `classes` is 0.
    """

    # What a page may ask for -> where this architecture keeps it. Tested against `taps`.
    views: ClassVar = {
        "feature maps": "layer*.output",
        "block maps": "layer*.*.resid_post",
    }

    def __init__(self, cfg: ResNetConfig) -> None:
        super().__init__()
        self.cfg = cfg
        kernel = cfg.stem_kernel
        self.conv1 = nn.Conv2d(
            3, cfg.width, kernel, stride=cfg.stem_stride, padding=kernel // 2, bias=False
        )
        self.bn1 = nn.BatchNorm2d(cfg.width)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if cfg.stem_pool else nn.Identity()
        self.stem = Tap(MAP)
        self.stem_normed = Tap(MAP)
        self.stem_active = Tap(MAP)
        self.embedded = Tap(MAP)
        for stage in range(len(cfg.depths)):
            self.add_module(f"layer{stage + 1}", _stage(cfg, stage))  # timm counts from 1
        features = cfg.width_of(len(cfg.depths) - 1)
        self.pooled = Tap("batch channel")
        self.fc = nn.Linear(features, cfg.classes) if cfg.classes else nn.Identity()
        self.apply(_initialise)

    def embed(self, image: Tensor) -> Tensor:
        """The map before the first block: (b, 3, H, W) -> (b, d, gh, gw)."""
        x = self.stem_normed(self.bn1(self.stem(self.conv1(image))))
        return self.embedded(self.maxpool(self.stem_active(F.relu(x))))

    def classify(self, x: Tensor) -> Tensor:
        """Stages and head on an embedded map: (b, d, gh, gw) -> (b, classes)."""
        for stage in range(len(self.cfg.depths)):
            x = self.get_submodule(f"layer{stage + 1}")(x)
        return self.fc(self.pooled(x.mean(dim=(2, 3))))

    def forward(self, image: Tensor) -> Tensor:  # (b, 3, H, W) -> (b, classes)
        return self.classify(self.embed(image))


def _stage(cfg: ResNetConfig, stage: int) -> nn.Sequential:
    """Blocks under their numbers, as timm has them, and a tap for what leaves the last."""
    width = cfg.width * 2**stage
    before = cfg.width_of(stage - 1) if stage else cfg.width
    parts = OrderedDict[str, nn.Module]()
    for block in range(cfg.depths[stage]):
        first = block == 0
        stride = 2 if first and stage else 1
        parts[str(block)] = Bottleneck(before if first else EXPANSION * width, width, stride)
    parts["output"] = Tap(MAP)
    return nn.Sequential(parts)


def _initialise(module: nn.Module) -> None:
    """He normal for convolutions; each residual branch starts at zero, as in timm."""
    if isinstance(module, nn.Conv2d):
        fan_out = module.out_channels * module.weight[0, 0].numel()
        nn.init.trunc_normal_(module.weight, std=(2 / fan_out) ** 0.5)
    if isinstance(module, Bottleneck):
        nn.init.zeros_(module.bn3.weight)
