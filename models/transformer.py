"""The Transformer of 2017 (Vaswani et al., https://arxiv.org/abs/1706.03762), encoder and decoder.

Submodules carry the names of `torch.nn.Transformer`, so its state dict loads with strict=True;
like it, this is the network between the embeddings and the output layer. Inference only: no
dropout. Axes: b batch, n tokens (q queries, m keys), d width, h heads, k head width.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from einops import rearrange
from torch import Tensor, nn

from models.tap import Tap

# Added to a score that must not count. Large enough that exp() of it is exactly 0 beside any
# open score; finite, unlike -inf, so that a row with nothing open is an even one and not NaN.
MASKED = -1e9


@dataclass(frozen=True, kw_only=True)
class TransformerConfig:
    """Defaults are the paper's base model (table 3).

    Attributes:
        hidden: Width of the feed-forward layer.
        scale: Whether scores are divided by the root of the head width (section 3.2.1).
        causal: Whether the decoder's tokens may only look back (section 3.2.3).
    """

    width: int = 512
    heads: int = 8
    encoder_layers: int = 6
    decoder_layers: int = 6
    hidden: int = 2048
    scale: bool = True
    causal: bool = True

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} does not divide into {self.heads} heads")


def sinusoid(length: int, width: int, base: float = 10000.0) -> Tensor:
    """Position vectors of section 3.5: waves from 2 pi to base * 2 pi tokens long.

    Args:
        length: How many positions.
        width: Numbers in each vector, even: sine and cosine of a wave stand side by side.
        base: What the longest wave grows with.

    Returns:
        (length, width) in float64.

    Raises:
        ValueError: If the width is odd or the base not positive.
    """
    if width % 2 or base <= 0:
        raise ValueError(f"need an even width and a positive base, got {width} and {base}")
    position = torch.arange(length, dtype=torch.float64)
    wave = torch.arange(width // 2, dtype=torch.float64)
    angle = position[:, None] / base ** (2 * wave / width)  # (length, width / 2)
    return rearrange(torch.stack([angle.sin(), angle.cos()]), "two n i -> n (i two)")


def causal_mask(length: int) -> Tensor:
    """Pairs (query, key) that are closed to a token that may only look back: True above."""
    return torch.ones(length, length, dtype=torch.bool).triu(1)


def padding_mask(padding: Tensor) -> Tensor:
    """Closed keys for every head and query: (b, m), True where padded -> (b, 1, 1, m)."""
    return rearrange(padding, "b m -> b 1 1 m")


class Attention(nn.Module):
    """Multi-head attention: self, masked or cross, by what it is called with.

    Queries come from `x`; keys and values from `memory`, which is `x` itself in self-attention.
    """

    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.heads = cfg.heads
        self.root = math.sqrt(cfg.width // cfg.heads) if cfg.scale else 1.0
        self.in_proj_weight = nn.Parameter(torch.empty(3 * cfg.width, cfg.width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * cfg.width))
        self.out_proj = nn.Linear(cfg.width, cfg.width)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)
        self.query = Tap("batch head query head_width")
        self.key = Tap("batch head key head_width")
        self.value = Tap("batch head key head_width")
        self.products = Tap("batch head query key")
        self.scaled = Tap("batch head query key")
        self.scores = Tap("batch head query key")
        self.pattern = Tap("batch head query key")
        self.mixed = Tap("batch head query head_width")
        self.joined = Tap("batch query width")
        self.output = Tap("batch query width")

    def project(self, x: Tensor, part: int) -> Tensor:
        """Queries (part 0), keys (1) or values (2): (b, n, d) -> (b, h, n, k)."""
        weight, bias = self.in_proj_weight.chunk(3)[part], self.in_proj_bias.chunk(3)[part]
        return rearrange(x @ weight.mT + bias, "b n (h k) -> b h n k", h=self.heads)

    def forward(self, x: Tensor, memory: Tensor, closed: Tensor | None = None) -> Tensor:
        """(b, q, d), (b, m, d) -> (b, q, d); `closed` is True where a query may not look."""
        q = self.query(self.project(x, 0))
        k = self.key(self.project(memory, 1))
        v = self.value(self.project(memory, 2))
        products = self.products(q @ k.mT)  # (b, h, q, m)
        scaled = self.scaled(products / self.root)
        mask = torch.zeros_like(scaled) if closed is None else closed.to(scaled) * MASKED
        scores = self.scores(scaled + mask)
        pattern = self.pattern(scores.softmax(dim=-1))  # rows sum to 1
        mixed = self.mixed(pattern @ v)  # (b, h, q, k)
        joined = self.joined(rearrange(mixed, "b h q k -> b q (h k)"))
        return self.output(self.out_proj(joined))


class EncoderLayer(nn.Module):
    """Post-norm: norm(x + attention(x)), then norm(x + feed_forward(x))."""

    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.self_attn = Attention(cfg)
        self.linear1 = nn.Linear(cfg.width, cfg.hidden)
        self.linear2 = nn.Linear(cfg.hidden, cfg.width)
        self.norm1 = nn.LayerNorm(cfg.width)
        self.norm2 = nn.LayerNorm(cfg.width)
        self.resid_mid = Tap("batch token width")
        self.resid_post = Tap("batch token width")

    def forward(self, x: Tensor, closed: Tensor | None) -> Tensor:  # (b, n, d) -> (b, n, d)
        x = self.resid_mid(self.norm1(x + self.self_attn(x, x, closed)))
        return self.resid_post(self.norm2(x + self.linear2(self.linear1(x).relu())))


class DecoderLayer(nn.Module):
    """As the encoder's, with cross-attention to the encoder's output in between."""

    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.self_attn = Attention(cfg)
        self.multihead_attn = Attention(cfg)
        self.linear1 = nn.Linear(cfg.width, cfg.hidden)
        self.linear2 = nn.Linear(cfg.hidden, cfg.width)
        self.norm1 = nn.LayerNorm(cfg.width)
        self.norm2 = nn.LayerNorm(cfg.width)
        self.norm3 = nn.LayerNorm(cfg.width)
        self.resid_self = Tap("batch token width")
        self.resid_cross = Tap("batch token width")
        self.resid_post = Tap("batch token width")

    def forward(
        self, x: Tensor, memory: Tensor, closed: Tensor | None, memory_closed: Tensor | None
    ) -> Tensor:  # (b, q, d), (b, m, d) -> (b, q, d)
        x = self.resid_self(self.norm1(x + self.self_attn(x, x, closed)))
        x = self.resid_cross(self.norm2(x + self.multihead_attn(x, memory, memory_closed)))
        return self.resid_post(self.norm3(x + self.linear2(self.linear1(x).relu())))


class Encoder(nn.Module):
    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(cfg) for _ in range(cfg.encoder_layers))
        self.norm = nn.LayerNorm(cfg.width)  # torch's, not the paper's

    def forward(self, x: Tensor, closed: Tensor | None = None) -> Tensor:
        for layer in self.layers:
            x = layer(x, closed)
        return self.norm(x)


class Decoder(nn.Module):
    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(cfg) for _ in range(cfg.decoder_layers))
        self.norm = nn.LayerNorm(cfg.width)  # torch's, not the paper's

    def forward(
        self, x: Tensor, memory: Tensor, closed: Tensor | None, memory_closed: Tensor | None
    ) -> Tensor:
        for layer in self.layers:
            x = layer(x, memory, closed, memory_closed)
        return self.norm(x)


class Transformer(nn.Module):
    """The encoder reads the source; the decoder reads the target so far, and the encoder.

    Takes embedded tokens that carry their positions already: source (b, m, d) and target
    (b, q, d); returns (b, q, d). Padded tokens, True in `source_padding` (b, m) and
    `target_padding` (b, q), are closed as keys everywhere, for ragged lengths.
    """

    # What a page may ask for -> where this architecture keeps it. Tested against `taps`.
    views: ClassVar = {
        "encoder attention": "encoder.layers.*.self_attn.pattern",
        "decoder attention": "decoder.layers.*.self_attn.pattern",
        "cross attention": "decoder.layers.*.multihead_attn.pattern",
        "tokens": "encoder.layers.*.resid_post",
    }

    def __init__(self, cfg: TransformerConfig) -> None:
        super().__init__()
        self.cfg = cfg
        self.source = Tap("batch token width")
        self.target = Tap("batch token width")
        self.encoder = Encoder(cfg)
        self.memory = Tap("batch token width")
        self.decoder = Decoder(cfg)
        self.output = Tap("batch token width")

    def forward(
        self,
        source: Tensor,
        target: Tensor,
        source_padding: Tensor | None = None,
        target_padding: Tensor | None = None,
    ) -> Tensor:
        source, target = self.source(source), self.target(target)
        read = None if source_padding is None else padding_mask(source_padding)
        written = None if target_padding is None else padding_mask(target_padding)
        if self.cfg.causal:
            ahead = causal_mask(target.shape[1]).to(target.device)
            written = ahead if written is None else written | ahead  # (b, 1, q, q)
        memory = self.memory(self.encoder(source, read))
        return self.output(self.decoder(target, memory, written, read))
