"""ConvNeXt (Liu et al. 2022, https://arxiv.org/abs/2201.03545), and its second version.

V2: Woo et al. 2023, https://arxiv.org/abs/2301.00808. Submodules carry timm's names, so a timm
state dict loads with strict=True and no renaming. Axes: b batch, d channels, gh gw rows and columns
of a map. Maps are (b, d, gh, gw), in the memory layout that the image has.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.tap import Tap

EPS = 1e-6
MAP = "batch channel row column"


@dataclass(frozen=True, kw_only=True)
class ConvNeXtConfig:
    """Architecture only. Defaults are ConvNeXt-T at 224 pixels.

    Attributes:
        image_size: Side in pixels of the pictures it was made for; others run too.
        patch_size: Side in pixels of the stem's patches.
        width: Channels of the first stage; every further stage has twice as many.
        depths: Blocks of each stage.
        kernel: Side of the depthwise kernels; odd.
        layer_scale: First value of the scales on the residual branches; None leaves them out.
        grn: Whether the MLP's responses are normalised across a picture (V2).
        conv_mlp: Whether a file keeps the MLP as convolutions of 1 x 1 instead of linear layers.
        classes: 0 means no head: the model returns the normalised pooled features.
    """

    image_size: int = 224
    patch_size: int = 4
    width: int = 96
    depths: tuple[int, ...] = (3, 3, 9, 3)
    kernel: int = 7
    layer_scale: float | None = 1e-6
    grn: bool = False
    conv_mlp: bool = False
    classes: int = 1000

    def __post_init__(self) -> None:
        if self.kernel < 1 or self.kernel % 2 == 0:
            raise ValueError(f"a kernel with a centre has an odd side, got {self.kernel}")
        if min(self.patch_size, self.width, *self.depths, len(self.depths)) < 1:
            raise ValueError("patches, width, stages and their blocks must be at least 1")
        if self.image_size < self.patch_size * 2 ** (len(self.depths) - 1):
            raise ValueError(f"{self.image_size} pixels leave nothing to the last stage")

    def width_of(self, stage: int) -> int:
        """Channels of a stage."""
        return self.width * 2**stage

    def side_of(self, stage: int) -> int:
        """Side of a stage's map at the native image size."""
        return self.image_size // self.patch_size // 2**stage


class ChannelNorm(nn.LayerNorm):
    """Layer norm of the channels at each place of a map by itself."""

    def __init__(self, width: int) -> None:
        super().__init__(width, eps=EPS)

    def forward(self, x: Tensor) -> Tensor:  # (b, d, gh, gw) -> same
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Pointwise(nn.Linear):
    """A linear layer at each place of a map: a convolution of 1 x 1 with a matrix for weights."""

    def forward(self, x: Tensor) -> Tensor:  # (b, d, gh, gw) -> (b, d', gh, gw)
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class GlobalResponseNorm(nn.Module):
    """Strengthens the channels that answer a picture more than its others do (V2, section 4)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width))
        self.bias = nn.Parameter(torch.zeros(width))
        self.strength = Tap(MAP)

    def forward(self, x: Tensor) -> Tensor:  # (b, d, gh, gw) -> same
        norm = torch.linalg.vector_norm(x, dim=(2, 3), keepdim=True)  # (b, d, 1, 1)
        strength = self.strength(norm / (norm.mean(dim=1, keepdim=True) + EPS))  # mean is 1
        weight, bias = self.weight[:, None, None], self.bias[:, None, None]
        return x + torch.addcmul(bias, weight, x * strength)


class Mlp(nn.Module):
    def __init__(self, cfg: ConvNeXtConfig, width: int) -> None:
        super().__init__()
        self.fc1 = _pointwise(cfg, width, 4 * width)
        self.fc2 = _pointwise(cfg, 4 * width, width)
        self.expanded = Tap(MAP)
        self.activated = Tap(MAP)
        if cfg.grn:
            self.grn = GlobalResponseNorm(4 * width)
            self.responses = Tap(MAP)
        self.projected = Tap(MAP)
        self.normalises = cfg.grn

    def forward(self, x: Tensor) -> Tensor:  # (b, d, gh, gw) -> same
        x = self.activated(F.gelu(self.expanded(self.fc1(x))))  # (b, 4 d, gh, gw)
        if self.normalises:
            x = self.responses(self.grn(x))
        return self.projected(self.fc2(x))


class Block(nn.Module):
    """Each channel looks around by itself, then the channels of each place are mixed."""

    def __init__(self, cfg: ConvNeXtConfig, width: int) -> None:
        super().__init__()
        self.conv_dw = nn.Conv2d(width, width, cfg.kernel, padding=cfg.kernel // 2, groups=width)
        self.norm = ChannelNorm(width)
        self.mlp = Mlp(cfg, width)
        scale = cfg.layer_scale
        self.gamma = None if scale is None else nn.Parameter(torch.full((width,), scale))
        self.depthwise = Tap(MAP)
        self.normed = Tap(MAP)
        self.branch = Tap(MAP)
        self.resid_post = Tap(MAP)

    def forward(self, x: Tensor) -> Tensor:  # (b, d, gh, gw) -> same
        branch = self.normed(self.norm(self.depthwise(self.conv_dw(x))))
        branch = self.mlp(branch)
        if self.gamma is not None:
            branch = branch * self.gamma[:, None, None]
        return self.resid_post(x + self.branch(branch))


class Stage(nn.Module):
    """Four neighbours become one place of twice the channels, except at first; then blocks."""

    def __init__(self, cfg: ConvNeXtConfig, stage: int) -> None:
        super().__init__()
        width = cfg.width_of(stage)
        self.downsample: nn.Module = nn.Identity()
        if stage:
            self.downsample = nn.Sequential(
                ChannelNorm(width // 2), nn.Conv2d(width // 2, width, 2, stride=2)
            )
            self.downsampled = Tap(MAP)
        self.blocks = nn.Sequential(*[Block(cfg, width) for _ in range(cfg.depths[stage])])
        self.output = Tap(MAP)
        self.halves = stage > 0

    def forward(self, x: Tensor) -> Tensor:  # (b, d / 2, 2 gh, 2 gw) -> (b, d, gh, gw)
        if self.halves:
            x = self.downsampled(self.downsample(x))
        return self.output(self.blocks(x))


class ConvNeXt(nn.Module):
    """Patches, then stages of convolutions on ever coarser maps, then the mean is read.

    Takes normalised images (b, 3, H, W); returns logits, or features if `classes` is 0. What is
    left over on the right and below, where a side does not divide, is not looked at.
    """

    # What a page may ask for -> where this architecture keeps it. Tested against `taps`.
    views: ClassVar = {
        "feature maps": "stages.*.output",
        "block maps": "stages.*.blocks.*.resid_post",
        "depthwise maps": "stages.*.blocks.*.depthwise",
    }

    def __init__(self, cfg: ConvNeXtConfig) -> None:
        super().__init__()
        self.cfg = cfg
        patches = nn.Conv2d(3, cfg.width, cfg.patch_size, stride=cfg.patch_size)
        self.stem = nn.Sequential(patches, ChannelNorm(cfg.width))
        self.embedded = Tap(MAP)
        self.stages = nn.Sequential(*[Stage(cfg, i) for i in range(len(cfg.depths))])
        features = cfg.width_of(len(cfg.depths) - 1)
        self.pooled = Tap("batch channel")
        fc = nn.Linear(features, cfg.classes) if cfg.classes else nn.Identity()
        self.head = nn.Sequential(OrderedDict(norm=nn.LayerNorm(features, eps=EPS), fc=fc))
        self.apply(_initialise)

    def embed(self, image: Tensor) -> Tensor:
        """The map before the first block: (b, 3, H, W) -> (b, d, gh, gw)."""
        return self.embedded(self.stem(image))

    def classify(self, x: Tensor) -> Tensor:
        """Stages and head on an embedded map: (b, d, gh, gw) -> (b, classes)."""
        return self.head(self.pooled(self.stages(x).mean(dim=(2, 3))))

    def forward(self, image: Tensor) -> Tensor:  # (b, 3, H, W) -> (b, classes)
        return self.classify(self.embed(image))


def _pointwise(cfg: ConvNeXtConfig, before: int, after: int) -> nn.Module:
    return nn.Conv2d(before, after, 1) if cfg.conv_mlp else Pointwise(before, after)


def _initialise(module: nn.Module) -> None:
    """The paper's code: truncated normal weights, zero biases."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
