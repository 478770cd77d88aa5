"""ViT-Lite, CVT and CCT (Hassani et al. 2021, https://arxiv.org/abs/2104.05704).

One network: ViT-Lite cuts patches and reads a class token, CVT reads all tokens by sequence
pooling, CCT makes its tokens by overlapping convolutions too. Submodules carry SHI-Labs' names
(https://github.com/SHI-Labs/Compact-Transformers), so their state dicts load with strict=True.
Axes: b batch, n tokens (prefix + places of the grid), d width, h heads, k head width, gh gw grid.

Their code also drops activations, attention and whole branches while it trains; a forward pass
that explains needs none of that, and here regularisation is left to the recipe.
"""

import math
from typing import ClassVar, Protocol

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from models.compact_config import (
    POOL_KERNEL,
    POOL_PADDING,
    POOL_STRIDE,
    VARIANTS,
    CompactConfig,
)
from models.tap import Tap
from models.transformer import MASKED

__all__ = ["VARIANTS", "Compact", "CompactConfig", "sine_positions"]

MAP = "batch channel row column"


class Tokenizer(nn.Module):
    """Convolutions make the tokens; of patches, the kernels do not overlap."""

    def __init__(self, cfg: CompactConfig) -> None:
        super().__init__()
        self.cfg = cfg
        convolutions = [
            nn.Conv2d(before, after, cfg.kernel, cfg.stride, cfg.padding, bias=cfg.conv_bias)
            for before, after in zip(cfg.channels, cfg.channels[1:], strict=False)
        ]
        for convolution in convolutions:  # Kaiming He's, normal in effect
            fan_in = convolution.weight[0].numel()
            nn.init.trunc_normal_(convolution.weight, std=(2 / fan_in) ** 0.5)
        # Each in a Sequential of one: SHI-Labs' names count ReLU and pooling after it.
        self.conv_layers = nn.Sequential(*[nn.Sequential(conv) for conv in convolutions])
        self.convolved = nn.ModuleList(Tap(MAP) for _ in convolutions)
        if cfg.max_pool:
            self.activated = nn.ModuleList(Tap(MAP) for _ in convolutions)
            self.pooled = nn.ModuleList(Tap(MAP) for _ in convolutions)

    def forward(self, x: Tensor) -> Tensor:  # (b, 3, H, W) -> (b, d, gh, gw)
        for pixels in x.shape[-2:]:
            self.cfg.sides(pixels)
        for i, convolution in enumerate(self.conv_layers):
            x = self.convolved[i](convolution(x))
            if self.cfg.max_pool:
                x = self.activated[i](F.relu(x))
                x = self.pooled[i](F.max_pool2d(x, POOL_KERNEL, POOL_STRIDE, POOL_PADDING))
        return x


class BlockShape(Protocol):
    """What a block has to know of a config: this file's, or that of `models.text_compact`."""

    @property
    def width(self) -> int: ...
    @property
    def heads(self) -> int: ...
    @property
    def mlp_ratio(self) -> float: ...


class Attention(nn.Module):
    """Multi-head self-attention as in `models.vit`, but queries, keys and values have no bias.

    Text closes some keys to some queries: `closed` is True there and broadcasts to (b, h, n, n).
    """

    def __init__(self, cfg: BlockShape) -> None:
        super().__init__()
        self.heads = cfg.heads
        self.qkv = nn.Linear(cfg.width, 3 * cfg.width, bias=False)
        self.proj = nn.Linear(cfg.width, cfg.width)
        self.query = Tap("batch head query head_width")
        self.key = Tap("batch head key head_width")
        self.value = Tap("batch head key head_width")
        self.scores = Tap("batch head query key")
        self.pattern = Tap("batch head query key")
        self.mixed = Tap("batch head query head_width")

    def forward(self, x: Tensor, closed: Tensor | None = None) -> Tensor:  # (b, n, d), the same
        q, k, v = rearrange(self.qkv(x), "b n (three h k) -> three b h n k", three=3, h=self.heads)
        q, k, v = self.query(q), self.key(k), self.value(v)
        scores = (q * q.shape[-1] ** -0.5) @ k.mT  # (b, h, n, n)
        scores = self.scores(scores if closed is None else scores.masked_fill(closed, MASKED))
        pattern = self.pattern(scores.softmax(dim=-1))  # rows sum to 1
        mixed = self.mixed(pattern @ v)  # (b, h, n, k)
        return self.proj(rearrange(mixed, "b h n k -> b n (h k)"))


class Block(nn.Module):
    """Attention as in a pre-norm block, but then the stream itself is normalised.

    A ViT's MLP reads norm(x) and adds to x. Here x becomes norm1(x): MLP and all later blocks get
    that, and the x before it is gone. For rollout this means: within a block, the shares of a
    token's own x and of attention survive, for a norm scales both alike; but it scales each token
    by its own deviation, so a row is no longer x + attention, and what earlier blocks summed up
    weighs no more than one token of unit variance. Rollout's fixed half for the identity, a rough
    guess in a ViT, is even rougher here.
    """

    def __init__(self, cfg: BlockShape) -> None:
        super().__init__()
        hidden = int(cfg.width * cfg.mlp_ratio)
        self.pre_norm = nn.LayerNorm(cfg.width)
        self.self_attn = Attention(cfg)
        self.norm1 = nn.LayerNorm(cfg.width)
        self.linear1 = nn.Linear(cfg.width, hidden)
        self.linear2 = nn.Linear(hidden, cfg.width)
        self.resid_mid = Tap("batch token width")
        self.normed = Tap("batch token width")
        self.resid_post = Tap("batch token width")

    def forward(self, x: Tensor, closed: Tensor | None = None) -> Tensor:  # (b, n, d), the same
        x = self.resid_mid(x + self.self_attn(self.pre_norm(x), closed))
        x = self.normed(self.norm1(x))  # replaces the stream
        return self.resid_post(x + self.linear2(F.gelu(self.linear1(x))))


def sine_positions(tokens: int, width: int) -> Tensor:
    """Waves along the sequence (Vaswani et al. 2017), sine and cosine in turn: (1, n, d)."""
    channel = torch.arange(0, width, 2, dtype=torch.float64)
    pace = (channel * (-math.log(10000) / width)).exp()  # radians a token
    angle = torch.arange(tokens)[:, None] * pace
    waves = torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[:, :width]
    return waves[None].to(torch.get_default_dtype())


class Classifier(nn.Module):
    """Positions, encoder, and what the head reads: the pooled sequence or the class token."""

    positional_emb: nn.Parameter | None

    def __init__(self, cfg: CompactConfig) -> None:
        super().__init__()
        self.cfg = cfg
        tokens = cfg.prefix + cfg.grid**2
        if cfg.seq_pool:
            self.attention_pool = nn.Linear(cfg.width, 1)
            self.pooling = Tap("batch one token")
        else:
            self.class_emb = nn.Parameter(torch.zeros(1, 1, cfg.width))
        if cfg.positions == "learnable":
            self.positional_emb = nn.Parameter(torch.zeros(1, tokens, cfg.width))
        elif cfg.positions == "sine":
            waves = sine_positions(tokens, cfg.width)
            self.positional_emb = nn.Parameter(waves, requires_grad=False)
        else:
            self.positional_emb = None
        self.embedded = Tap("batch token width")
        self.blocks = nn.ModuleList(Block(cfg) for _ in range(cfg.depth))
        self.norm = nn.LayerNorm(cfg.width)
        self.normed = Tap("batch token width")
        self.pooled = Tap("batch width")
        self.fc = nn.Linear(cfg.width, cfg.classes) if cfg.classes else nn.Identity()
        self.apply(initialise)
        if self.positional_emb is not None and self.positional_emb.requires_grad:
            nn.init.trunc_normal_(self.positional_emb, std=0.2)

    def positions(self, grid: tuple[int, int]) -> Tensor:
        """Position of every token for a grid, (1, n, d); another grid is resampled bilinearly."""
        cfg, table = self.cfg, self.positional_emb
        if table is None:
            return self.norm.weight.new_zeros(1, 1, cfg.width)
        if grid == (cfg.grid, cfg.grid):
            return table
        if cfg.positions == "sine":
            return sine_positions(cfg.prefix + grid[0] * grid[1], cfg.width).to(table)
        prefix, places = table[:, : cfg.prefix], table[:, cfg.prefix :]
        places = rearrange(places, "1 (gh gw) d -> 1 d gh gw", gh=cfg.grid)
        places = F.interpolate(places, size=grid, mode="bilinear")
        return torch.cat([prefix, rearrange(places, "1 d gh gw -> 1 (gh gw) d")], dim=1)

    def embed(self, x: Tensor) -> Tensor:
        """Tokens with their positions: (b, d, gh, gw) -> (b, n, d)."""
        grid = (x.shape[-2], x.shape[-1])
        x = rearrange(x, "b d gh gw -> b (gh gw) d")
        if not self.cfg.seq_pool:
            x = torch.cat([self.class_emb.expand(len(x), -1, -1), x], dim=1)
        return self.embedded(x + self.positions(grid))

    def pool(self, x: Tensor) -> Tensor:
        """What the head reads of the tokens: (b, n, d) -> (b, d).

        Each token is scored by itself, without a query. The score's bias changes nothing: softmax
        does not see what is added to all.
        """
        if not self.cfg.seq_pool:
            return x[:, 0]
        scores = self.attention_pool(x)  # (b, n, 1)
        pooling = self.pooling(scores.softmax(dim=1).mT)  # (b, 1, n), sums to 1
        return (pooling @ x)[:, 0]

    def forward(self, x: Tensor) -> Tensor:  # embedded (b, n, d) -> (b, classes)
        for block in self.blocks:
            x = block(x)
        return self.fc(self.pooled(self.pool(self.normed(self.norm(x)))))


class Compact(nn.Module):
    """A tokenizer and a classifier: normalised images (b, 3, H, W) -> logits (b, classes)."""

    # What a page may ask for -> where this architecture keeps it. Names of its own: the pages on
    # ViT's tokens look for patches and a position table, and CCT has neither need.
    views: ClassVar = {
        "compact attention": "classifier.blocks.*.self_attn.pattern",
        "compact tokens": "classifier.blocks.*.resid_post",
        "sequence pooling": "classifier.pool*",
    }

    def __init__(self, cfg: CompactConfig) -> None:
        super().__init__()
        self.cfg = cfg
        self.tokenizer = Tokenizer(cfg)
        self.classifier = Classifier(cfg)

    def embed(self, image: Tensor) -> Tensor:
        """Tokens with their positions, before the first block: (b, 3, H, W) -> (b, n, d)."""
        return self.classifier.embed(self.tokenizer(image))

    def classify(self, tokens: Tensor) -> Tensor:
        """Encoder and head on embedded tokens: (b, n, d) -> (b, classes)."""
        return self.classifier(tokens)

    def forward(self, image: Tensor) -> Tensor:  # (b, 3, H, W) -> (b, classes)
        return self.classify(self.embed(image))


def initialise(module: nn.Module) -> None:
    """Theirs: truncated normal weights, zero biases."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
