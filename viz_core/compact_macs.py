"""What ViT-Lite, CVT and CCT cost: maps of the tokenizer, tokens and multiply-adds.

Counted exactly as `torch.utils.flop_counter` counts `models.compact`: matrix products and
convolutions; norms, activations, maxima, softmax and additions are left out (below 1 %).
"""

from dataclasses import dataclass
from itertools import pairwise

from viz_core.macs import BYTES_PER_NUMBER, Cost


@dataclass(frozen=True, kw_only=True)
class CompactShape:
    """All that the cost of a compact transformer depends on.

    Attributes:
        side: Side of the square picture in pixels.
        kernel: Side of the tokenizer's kernels, which move by `stride` over a border of `padding`.
        channels: Of the picture, and after each convolution; the last is the tokens' width.
        max_pool: Whether every convolution is followed by a maximum over every second place.
        depth: Blocks.
        heads: Heads a block has.
        mlp_ratio: Width of the MLP's hidden layer over the width.
        seq_pool: Whether the sequence is pooled; otherwise there is a class token.
        classes: Rows of the head.

    Raises:
        ValueError: If a number is not positive, or nothing is left of the picture.
    """

    side: int
    kernel: int
    stride: int
    padding: int
    channels: tuple[int, ...]
    max_pool: bool
    depth: int
    heads: int
    mlp_ratio: float
    seq_pool: bool
    classes: int

    def __post_init__(self) -> None:
        numbers = (self.kernel, self.stride, self.depth, self.heads, self.classes, *self.channels)
        if min(*numbers, self.mlp_ratio) <= 0 or self.padding < 0 or len(self.channels) < 2:
            raise ValueError("kernels, channels, blocks, heads and classes must be positive")
        if self.maps[-1][1] < 1:
            raise ValueError(f"{self.side} pixels are too few for this tokenizer")

    @property
    def maps(self) -> tuple[tuple[int, int], ...]:
        """Side of the map after each convolution, and what pooling leaves of it."""
        found, side = [], self.side
        for _ in self.channels[1:]:
            convolved = (side + 2 * self.padding - self.kernel) // self.stride + 1
            side = (convolved - 1) // 2 + 1 if self.max_pool else convolved
            found.append((convolved, side))
        return tuple(found)

    @property
    def sees(self) -> tuple[int, ...]:
        """Side in pixels of the square that one place sees, after each layer of the tokenizer."""
        found, side, step = [], 1, 1
        for _ in self.channels[1:]:
            side, step = side + (self.kernel - 1) * step, step * self.stride
            if self.max_pool:
                side, step = side + 2 * step, 2 * step
            found.append(side)
        return tuple(found)


def cost(shape: CompactShape) -> Cost:
    """Tokens, multiply-adds and memory of one forward pass of one picture.

    Sequence pooling counts with the head: a score for every token, and their weighted sum.

    Source:
        Hassani et al. 2021 (arXiv:2104.05704), table 1: 0.947 G multiply-adds for CCT-7/3x1 and
        0.239 G for ViT-Lite-7/4. Those are ours without `attention`, which their counter does
        not see: 1.18 G and 0.25 G with it.
    """
    width = shape.channels[-1]
    tokens = shape.maps[-1][1] ** 2 + (not shape.seq_pool)
    tokenizer = sum(
        convolved**2 * shape.kernel**2 * before * after
        for (convolved, _), (before, after) in zip(
            shape.maps, pairwise(shape.channels), strict=True
        )
    )
    return Cost(
        tokens=tokens,
        embedding=tokenizer,
        projections=shape.depth * 4 * tokens * width**2,
        attention=shape.depth * 2 * tokens**2 * width,
        mlp=shape.depth * 2 * tokens * width * int(width * shape.mlp_ratio),
        head=2 * tokens * width * shape.seq_pool + width * shape.classes,
        pattern_bytes=shape.depth * shape.heads * tokens**2 * BYTES_PER_NUMBER,
    )
