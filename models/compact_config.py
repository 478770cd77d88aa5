"""ViT-Lite, CVT and CCT in numbers: what `models.compact` builds, and every published variant."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

POOL_KERNEL, POOL_STRIDE, POOL_PADDING = 3, 2, 1
INNER_CHANNELS = 64


@dataclass(frozen=True, kw_only=True)
class CompactConfig:
    """Architecture only. Defaults are CCT-7/3x1 at 32 pixels.

    Attributes:
        image_size: Side in pixels that the position table was made for; others run too.
        kernel: Side of the tokenizer's kernels, which move by `stride` over a picture with a
            zero border of `padding`. Stride and kernel alike, without padding, are patches.
        conv_layers: Convolutions one after the other; all but the last give 64 channels.
        max_pool: Whether each convolution is followed by ReLU and a maximum over 3 x 3 places,
            every second one. Patches have neither.
        seq_pool: Whether the head reads the pooled sequence; otherwise it reads a class token.
        positions: What is added to the tokens. "sine" is a wave along the sequence, row by row.
        classes: 0 means no head: the model returns what a head would read.
    """

    image_size: int = 32
    kernel: int = 3
    stride: int = 1
    padding: int = 1
    conv_layers: int = 1
    max_pool: bool = True
    conv_bias: bool = False
    width: int = 256
    depth: int = 7
    heads: int = 4
    mlp_ratio: float = 2.0
    seq_pool: bool = True
    positions: Literal["learnable", "sine", "none"] = "learnable"
    classes: int = 10

    def __post_init__(self) -> None:
        counts = (self.kernel, self.stride, self.conv_layers, self.depth, self.heads)
        if min(counts) < 1 or min(self.padding, self.classes) < 0:
            raise ValueError(
                "kernel, stride, layers and heads must be at least 1, padding and classes 0"
            )
        if self.width % self.heads:
            raise ValueError(f"width {self.width} does not divide into {self.heads} heads")
        if self.positions not in ("learnable", "sine", "none"):
            raise ValueError(f"positions are learnable, sine or none, got {self.positions!r}")
        self.sides(self.image_size)

    def sides(self, pixels: int) -> tuple[int, ...]:
        """Side of the map after each layer of the tokenizer, for a picture of that side.

        Raises:
            ValueError: If patches do not divide the side, or nothing is left of it.
        """
        if (self.stride, self.padding) == (self.kernel, 0) and pixels % self.kernel:
            raise ValueError(f"{pixels} pixels do not divide into patches of {self.kernel}")
        found: list[int] = []
        side = pixels
        for _ in range(self.conv_layers):
            side = (side + 2 * self.padding - self.kernel) // self.stride + 1
            if self.max_pool:
                side = (side + 2 * POOL_PADDING - POOL_KERNEL) // POOL_STRIDE + 1
            if side < 1:
                raise ValueError(f"{pixels} pixels are too few for kernels of {self.kernel}")
            found.append(side)
        return tuple(found)

    @property
    def grid(self) -> int:
        """Tokens along one side at the native image size."""
        return self.sides(self.image_size)[-1]

    @property
    def patch_size(self) -> int:
        """Pixels from one token to the next; what a token sees is larger if it overlaps."""
        return self.image_size // self.grid

    @property
    def prefix(self) -> int:
        """Tokens before the first place of the grid: the class token, if there is one."""
        return int(not self.seq_pool)

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels before the first convolution and after each."""
        return (3, *[INNER_CHANNELS] * (self.conv_layers - 1), self.width)


_SIZES: Mapping[int, Mapping[str, Any]] = {
    2: dict(depth=2, width=128, heads=2, mlp_ratio=1.0),
    4: dict(depth=4, width=128, heads=2, mlp_ratio=1.0),
    6: dict(depth=6, width=256, heads=4, mlp_ratio=2.0),
    7: dict(depth=7, width=256, heads=4, mlp_ratio=2.0),
    14: dict(depth=14, width=384, heads=6, mlp_ratio=3.0),
}
_CCT = CompactConfig()
_CVT = replace(_CCT, kernel=4, stride=4, padding=0, max_pool=False, conv_bias=True)
_VIT = replace(_CVT, seq_pool=False)
_FAR = replace(_CCT, image_size=224, kernel=7, stride=2, padding=3, conv_layers=2)

_LEARNABLE = {
    **{f"vit_lite_{n}_4_32": replace(_VIT, **_SIZES[n]) for n in (2, 4, 6, 7)},
    **{f"cvt_{n}_4_32": replace(_CVT, **_SIZES[n]) for n in (2, 4, 6, 7)},
    "cct_2_3x2_32": replace(_CCT, conv_layers=2, **_SIZES[2]),
    "cct_4_3x2_32": replace(_CCT, conv_layers=2, **_SIZES[4]),
    "cct_6_3x1_32": replace(_CCT, **_SIZES[6]),
    "cct_6_3x2_32": replace(_CCT, conv_layers=2, **_SIZES[6]),
    "cct_7_3x1_32": _CCT,
    "cct_7_3x2_32": replace(_CCT, conv_layers=2),
    "cct_7_7x2_224": replace(_FAR, classes=102),
}

# Layers, then the kernel and how many convolutions of it, then pixels. The names are those of
# SHI-Labs' Variants.md, where ViT-Lite-7/4 is vit_7_4_32. There `*_sine` say that their positions
# are waves; the code drops that word on its way and learns them, which is not followed here.
VARIANTS: dict[str, CompactConfig] = {
    **_LEARNABLE,
    **{f"{name}_sine": replace(cfg, positions="sine") for name, cfg in _LEARNABLE.items()},
    "cct_7_3x1_32_c100": replace(_CCT, classes=100),
    "cct_7_3x1_32_sine_c100": replace(_CCT, positions="sine", classes=100),
    "cct_14_7x2_224": replace(_FAR, classes=1000, **_SIZES[14]),
    "cct_14_7x2_384": replace(_FAR, image_size=384, classes=1000, **_SIZES[14]),
    "cct_14_7x2_384_fl": replace(_FAR, image_size=384, classes=102, **_SIZES[14]),
}
