"""What a vision transformer costs: tokens, multiply-adds and the memory of its attention.

Counted exactly as `torch.utils.flop_counter` counts `models.vit`: matrix products and
convolutions; norms, activations, the softmax and additions are left out (below 1 %).
"""

import math
from dataclasses import dataclass
from typing import Literal

Kind = Literal["full", "window", "axial"]
BYTES_PER_NUMBER = 4


@dataclass(frozen=True, kw_only=True)
class Shape:
    """All that the cost of a transformer depends on.

    Attributes:
        side: Side of the square picture in pixels.
        patch: Side of a patch in pixels.
        width: Numbers a token has.
        depth: Blocks.
        heads: Heads a block has.
        prefix: Tokens before the first patch: class token and registers.
        mlp_ratio: Width of the MLP's hidden layer over the width.
        classes: Rows of the head; 0 for no head.
        channels: 3 for colours.
    """

    side: int
    patch: int
    width: int
    depth: int
    heads: int
    prefix: int = 1
    mlp_ratio: float = 4.0
    classes: int = 1000
    channels: int = 3

    @property
    def grid(self) -> int:
        """Patches along a side.

        Raises:
            ValueError: If the picture does not divide into patches.
        """
        if self.patch < 1 or self.side < self.patch or self.side % self.patch:
            raise ValueError(f"{self.side} pixels do not divide into {self.patch}-pixel patches")
        return self.side // self.patch


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Cost of one forward pass of one picture.

    Attributes:
        tokens: Length of the sequence.
        embedding: Multiply-adds of the patch embedding.
        projections: Multiply-adds of queries, keys, values and the output of attention.
        attention: Multiply-adds of scores and of mixing the values.
        mlp: Multiply-adds of both layers of every MLP.
        head: Multiply-adds of the last layer.
        pattern_bytes: Memory of all attention weights of all heads and blocks in float32.
    """

    tokens: int
    embedding: int
    projections: int
    attention: int
    mlp: int
    head: int
    pattern_bytes: int

    @property
    def total(self) -> int:
        """Multiply-adds of everything."""
        return self.embedding + self.projections + self.attention + self.mlp + self.head


def cost(shape: Shape, kind: Kind = "full", window: int = 7) -> Cost:
    """Tokens, multiply-adds and memory of one forward pass.

    Args:
        shape: The network and the size of its picture.
        kind: "full": every token asks every token. "window": patches ask the patches of their
            own window. "axial": each block holds two attentions with projections of their own,
            one along the column and one along the row of a patch. Windows and axes have no
            place for a class token, so `prefix` counts for "full" only.
        window: Side of a window in patches. A grid that is no multiple is padded, and padded
            patches are projected and attended to as well (as in Swin's code), but skip the MLP.

    Raises:
        ValueError: If the picture does not divide into patches, or `window` is below 1.

    Source:
        Full: Vaswani et al. 2017, table 1, with constants. Window: Liu et al. 2021, equations 1
        and 2: 4hwC^2 + 2(hw)^2 C against 4hwC^2 + 2M^2 hwC. Axial: Wang et al. 2020,
        arXiv:2003.07853.
    """
    if window < 1:
        raise ValueError(f"a window has at least one patch a side, got {window}")
    grid, width = shape.grid, shape.width
    patches = grid**2
    tokens = patches + (shape.prefix if kind == "full" else 0)
    if kind == "full":
        projected, pairs = tokens, tokens**2
    elif kind == "window":
        projected = (math.ceil(grid / window) * window) ** 2
        pairs = projected * window**2
    else:
        projected, pairs = 2 * tokens, 2 * tokens * grid
    hidden = int(width * shape.mlp_ratio)
    return Cost(
        tokens=tokens,
        embedding=patches * shape.channels * shape.patch**2 * width,
        projections=shape.depth * 4 * projected * width**2,
        attention=shape.depth * 2 * pairs * width,
        mlp=shape.depth * 2 * tokens * width * hidden,
        head=width * shape.classes,
        pattern_bytes=shape.depth * shape.heads * pairs * BYTES_PER_NUMBER,
    )


def parameters(shape: Shape) -> int:
    """Weights of the ViT of this shape, with a position for every token of its grid.

    Raises:
        ValueError: If the picture does not divide into patches.

    Source:
        Dosovitskiy et al. 2021, table 1: ViT-Base has 86 M.
    """
    width, hidden = shape.width, int(shape.width * shape.mlp_ratio)
    tokens = shape.grid**2 + shape.prefix
    embedding = width * (shape.channels * shape.patch**2 + 1) + (tokens + shape.prefix) * width
    attention = 4 * width * (width + 1)
    mlp = hidden * (width + 1) + width * (hidden + 1)
    head = shape.classes * (width + 1)
    return embedding + shape.depth * (attention + mlp + 4 * width) + 2 * width + head


def readable(count: float, unit: str) -> str:
    """A count with at most three significant digits: "1.26 G MACs", "931 kB".

    Args:
        count: Not negative.
        unit: A letter, such as "B", or a word, such as "MACs"; prefixes are powers of 1000.

    Raises:
        ValueError: If the count is negative or not finite.
    """
    if not (math.isfinite(count) and count >= 0):
        raise ValueError(f"a count is finite and not negative, got {count}")
    gap = "" if len(unit) == 1 else " "
    for letter, size in (("P", 1e15), ("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if float(f"{count:.3g}") >= size:
            return f"{count / size:.3g}\u2009{letter}{gap}{unit}"
    return f"{count:.3g}\u2009{unit}"
