"""Compact transformers for text (Hassani et al. 2021, https://arxiv.org/abs/2104.05704, appendix).

ViT-Lite, CVT and CCT on words. Parameters carry SHI-Labs' names (src/text of
https://github.com/SHI-Labs/Compact-Transformers), and so does their encoder block, in which the
residual stream is replaced by `norm1(src)`. Two things are not as in their code, where masks
do not get through the tokenizer (its mask has an axis too many for the attention) and tables of
positions have a row too many: here padding is closed in the attention and in the pooling, so a
sentence has the same answer whatever it is padded to, and there is a position a token.
Axes: b batch, w words, n tokens, e word width, d width, h heads, k head width.
"""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F
from einops import repeat
from torch import Tensor, nn

from models.compact import Block, initialise
from models.tap import Tap
from models.transformer import MASKED, causal_mask, sinusoid

PAD = 0  # the id of what fills up a sentence
POOL, POOL_PADDING = 2, 1  # SHI-Labs' max-pool: two neighbours, every second, one empty before


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """Architecture only. Defaults are SHI-Labs' text_cct_2 with kernels of two words.

    Attributes:
        words: Rows of the word table; row 0 is padding.
        length: Longest sentence in words.
        word_width: Numbers in a word's embedding.
        kernel: Words under a kernel of the tokenizer.
        padding: Empty words before the sentence, less than `kernel`.
        max_pool: Whether ReLU and a max-pool over two neighbours follow (CCT).
        seq_pool: Whether tokens are pooled (CVT, CCT); otherwise a class token is read.
    """

    words: int = 20_000
    length: int = 64
    word_width: int = 300
    kernel: int = 2
    stride: int = 1
    padding: int = 1
    max_pool: bool = True
    width: int = 128
    depth: int = 2
    heads: int = 2
    mlp_ratio: float = 1.0
    seq_pool: bool = True
    positions: Literal["learnable", "sine", "none"] = "sine"
    classes: int = 4

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} does not divide into {self.heads} heads")
        if not 0 <= self.padding < self.kernel:
            raise ValueError(f"padding {self.padding} leaves kernels of {self.kernel} words empty")

    @property
    def prefix(self) -> int:
        """Tokens before the first word: the class token, if there is one."""
        return int(not self.seq_pool)

    def convolved(self, words: int) -> int:
        """How many kernel positions touch a sentence of so many words."""
        return (words - 1 + self.padding) // self.stride + 1

    def tokens(self, words: int) -> int:
        """How many tokens a sentence becomes, without the class token."""
        convolved = self.convolved(words)
        return (convolved - 1 + POOL_PADDING) // POOL + 1 if self.max_pool else convolved

    def window(self, token: int) -> tuple[int, int]:
        """First word under a token and the one after the last; both may lie off the sentence."""
        first, last = token, token
        if self.max_pool:
            first = token * POOL - POOL_PADDING
            last = first + POOL - 1
        start = max(first, 0) * self.stride - self.padding
        return start, last * self.stride - self.padding + self.kernel


_CCT = TextConfig(kernel=4, padding=2)
_CVT = replace(_CCT, stride=4, padding=0, max_pool=False)
_VIT = replace(_CVT, seq_pool=False)
# SHI-Labs' shapes by their names; there the size of kernel or patch is an option, 4 by default.
VARIANTS = {
    "text_vit_2": _VIT,
    "text_vit_4": replace(_VIT, depth=4),
    "text_vit_6": replace(_VIT, depth=6, heads=4, mlp_ratio=2.0, width=256),
    "text_cvt_2": _CVT,
    "text_cvt_4": replace(_CVT, depth=4),
    "text_cvt_6": replace(_CVT, depth=6, heads=4, mlp_ratio=2.0),
    "text_cct_2": _CCT,
    "text_cct_4": replace(_CCT, depth=4),
    "text_cct_6": replace(_CCT, depth=6, heads=4, mlp_ratio=2.0, width=256),
}


class Embedder(nn.Module):
    """A row of numbers a word; padding is all zeros."""

    def __init__(self, cfg: TextConfig) -> None:
        super().__init__()
        rows = nn.init.trunc_normal_(torch.empty(cfg.words, cfg.word_width))
        self.embeddings = nn.Embedding.from_pretrained(rows, freeze=False, padding_idx=PAD)
        self.embedded = Tap("batch word word_width")

    def forward(self, ids: Tensor) -> Tensor:  # (b, w) -> (b, w, e)
        return self.embedded(self.embeddings(ids)) * (ids != PAD)[..., None]


class TextTokenizer(nn.Module):
    """Kernels slide over the words. They have no bias: over padding alone they give zero.

    The sentence is continued by as many zeros as it takes for every kernel that touches a word,
    so its tokens are the same alone and in a padded batch.
    """

    def __init__(self, cfg: TextConfig) -> None:
        super().__init__()
        self.cfg = cfg
        kernels = nn.Conv2d(1, cfg.width, (cfg.kernel, cfg.word_width), (cfg.stride, 1), bias=False)
        fan_in = cfg.kernel * cfg.word_width  # Kaiming He's, normal in effect
        nn.init.trunc_normal_(kernels.weight, std=(2 / fan_in) ** 0.5)
        self.conv_layers = nn.Sequential(kernels)
        self.convolved = Tap("batch token width")
        self.activated = Tap("batch token width")
        self.pooled = Tap("batch token width")

    def forward(self, x: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """(b, w, e) and which words are there (b, w) -> (b, n, d) and which tokens are (b, n)."""
        cfg, words = self.cfg, x.shape[1]
        count = cfg.convolved(words)
        end = (count - 1) * cfg.stride + cfg.kernel - cfg.padding - words
        seen = F.pad(x, (0, 0, cfg.padding, end)).unfold(1, cfg.kernel, cfg.stride)  # (b, n, e, k)
        # What Conv2d does to one channel, as one product of matrices: several times faster.
        kernels = self.conv_layers.get_parameter("0.weight")[:, 0]  # (d, k, e)
        x = self.convolved(torch.einsum("bnek,dke->bnd", seen, kernels))
        present = F.pad(present, (cfg.padding, end)).unfold(1, cfg.kernel, cfg.stride).any(-1)
        if not cfg.max_pool:
            return x, present
        x = self.activated(x.relu())  # from here on zero is the least, and as good as nothing
        end = (cfg.tokens(words) - 1) * POOL + POOL - POOL_PADDING - count
        x = F.pad(x, (0, 0, POOL_PADDING, end)).unfold(1, POOL, POOL).amax(-1)
        present = F.pad(present, (POOL_PADDING, end)).unfold(1, POOL, POOL).any(-1)
        return self.pooled(x), present


class Classifier(nn.Module):
    """Encoder, then a weighted mean of the tokens or the class token, then a linear layer."""

    def __init__(self, cfg: TextConfig) -> None:
        super().__init__()
        self.cfg = cfg
        if cfg.seq_pool:
            self.attention_pool = nn.Linear(cfg.width, 1)
        else:
            self.class_emb = nn.Parameter(torch.zeros(1, 1, cfg.width))
        rows = cfg.prefix + cfg.tokens(cfg.length)
        if cfg.positions == "learnable":
            self.positional_emb = nn.Parameter(torch.empty(1, rows, cfg.width))
            nn.init.trunc_normal_(self.positional_emb, std=0.2)
        elif cfg.positions == "sine":
            waves = sinusoid(rows, cfg.width).float()[None]
            self.positional_emb = nn.Parameter(waves, requires_grad=False)
        self.embedded = Tap("batch token width")
        self.closed = Tap("batch one query key")
        self.blocks = nn.ModuleList(Block(cfg) for _ in range(cfg.depth))
        self.norm = nn.LayerNorm(cfg.width)
        self.pooling = Tap("batch one token")
        self.pooled = Tap("batch width")
        self.fc = nn.Linear(cfg.width, cfg.classes)
        self.apply(initialise)

    def forward(self, x: Tensor, present: Tensor, causal: bool) -> Tensor:
        """Tokens (b, n, d) and which of them are there (b, n) -> logits (b, classes)."""
        if not self.cfg.seq_pool:
            x = torch.cat([self.class_emb.expand(len(x), -1, -1), x], dim=1)
            present = F.pad(present, (1, 0), value=True)
        if self.cfg.positions != "none":
            x = x + self.positional_emb[:, : x.shape[1]]
        x = self.embedded(x)
        closed = self.closed(closed_pairs(present, self.cfg.prefix, causal))
        for block in self.blocks:
            x = block(x, closed)
        x = self.norm(x)
        return self.fc(self.pooled(self.pool(x, present) if self.cfg.seq_pool else x[:, 0]))

    def pool(self, x: Tensor, present: Tensor) -> Tensor:
        """SeqPool (section 3.2.1) over the tokens that are there: (b, n, d) -> (b, d)."""
        scores = self.attention_pool(x).mT.masked_fill(~present[:, None], MASKED)  # (b, 1, n)
        return (self.pooling(scores.softmax(dim=-1)) @ x)[:, 0]


class TextCompact(nn.Module):
    """Words become tokens, the encoder mixes them, what they are pooled to is classified.

    Takes ids (b, w) of at most `cfg.length` words, filled up with 0 after the last word, and
    returns logits (b, classes). With `causal` a token sees only itself and those before it; a
    class token then sees all and is seen by none. The kernels of neighbouring tokens overlap.
    """

    # What a page may ask for -> where this architecture keeps it. Tested against `taps`.
    views: ClassVar = {
        "global attention": "classifier.blocks.*.self_attn.pattern",
        "tokens": "classifier.blocks.*.resid_post",
    }

    def __init__(self, cfg: TextConfig) -> None:
        super().__init__()
        self.cfg = cfg
        self.embedder = Embedder(cfg)
        self.tokenizer = TextTokenizer(cfg)
        self.classifier = Classifier(cfg)

    def forward(self, ids: Tensor, causal: bool = False) -> Tensor:  # (b, w) -> (b, classes)
        present = ids != PAD
        if ids.shape[1] > self.cfg.length:
            raise ValueError(f"{ids.shape[1]} words are more than the {self.cfg.length} it reads")
        if not present.any(dim=1).all():
            raise ValueError("a sentence needs at least one word")
        x, present = self.tokenizer(self.embedder(ids), present)
        return self.classifier(x, present, causal)


def closed_pairs(present: Tensor, prefix: int, causal: bool) -> Tensor:
    """Where attention may not look: (b, n) -> (b, 1, n queries, n keys).

    Args:
        present: Which tokens are there, the class token included.
        prefix: Whether a class token comes first, 0 or 1.
        causal: Whether words may only look back.
    """
    closed = ~repeat(present, "b m -> b 1 n m", n=present.shape[1])
    if not causal:
        return closed
    ahead = causal_mask(present.shape[1]).to(present.device)
    ahead[:prefix] = False
    ahead[prefix:, :prefix] = True
    return closed | ahead
