"""What a Swin costs, stage by stage: multiply-adds and parameters.

Counted exactly as `torch.utils.flop_counter` counts `models.swin` and `models.swin_v2` on a
picture of their native size: matrix products and convolutions; norms, activations, the softmax
and additions are left out (below 1 %).
"""

from dataclasses import dataclass, replace
from typing import Literal

from viz_core import macs
from viz_core.macs import Cost

Kind = Literal["full", "window"]
CHANNELS = 3


@dataclass(frozen=True, kw_only=True)
class SwinShape:
    """All that the cost of a Swin depends on.

    Attributes:
        side: Side of the square picture in pixels.
        patch: Side of a patch in pixels.
        width: Numbers a token of the first stage has; every further stage doubles them.
        depths: Blocks of each stage.
        heads: Heads of each stage.
        window: Side of a window in tokens; a smaller map is one window.
        mlp_ratio: Width of the MLP's hidden layer over the width.
        classes: Rows of the head; 0 for no head.
        bias_units: Hidden units of the network that makes the position bias (512 in Swin V2);
            0 where the bias is a learned table.

    Raises:
        ValueError: If the picture does not divide into patches, a number is below 1, or there
            are not as many depths as heads.
    """

    side: int
    patch: int
    width: int
    depths: tuple[int, ...]
    heads: tuple[int, ...]
    window: int
    mlp_ratio: float = 4.0
    classes: int = 1000
    bias_units: int = 0

    def __post_init__(self) -> None:
        if not self.depths or len(self.depths) != len(self.heads):
            raise ValueError(f"{len(self.depths)} stages of blocks but {len(self.heads)} of heads")
        if min(self.side, self.patch, self.width, self.window, *self.depths, *self.heads) < 1:
            raise ValueError("sizes, depths and heads must be at least 1")
        if self.side % self.patch:
            raise ValueError(f"{self.side} pixels do not divide into {self.patch}-pixel patches")

    def grid_of(self, stage: int) -> int:
        """Tokens along a side of a stage's map; merging fills up odd maps."""
        return -(-self.side // self.patch // 2**stage)


@dataclass(frozen=True, kw_only=True)
class StageCost:
    """One stage on one picture.

    Attributes:
        grid: Tokens along a side of its map.
        width: Numbers a token has.
        heads: Heads of each block.
        depth: Blocks.
        window: Side of its windows in tokens.
        entering: Multiply-adds of what brings tokens in: the patch embedding, or the merging.
        inside: Cost of the blocks.
        bias: Multiply-adds of the networks that make the position biases (V2 only).
        parameters: Weights of the entering layer and the blocks.
    """

    grid: int
    width: int
    heads: int
    depth: int
    window: int
    entering: int
    inside: Cost
    bias: int
    parameters: int

    @property
    def total(self) -> int:
        """Multiply-adds of the whole stage."""
        return self.entering + self.inside.total + self.bias


def stages(shape: SwinShape, kind: Kind = "window") -> tuple[StageCost, ...]:
    """Cost of every stage.

    Args:
        shape: The network and the size of its picture.
        kind: "window" is Swin. "full" lets every token of a map ask every other: what the same
            pyramid would cost with global attention (its biases are left as they are).

    Source:
        Liu et al. 2021, section 3.1 and equations 1 and 2.
    """
    found = []
    for stage, (depth, heads) in enumerate(zip(shape.depths, shape.heads, strict=True)):
        grid, width = shape.grid_of(stage), shape.width * 2**stage
        window = min(shape.window, grid)
        inside = macs.cost(
            macs.Shape(
                side=grid, patch=1, width=width, depth=depth, heads=heads, prefix=0,
                mlp_ratio=shape.mlp_ratio, classes=0, channels=0,
            ),
            kind, window,
        )  # fmt: skip
        if stage:
            entering = grid**2 * 4 * (width // 2) * width
        else:
            entering = grid**2 * CHANNELS * shape.patch**2 * width
        offsets = (2 * window - 1) ** 2
        found.append(
            StageCost(
                grid=grid,
                width=width,
                heads=heads,
                depth=depth,
                window=window,
                entering=entering,
                inside=inside,
                bias=depth * offsets * shape.bias_units * (2 + heads),
                parameters=_entering_weights(shape, stage)
                + depth * _block_weights(shape, width, heads, offsets),
            )
        )
    return tuple(found)


def total(shape: SwinShape, kind: Kind = "window") -> int:
    """Multiply-adds of the whole network, head and all.

    Source:
        Liu et al. 2021, table 1: 4.5 G for Swin-T, 8.7 G for Swin-S, 15.4 G for Swin-B.
    """
    last = shape.width * 2 ** (len(shape.depths) - 1)
    return sum(stage.total for stage in stages(shape, kind)) + last * shape.classes


def parameters(shape: SwinShape) -> int:
    """Weights of the whole network, last norm and head and all.

    Source:
        Liu et al. 2021, table 1: 28 M for Swin-T, 50 M for Swin-S, 88 M for Swin-B.
    """
    last = shape.width * 2 ** (len(shape.depths) - 1)
    head = shape.classes * (last + 1)
    return sum(stage.parameters for stage in stages(shape)) + 2 * last + head


def at_side(shape: SwinShape, side: int) -> SwinShape:
    """The same network on a picture of another size.

    Raises:
        ValueError: If the picture does not divide into patches.
    """
    return replace(shape, side=side)


def _entering_weights(shape: SwinShape, stage: int) -> int:
    width = shape.width * 2**stage
    if not stage:
        return width * (CHANNELS * shape.patch**2 + 1) + 2 * width
    before = width // 2
    normalised = 2 * before if shape.bias_units else 4 * before  # V2's norm comes last
    return 4 * before * width + 2 * normalised


def _block_weights(shape: SwinShape, width: int, heads: int, offsets: int) -> int:
    hidden = int(width * shape.mlp_ratio)
    mlp = hidden * (width + 1) + width * (hidden + 1)
    if shape.bias_units:  # no bias on the keys, one scale a head, and the bias network
        extra = heads + shape.bias_units * (3 + heads)
        projections = 4 * width**2 + 3 * width
    else:
        extra, projections = offsets * heads, 4 * width * (width + 1)
    return projections + extra + mlp + 4 * width


def sides_to_measure(window: int, most: int = 60, count: int = 6) -> list[int]:
    """Sides of maps that windows cover without filling up, about evenly spaced on a log axis.

    Args:
        window: Tokens along a side of a window.
        most: The largest side in tokens.
        count: How many at most; fewer where not so many multiples fit.

    Returns:
        Multiples of `window` in ascending order, none below 4 tokens unless nothing else fits.

    Raises:
        ValueError: If not even one window fits, or a number is below 1.
    """
    if min(window, count) < 1 or most < window:
        raise ValueError(f"no window of {window} tokens fits into a map of {most}")
    last = most // window
    first = min(last, -(-4 // window))
    ratio = (last / first) ** (1 / max(1, count - 1))
    chosen: list[int] = []
    for k in range(count):
        wanted = max(chosen[-1] + 1 if chosen else 1, round(first * ratio**k))
        if wanted <= last:
            chosen.append(wanted)
    return [window * times for times in chosen]
