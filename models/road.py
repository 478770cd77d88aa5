"""The road from ResNet-50 to ConvNeXt-T, step by step, with what the paper measured at each.

Accuracies, deviations and multiply-adds: Liu et al. 2022, https://arxiv.org/abs/2201.03545,
appendix C, table 10 (three seeds, ImageNet-1K at 224 pixels); the order is that of figure 2.
"""

from dataclasses import dataclass, replace

from models.convnext import ConvNeXtConfig
from models.modernize import ModernConfig
from models.resnet import ResNetConfig

SOURCE = "https://arxiv.org/abs/2201.03545"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the road.

    Attributes:
        name: Key in `ROAD`.
        title: What the paper calls it.
        change: What is different from the step before, in one sentence.
        config: The network, at the paper's size.
        top1: The paper's top-1 on ImageNet-1K validation, in percent.
        deviation: Its standard deviation over three seeds; None where the paper gives none.
        gflops: The paper's 10^9 multiply-adds of one picture of 224 pixels, as printed.
        kept: Whether the steps after it are built on it; only tried otherwise.
        remark: What the reader of the numbers has to know; mostly empty.
    """

    name: str
    title: str
    change: str
    config: ModernConfig
    top1: float
    deviation: float | None
    gflops: float
    kept: bool = True
    remark: str = ""


_RESNET_50 = ModernConfig()
_RECIPE = replace(_RESNET_50, layer_scale=1e-6)
_RATIO = replace(_RECIPE, depths=(3, 3, 9, 3))
_PATCHES = replace(_RATIO, stem_kernel=4, stem_stride=4, stem_pool=False)
_DEPTHWISE = replace(_PATCHES, depthwise=True)
_WIDTH = replace(_DEPTHWISE, width=96)
_INVERTED = replace(_WIDTH, order="inverted")
_MOVED_UP = replace(_INVERTED, order="spatial first")
_KERNEL_7 = replace(_MOVED_UP, kernel=7)
_GELU = replace(_KERNEL_7, activation="gelu")
_ONE_ACTIVATION = replace(_GELU, one_activation=True)
_ONE_NORM = replace(_ONE_ACTIVATION, one_norm=True)
_LAYER_NORM = replace(_ONE_NORM, norm="layer")
_CONVNEXT_T = replace(_LAYER_NORM, separate_downsampling=True)

_STEPS = (
    Step(
        name="resnet50",
        title="ResNet-50 (PyTorch)",
        change="Where the road begins: PyTorch's own weights and training.",
        config=_RESNET_50,
        top1=76.13, deviation=None, gflops=4.09,
    ),
    Step(
        name="recipe",
        title="Enhanced recipe",
        change="300 epochs of AdamW with strong augmentation; layer scale on every branch.",
        config=_RECIPE,
        top1=78.82, deviation=0.07, gflops=4.09,
    ),
    Step(
        name="stage_ratio",
        title="Stage ratio",
        change="(3, 4, 6, 3) blocks become (3, 3, 9, 3), Swin's ratio of 1 : 1 : 3 : 1.",
        config=_RATIO,
        top1=79.36, deviation=0.07, gflops=4.53,
    ),
    Step(
        name="patchify",
        title="“Patchify” stem",
        change="4 × 4 pixels a patch replace the 7 × 7 convolution and the pooling.",
        config=_PATCHES,
        top1=79.51, deviation=0.18, gflops=4.42,
    ),
    Step(
        name="depthwise",
        title="Depthwise convolution",
        change="The 3 × 3 convolution looks at each channel by itself.",
        config=_DEPTHWISE,
        top1=78.28, deviation=0.08, gflops=2.35,
    ),
    Step(
        name="width",
        title="Increase width",
        change="64 channels become 96, as Swin-T has.",
        config=_WIDTH,
        top1=80.50, deviation=0.02, gflops=5.27,
    ),
    Step(
        name="inverted",
        title="Inverting dimensions",
        change="The block is widest inside: 96 → 384 → 96 instead of 384 → 96 → 384.",
        config=_INVERTED,
        top1=80.64, deviation=0.03, gflops=4.64,
    ),
    Step(
        name="moved_up",
        title="Move up depthwise convolution",
        change="The depthwise convolution comes first, where channels are few.",
        config=_MOVED_UP,
        top1=79.92, deviation=0.08, gflops=4.07,
    ),
    Step(
        name="kernel_5",
        title="Kernel size → 5",
        change="The depthwise kernels are 5 × 5.",
        config=replace(_MOVED_UP, kernel=5),
        top1=80.35, deviation=0.08, gflops=4.10, kept=False,
    ),
    Step(
        name="kernel_7",
        title="Kernel size → 7",
        change="The depthwise kernels are 7 × 7, the side of Swin's windows.",
        config=_KERNEL_7,
        top1=80.57, deviation=0.14, gflops=4.15,
    ),
    Step(
        name="kernel_9",
        title="Kernel size → 9",
        change="The depthwise kernels are 9 × 9.",
        config=replace(_MOVED_UP, kernel=9),
        top1=80.57, deviation=0.06, gflops=4.21, kept=False,
    ),
    Step(
        name="kernel_11",
        title="Kernel size → 11",
        change="The depthwise kernels are 11 × 11.",
        config=replace(_MOVED_UP, kernel=11),
        top1=80.47, deviation=0.11, gflops=4.29, kept=False,
    ),
    Step(
        name="gelu",
        title="ReLU → GELU",
        change="The activation is GELU, with kernels of 7 × 7.",
        config=_GELU,
        top1=80.62, deviation=0.14, gflops=4.15,
    ),
    Step(
        name="one_activation",
        title="Fewer activations",
        change="One activation a block, between the two 1 × 1 convolutions.",
        config=_ONE_ACTIVATION,
        top1=81.27, deviation=0.06, gflops=4.15,
    ),
    Step(
        name="one_norm",
        title="Fewer norms",
        change="One norm a block, before the 1 × 1 convolutions.",
        config=_ONE_NORM,
        top1=81.41, deviation=0.09, gflops=4.15,
    ),
    Step(
        name="layer_norm",
        title="BN → LN",
        change="Each place is normalised over its channels, instead of each channel over a batch.",
        config=_LAYER_NORM,
        top1=81.47, deviation=0.09, gflops=4.46,
        remark="Table 10 prints 4.46, figure 2 prints 4.2. A norm multiplies nothing that is "
        "counted, so it must be 4.15 still; 4.46 is what the last step counts.",
    ),
    Step(
        name="convnext_tiny",
        title="Separate downsampling = ConvNeXt-T",
        change="A norm and a 2 × 2 convolution halve the map; stem and head are normed too.",
        config=_CONVNEXT_T,
        top1=81.97, deviation=0.06, gflops=4.49,
        remark="4.46 without norms and activations, which the paper's 4.49 seems to count; "
        "its table 9 prints 4.5.",
    ),
)  # fmt: skip

ROAD: dict[str, Step] = {step.name: step for step in _STEPS}


def as_step(config: ResNetConfig | ConvNeXtConfig) -> ModernConfig:
    """The config of the road's network that computes the same; V2's norm has no place there."""
    if isinstance(config, ResNetConfig):
        start, kernel, stride = _RESNET_50, config.stem_kernel, config.stem_stride
        start = replace(start, stem_pool=config.stem_pool)
    else:
        start, kernel, stride = _CONVNEXT_T, config.patch_size, config.patch_size
        start = replace(start, kernel=config.kernel, layer_scale=config.layer_scale)
    return replace(
        start, image_size=config.image_size, depths=config.depths, width=config.width,
        classes=config.classes, stem_kernel=kernel, stem_stride=stride,
    )  # fmt: skip


def at_small_scale(
    config: ModernConfig, image_size: int = 56, width: int = 32, classes: int = 32
) -> ModernConfig:
    """A step at a quarter of its pictures' side, in three stages, to be trained within minutes.

    The first map has half of the picture's side: a convolution of 3 × 3 with a step of 2, or
    patches of 2 × 2. Blocks go (2, 3, 4) → (2, 2, 6), as from 16 to 18 of the paper's.

    Args:
        config: A step of the road at its full size.
        image_size: Side in pixels.
        width: What becomes of ResNet-50's 64 channels.
        classes: Rows of the head.
    """
    stem = 2 if config.patches else 3
    return replace(
        config, image_size=image_size, classes=classes, width=config.width * width // 64,
        depths=(2, 3, 4) if config.depths == _RESNET_50.depths else (2, 2, 6),
        stem_kernel=stem, stem_stride=2, stem_pool=False,
    )  # fmt: skip
