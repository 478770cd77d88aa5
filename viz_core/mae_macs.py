"""What a masked autoencoder costs at any mask: tokens and multiply-adds of both halves.

Counted exactly as `torch.utils.flop_counter` counts `models.mae`: matrix products and
convolutions; norms, activations, the softmax and additions are left out (below 1 %).
"""

from dataclasses import dataclass

from viz_core import macs
from viz_core.macs import Cost

CHANNELS = 3


@dataclass(frozen=True, kw_only=True)
class MAEShape:
    """All that the cost of a masked autoencoder depends on.

    Attributes:
        side: Side of the square picture in pixels.
        patch: Side of a patch in pixels.
        width: Numbers a token of the encoder has.
        depth: Blocks of the encoder.
        heads: Heads of each of its blocks.
        decoder_width: Numbers a token of the decoder has.
        decoder_depth: Blocks of the decoder.
        decoder_heads: Heads of each of its blocks.
        mlp_ratio: Width of the hidden layer of every MLP over the width.

    Raises:
        ValueError: If the picture does not divide into patches, or a number is not positive.
    """

    side: int
    patch: int
    width: int
    depth: int
    heads: int
    decoder_width: int
    decoder_depth: int
    decoder_heads: int
    mlp_ratio: float = 4.0

    def __post_init__(self) -> None:
        numbers = (self.width, self.depth, self.heads, self.decoder_width, self.decoder_depth)
        if min(*numbers, self.decoder_heads, self.mlp_ratio) <= 0:
            raise ValueError("widths, depths and heads must be positive")
        _ = self.patches

    @property
    def patches(self) -> int:
        """Patches of a picture."""
        return self._half("encoder").grid ** 2

    def _half(self, half: str) -> macs.Shape:
        own = (self.width, self.depth, self.heads)
        width, depth, heads = (
            own if half == "encoder"
            else (self.decoder_width, self.decoder_depth, self.decoder_heads)
        )  # fmt: skip
        return macs.Shape(
            side=self.side, patch=self.patch, width=width, depth=depth, heads=heads, classes=0,
            mlp_ratio=self.mlp_ratio,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class MAECost:
    """Cost of one forward pass of one picture, in multiply-adds.

    Attributes:
        encoder_tokens: Class token and the patches that the encoder sees.
        decoder_tokens: Class token and all patches.
        embedding: Patch embedding; it runs on all patches, since hidden ones are dropped after.
        encoder: Blocks of the encoder.
        bridge: The layer that brings tokens to the decoder's width.
        decoder: Blocks of the decoder.
        prediction: The layer that turns the decoder's tokens into pixels.
        encoder_pattern_bytes: Memory of the encoder's attention weights in float32.
    """

    encoder_tokens: int
    decoder_tokens: int
    embedding: int
    encoder: int
    bridge: int
    decoder: int
    prediction: int
    encoder_pattern_bytes: int

    @property
    def total_encoder(self) -> int:
        """Multiply-adds up to the encoder's output."""
        return self.embedding + self.encoder

    @property
    def total_decoder(self) -> int:
        """Multiply-adds from the encoder's output to pixels."""
        return self.bridge + self.decoder + self.prediction

    @property
    def total(self) -> int:
        """Multiply-adds of everything."""
        return self.total_encoder + self.total_decoder


def cost(shape: MAEShape, visible: int, *, mask_tokens: bool = False) -> MAECost:
    """Tokens and multiply-adds of one forward pass.

    Args:
        shape: The network and the size of its picture.
        visible: Patches that are not hidden, from 0 to all.
        mask_tokens: True for a network that this one is not: its encoder is given a mask token
            at every hidden place, as BERT and BEiT do, and so always sees all places.

    Raises:
        ValueError: If more patches are visible than there are, or fewer than none.

    Source:
        He et al. 2022, arXiv:2111.06377, table 1c: 3.3 x the FLOPs with mask tokens in the
        encoder (ViT-L/16, decoder of 8 blocks of width 512, 75 % hidden).
    """
    n = shape.patches
    if not 0 <= visible <= n:
        raise ValueError(f"{visible} of {n} patches cannot be visible")
    encoder, decoder = shape._half("encoder"), shape._half("decoder")
    seen = 1 + (n if mask_tokens else visible)
    inside = _blocks(encoder, seen)
    return MAECost(
        encoder_tokens=seen,
        decoder_tokens=1 + n,
        embedding=n * CHANNELS * shape.patch**2 * shape.width,
        encoder=inside.total,
        bridge=seen * shape.width * shape.decoder_width,
        decoder=_blocks(decoder, 1 + n).total,
        prediction=(1 + n) * shape.decoder_width * CHANNELS * shape.patch**2,
        encoder_pattern_bytes=inside.pattern_bytes,
    )


def _blocks(shape: macs.Shape, tokens: int) -> Cost:
    """The blocks alone: a "picture" of no patches behind `tokens` tokens has no embedding."""
    width, hidden = shape.width, int(shape.width * shape.mlp_ratio)
    return Cost(
        tokens=tokens,
        embedding=0,
        projections=shape.depth * 4 * tokens * width**2,
        attention=shape.depth * 2 * tokens**2 * width,
        mlp=shape.depth * 2 * tokens * width * hidden,
        head=0,
        pattern_bytes=shape.depth * shape.heads * tokens**2 * macs.BYTES_PER_NUMBER,
    )
