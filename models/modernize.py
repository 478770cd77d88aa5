"""One network for the whole road from ResNet-50 to ConvNeXt-T: every step is a config that runs.

Liu et al. 2022, https://arxiv.org/abs/2201.03545, section 2. The first config computes what
`models.resnet` computes, the last what `models.convnext` computes, on the same weights bit for bit.

What the paper leaves open is settled here so: layer scale comes with the recipe, of whose table
(appendix A.1, table 5) it is a row. Patches have neither norm nor activation until the last step
norms them (section 2.6; https://github.com/facebookresearch/ConvNeXt/issues/42). One norm a block
means that the shortcut has none either. A convolution has a bias unless a batch norm, which would
take it away again, comes next. Multiply-adds of every step are then the paper's.
Axes: b batch, d channels, gh gw rows and columns of a map. Maps are (b, d, gh, gw).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from models.convnext import EPS, ChannelNorm
from models.tap import Tap

MAP = "batch channel row column"
EXPANSION = 4
Order = Literal["bottleneck", "inverted", "spatial first"]


@dataclass(frozen=True, kw_only=True)
class ModernConfig:
    """Architecture only. Defaults are ResNet-50 at 224 pixels.

    Attributes:
        image_size: Side in pixels of the pictures it was made for; others run too.
        depths: Blocks of each stage.
        width: Channels of the first stage where they are fewest; doubled at every further stage.
        stem_kernel: Side of the first convolution; patches if it equals the step, otherwise odd.
        stem_stride: Its step in pixels.
        stem_pool: Whether the stem ends with the maximum of every second 3 x 3 neighbourhood.
        order: "bottleneck": fewer channels, spatial convolution, more channels. "inverted": more
            channels first. "spatial first": spatial convolution, more channels, fewer channels.
        depthwise: Whether the spatial convolution looks at each channel by itself.
        kernel: Side of the spatial convolution; odd.
        activation: What follows the convolutions.
        one_activation: Only before a block's last convolution, instead of wherever ResNet has one.
        one_norm: Only after a block's first convolution, instead of after each.
        norm: Of each channel over a batch and all places, or of each place over its channels.
        separate_downsampling: Whether a norm and a 2 x 2 convolution halve the map between
            stages, instead of a stage's first block; stem and head are then normed as well.
        layer_scale: First value of the scales on the residual branches; None leaves them out.
        classes: 0 means no head: the model returns the pooled features.
    """

    image_size: int = 224
    depths: tuple[int, ...] = (3, 4, 6, 3)
    width: int = 64
    stem_kernel: int = 7
    stem_stride: int = 2
    stem_pool: bool = True
    order: Order = "bottleneck"
    depthwise: bool = False
    kernel: int = 3
    activation: Literal["relu", "gelu"] = "relu"
    one_activation: bool = False
    one_norm: bool = False
    norm: Literal["batch", "layer"] = "batch"
    separate_downsampling: bool = False
    layer_scale: float | None = None
    classes: int = 1000

    def __post_init__(self) -> None:
        if self.kernel % 2 == 0 or (self.stem_kernel % 2 == 0 and not self.patches):
            raise ValueError("a kernel with a centre has an odd side")
        sizes = (self.image_size, self.width, self.kernel, self.stem_kernel, self.stem_stride)
        if min(*sizes, *self.depths, len(self.depths)) < 1:
            raise ValueError("sizes, width, stages and their blocks must be at least 1")

    @property
    def patches(self) -> bool:
        """Whether the stem cuts the picture into patches instead of running over it."""
        return self.stem_kernel == self.stem_stride

    @property
    def patch_size(self) -> int:
        """Pixels from one place of the first stage's map to the next."""
        return self.stem_stride * (2 if self.stem_pool else 1)

    def width_of(self, stage: int) -> int:
        """Channels of a stage's map."""
        least = self.width * 2**stage
        return EXPANSION * least if self.order == "bottleneck" else least

    def inner_of(self, stage: int) -> int:
        """Channels between a block's 1 x 1 convolutions."""
        least = self.width * 2**stage
        return least if self.order == "bottleneck" else EXPANSION * least


class Layer(nn.Module):
    """A convolution with the norm and the activation behind it, if it has them."""

    def __init__(self, cfg: ModernConfig, conv: nn.Conv2d, *, normed: bool, active: bool) -> None:
        super().__init__()
        width = conv.out_channels
        self.conv, self.norm = conv, _norm(cfg, width) if normed else nn.Identity()
        self.act = _activation(cfg) if active else nn.Identity()
        self.convolved = Tap(MAP)
        self.normed = Tap(MAP) if normed else nn.Identity()
        self.activated = Tap(MAP) if active else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:  # (b, d, gh, gw) -> (b, d', gh / s, gw / s)
        return self.activated(self.act(self.normed(self.norm(self.convolved(self.conv(x))))))


class Block(nn.Module):
    """Three convolutions in the config's order, added to what came in."""

    def __init__(self, cfg: ModernConfig, before: int, stage: int, stride: int) -> None:
        super().__init__()
        inner, after, last = cfg.inner_of(stage), cfg.width_of(stage), 2
        shapes = {  # channels in and out of each convolution, and which one is spatial
            "bottleneck": ((before, inner), (inner, inner), (inner, after), 1),
            "inverted": ((before, inner), (inner, inner), (inner, after), 1),
            "spatial first": ((before, before), (before, inner), (inner, after), 0),
        }
        *widths, spatial = shapes[cfg.order]
        self.layers = nn.Sequential()
        for k, (fan_in, fan_out) in enumerate(widths):
            normed = k == 0 if cfg.one_norm else True
            active = k == 1 if cfg.one_activation else k < last
            here = (cfg.kernel, stride, cfg.depthwise) if k == spatial else (1, 1, False)
            conv = _conv(fan_in, fan_out, *here, bias=not (normed and cfg.norm == "batch"))
            self.layers.append(Layer(cfg, conv, normed=normed, active=active))
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or before != after:
            normed = not cfg.one_norm
            conv = _conv(before, after, 1, stride, bias=not (normed and cfg.norm == "batch"))
            self.shortcut = Layer(cfg, conv, normed=normed, active=False)
        scale = cfg.layer_scale
        self.gamma = None if scale is None else nn.Parameter(torch.full((after,), scale))
        self.act = nn.Identity() if cfg.one_activation else _activation(cfg)
        self.branch = Tap(MAP)
        self.summed = Tap(MAP)
        self.resid_post = Tap(MAP)

    def forward(self, x: Tensor) -> Tensor:  # (b, d, gh, gw) -> (b, d', gh / s, gw / s)
        branch = self.layers(x)
        if self.gamma is not None:
            branch = branch * self.gamma[:, None, None]
        return self.resid_post(self.act(self.summed(self.branch(branch) + self.shortcut(x))))


class Stage(nn.Module):
    """Blocks on maps of one size; the first halves it, or a convolution before the blocks does."""

    def __init__(self, cfg: ModernConfig, before: int, stage: int) -> None:
        super().__init__()
        after, halving = cfg.width_of(stage), stage > 0
        self.separate = halving and cfg.separate_downsampling
        self.downsample: nn.Module = nn.Identity()
        if self.separate:
            conv = nn.Conv2d(before, after, 2, stride=2)
            self.downsample = nn.Sequential(_norm(cfg, before), conv)
            self.downsampled = Tap(MAP)
            before, halving = after, False
        self.blocks = nn.Sequential()
        for block in range(cfg.depths[stage]):
            first = block == 0
            stride = 2 if first and halving else 1
            self.blocks.append(Block(cfg, before if first else after, stage, stride))
        self.output = Tap(MAP)

    def forward(self, x: Tensor) -> Tensor:  # (b, d, gh, gw) -> (b, d', gh / 2, gw / 2)
        if self.separate:
            x = self.downsampled(self.downsample(x))
        return self.output(self.blocks(x))


class ModernNet(nn.Module):
    """A step of the road. Takes normalised images (b, 3, H, W); returns logits (b, classes)."""

    # What a page may ask for -> where this architecture keeps it. Tested against `taps`.
    views: ClassVar = {
        "feature maps": "stages.*.output",
        "block maps": "stages.*.blocks.*.resid_post",
    }

    def __init__(self, cfg: ModernConfig) -> None:
        super().__init__()
        self.cfg = cfg
        running = not cfg.patches  # over the picture, as ResNet's stem: with norm and activation
        kernel, normed = cfg.stem_kernel, running or cfg.separate_downsampling
        conv = nn.Conv2d(
            3, cfg.width, kernel, stride=cfg.stem_stride, padding=running * (kernel // 2),
            bias=not (normed and cfg.norm == "batch"),
        )  # fmt: skip
        self.stem = Layer(cfg, conv, normed=normed, active=running)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1) if cfg.stem_pool else nn.Identity()
        self.embedded = Tap(MAP)
        self.stages = nn.Sequential()
        before = cfg.width
        for stage in range(len(cfg.depths)):
            self.stages.append(Stage(cfg, before, stage))
            before = cfg.width_of(stage)
        self.pooled = Tap("batch channel")
        normed = cfg.separate_downsampling
        self.norm = nn.LayerNorm(before, eps=EPS) if normed else nn.Identity()
        self.fc = nn.Linear(before, cfg.classes) if cfg.classes else nn.Identity()
        self.apply(_initialise)

    def forward(self, image: Tensor) -> Tensor:  # (b, 3, H, W) -> (b, classes)
        x = self.stages(self.embedded(self.pool(self.stem(image))))
        return self.fc(self.norm(self.pooled(x.mean(dim=(2, 3)))))


def _conv(
    before: int, after: int, kernel: int, stride: int, depthwise: bool = False, *, bias: bool
) -> nn.Conv2d:
    return nn.Conv2d(
        before, after, kernel, stride=stride, padding=kernel // 2,
        groups=before if depthwise else 1, bias=bias,
    )  # fmt: skip


def _norm(cfg: ModernConfig, width: int) -> nn.Module:
    return nn.BatchNorm2d(width) if cfg.norm == "batch" else ChannelNorm(width)


def _activation(cfg: ModernConfig) -> nn.Module:
    return nn.ReLU() if cfg.activation == "relu" else nn.GELU()


def _initialise(module: nn.Module) -> None:
    """The recipe's: truncated normal weights, zero biases."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def from_resnet(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a `models.resnet`, timm's names, under the names of the first step."""

    def moved(name: str) -> str:
        name = re.sub(r"\b(conv|bn)(\d)\.", lambda m: f"{m[1]}.{int(m[2]) - 1}.", name)
        for theirs, ours in (
            (r"^conv\.0\.", "stem.conv."),
            (r"^bn\.0\.", "stem.norm."),
            (r"\.conv\.(\d)\.", r".layers.\1.conv."),
            (r"\.bn\.(\d)\.", r".layers.\1.norm."),
            (r"\.downsample\.0\.", ".shortcut.conv."),
            (r"\.downsample\.1\.", ".shortcut.norm."),
        ):
            name = re.sub(theirs, ours, name)
        return re.sub(r"^layer(\d)\.", lambda m: f"stages.{int(m[1]) - 1}.blocks.", name)

    return {moved(name): tensor for name, tensor in weights.items()}


def from_convnext(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a `models.convnext`, timm's names, under the names of the last step."""
    found = {}
    for name, tensor in weights.items():
        for theirs, ours in (
            (r"^stem\.0\.", "stem.conv."),
            (r"^stem\.1\.", "stem.norm."),
            (r"\.conv_dw\.", ".layers.0.conv."),
            (r"(\.blocks\.\d+)\.norm\.", r"\1.layers.0.norm."),
            (r"\.mlp\.fc(\d)\.", r".layers.\1.conv."),
            (r"^head\.", ""),
        ):
            name = re.sub(theirs, ours, name)
        matrix = ".layers." in name and tensor.ndim == 2
        found[name] = tensor[:, :, None, None] if matrix else tensor
    return found
