"""What a convolutional network costs, layer by layer: multiply-adds and parameters.

Counted exactly as `torch.utils.flop_counter` counts `models.modernize`, and with it
`models.resnet` and `models.convnext`, on a picture of their native size: convolutions and matrix
products; norms, activations, pooling, scales and additions are left out (below 1 %).
"""

from dataclasses import dataclass
from typing import Literal

CHANNELS = 3
EXPANSION = 4


@dataclass(frozen=True, kw_only=True)
class ConvShape:
    """All that the cost of such a network depends on: the fields of a `ModernConfig`.

    Attributes:
        image_size: Side of the square picture in pixels.
        depths: Blocks of each stage.
        width: Channels of the first stage where they are fewest; doubled at every further stage.
        stem_kernel: Side of the first convolution; patches if it equals the step.
        stem_stride: Its step in pixels.
        stem_pool: Whether the stem ends with the maximum of every second 3 x 3 neighbourhood.
        order: Of the convolutions in a block, as in `models.modernize`.
        depthwise: Whether the spatial convolution looks at each channel by itself.
        kernel: Side of the spatial convolution.
        activation: What follows the convolutions.
        one_activation: Only before a block's last convolution.
        one_norm: Only after a block's first convolution.
        norm: "batch" takes the bias away from the convolution before it, "layer" does not.
        separate_downsampling: Whether a convolution of its own halves the map between stages.
        layer_scale: None for none; its value costs nothing.
        classes: Rows of the head; 0 for no head.
        grn: Whether the MLP's responses are normalised (ConvNeXt V2).

    Raises:
        ValueError: If a number is below 1 or the picture leaves nothing to the last stage.
    """

    image_size: int = 224
    depths: tuple[int, ...] = (3, 4, 6, 3)
    width: int = 64
    stem_kernel: int = 7
    stem_stride: int = 2
    stem_pool: bool = True
    order: Literal["bottleneck", "inverted", "spatial first"] = "bottleneck"
    depthwise: bool = False
    kernel: int = 3
    activation: Literal["relu", "gelu"] = "relu"
    one_activation: bool = False
    one_norm: bool = False
    norm: Literal["batch", "layer"] = "batch"
    separate_downsampling: bool = False
    layer_scale: float | None = None
    classes: int = 1000
    grn: bool = False

    def __post_init__(self) -> None:
        sizes = (self.image_size, self.width, self.kernel, self.stem_kernel, self.stem_stride)
        if not self.depths or min(*sizes, *self.depths) < 1:
            raise ValueError("sizes, width, stages and their blocks must be at least 1")
        if self.side_of(len(self.depths) - 1) < 1:
            raise ValueError(f"{self.image_size} pixels leave nothing to the last stage")

    @property
    def patches(self) -> bool:
        """Whether the stem cuts the picture into patches instead of running over it."""
        return self.stem_kernel == self.stem_stride

    def stem_side(self) -> int:
        """Places along a side of what the stem's convolution puts out."""
        rounded = self.image_size if self.patches else self.image_size + self.stem_stride - 1
        return rounded // self.stem_stride

    def side_of(self, stage: int) -> int:
        """Places along a side of a stage's map: halving rounds up, separate halving down."""
        side = self.stem_side()
        if self.stem_pool:
            side = (side + 1) // 2
        for _ in range(stage):
            side = side // 2 if self.separate_downsampling else (side + 1) // 2
        return side

    def width_of(self, stage: int) -> int:
        """Channels of a stage's map."""
        least = self.width * 2**stage
        return EXPANSION * least if self.order == "bottleneck" else least

    def inner_of(self, stage: int) -> int:
        """Channels between a block's 1 x 1 convolutions."""
        least = self.width * 2**stage
        return least if self.order == "bottleneck" else EXPANSION * least


@dataclass(frozen=True, kw_only=True)
class LayerCost:
    """A convolution with the norm and the activation behind it.

    Attributes:
        kernel: Side of its kernels.
        before: Channels that come in.
        after: Channels that leave.
        depthwise: Whether each channel has a kernel of its own.
        side: Places along a side of what leaves.
        macs: Multiply-adds on one picture.
        parameters: Weights, biases and those of the norm.
        norm: "batch", "layer" or "".
        activation: "relu", "gelu" or "".
    """

    kernel: int
    before: int
    after: int
    depthwise: bool
    side: int
    macs: int
    parameters: int
    norm: str = ""
    activation: str = ""


@dataclass(frozen=True, kw_only=True)
class BlockCost:
    """One block on one picture.

    Attributes:
        layers: Its three convolutions in their order.
        shortcut: What the input passes on its way around them; None for nothing.
        extra: Parameters of layer scale and of normalised responses.
        activation: After the sum: "relu", "gelu" or "".
    """

    layers: tuple[LayerCost, ...]
    shortcut: LayerCost | None
    extra: int
    activation: str

    @property
    def macs(self) -> int:
        """Multiply-adds on one picture."""
        around = self.shortcut.macs if self.shortcut else 0
        return around + sum(layer.macs for layer in self.layers)

    @property
    def parameters(self) -> int:
        """All weights of the block."""
        around = self.shortcut.parameters if self.shortcut else 0
        return around + self.extra + sum(layer.parameters for layer in self.layers)


@dataclass(frozen=True, kw_only=True)
class StageCost:
    """One stage on one picture.

    Attributes:
        side: Places along a side of its map.
        width: Channels of its map.
        downsample: The convolution before its blocks; None where the first block halves the map.
        blocks: Its blocks in order.
    """

    side: int
    width: int
    downsample: LayerCost | None
    blocks: tuple[BlockCost, ...]

    @property
    def macs(self) -> int:
        """Multiply-adds of the whole stage."""
        before = self.downsample.macs if self.downsample else 0
        return before + sum(block.macs for block in self.blocks)

    @property
    def parameters(self) -> int:
        """All weights of the stage."""
        before = self.downsample.parameters if self.downsample else 0
        return before + sum(block.parameters for block in self.blocks)


def stem(shape: ConvShape) -> LayerCost:
    """Cost of the first convolution.

    Source:
        Liu et al. 2022, section 2.2; its norm and activation as in `models.modernize`.
    """
    running = not shape.patches
    return _layer(
        shape, shape.stem_kernel, CHANNELS, shape.width, shape.stem_side(),
        normed=running or shape.separate_downsampling, active=running,
    )  # fmt: skip


def stages(shape: ConvShape) -> tuple[StageCost, ...]:
    """Cost of every stage.

    Source:
        Liu et al. 2022, sections 2.2 to 2.6 and table 9; He et al. 2016, table 1.
    """
    found, before = [], shape.width
    for stage, depth in enumerate(shape.depths):
        width, downsample = shape.width_of(stage), None
        if stage and shape.separate_downsampling:
            side = shape.side_of(stage)
            downsample = LayerCost(
                kernel=2, before=before, after=width, depthwise=False, side=side,
                macs=4 * before * width * side**2,
                parameters=2 * before + (4 * before + 1) * width, norm=shape.norm,
            )  # fmt: skip
            before = width
        blocks = [_block(shape, stage, before, first=True)]
        blocks += [_block(shape, stage, width, first=False)] * (depth - 1)
        found.append(
            StageCost(
                side=shape.side_of(stage), width=width, downsample=downsample, blocks=tuple(blocks)
            )
        )
        before = width
    return tuple(found)


def total(shape: ConvShape) -> int:
    """Multiply-adds of the whole network, stem and head and all.

    Source:
        Liu et al. 2022, table 10: 4.09 G for ResNet-50; table 9: 4.5 G for ConvNeXt-T.
    """
    last = shape.width_of(len(shape.depths) - 1)
    return stem(shape).macs + sum(stage.macs for stage in stages(shape)) + last * shape.classes


def parameters(shape: ConvShape) -> int:
    """Weights of the whole network, last norm and head and all; running averages are none.

    Source:
        Liu et al. 2022, table 9: 25.6 M for ResNet-50, 28.6 M for ConvNeXt-T.
    """
    last = shape.width_of(len(shape.depths) - 1)
    norm = 2 * last if shape.separate_downsampling else 0
    inside = sum(stage.parameters for stage in stages(shape))
    return stem(shape).parameters + inside + norm + (last + 1) * shape.classes


def _block(shape: ConvShape, stage: int, before: int, *, first: bool) -> BlockCost:
    inner, after = shape.inner_of(stage), shape.width_of(stage)
    halves = first and stage > 0 and not shape.separate_downsampling
    small = shape.side_of(stage)
    large = shape.side_of(stage - 1) if halves else small
    widths = ((before, inner), (inner, inner), (inner, after))
    sides, spatial = (large, small, small), 1
    if shape.order == "spatial first":
        widths = ((before, before), (before, inner), (inner, after))
        sides, spatial = (small, small, small), 0
    layers = tuple(
        _layer(
            shape, shape.kernel if k == spatial else 1, *widths[k], sides[k],
            normed=k == 0 or not shape.one_norm,
            active=k == 1 if shape.one_activation else k < len(widths) - 1,
            depthwise=k == spatial and shape.depthwise,
        )
        for k in range(len(widths))
    )  # fmt: skip
    shortcut = None
    if halves or before != after:
        normed = not shape.one_norm
        shortcut = _layer(shape, 1, before, after, small, normed=normed, active=False)
    scale = 0 if shape.layer_scale is None else after
    return BlockCost(
        layers=layers,
        shortcut=shortcut,
        extra=scale + 2 * inner * shape.grn,
        activation="" if shape.one_activation else shape.activation,
    )


def _layer(
    shape: ConvShape, kernel: int, before: int, after: int, side: int, *,
    normed: bool, active: bool, depthwise: bool = False,
) -> LayerCost:  # fmt: skip
    weights = kernel**2 * (1 if depthwise else before) * after
    biased = not (normed and shape.norm == "batch")
    return LayerCost(
        kernel=kernel,
        before=before,
        after=after,
        depthwise=depthwise,
        side=side,
        macs=weights * side**2,
        parameters=weights + after * (biased + 2 * normed),
        norm=shape.norm if normed else "",
        activation=shape.activation if active else "",
    )
