"""Vision Transformer (Dosovitskiy et al. 2021, https://arxiv.org/abs/2010.11929).

Submodules carry timm's names, so a timm state dict loads with strict=True and no
renaming. Axes: b batch, n tokens (prefix + patches), d width, h heads, k head width,
gh gw patch grid. The prefix is the class token followed by the register tokens.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from models.tap import Tap


@dataclass(frozen=True, kw_only=True)
class ViTConfig:
    """Architecture only. Defaults are ViT-Ti/16 at 224 pixels.

    Attributes:
        image_size: Side in pixels that the position table was learned for.
        classes: 0 means no head: the model returns the pooled features.
        pool: What the head reads: the class token or the mean of the patches.
        class_token: Whether a learned class token leads the sequence.
        registers: Number of register tokens (Darcet et al. 2024, arXiv:2309.16588).
        position_on_prefix: Whether the prefix tokens have positions too; DeiT III and
            DINOv2 add positions to patches only.
        layer_scale: Whether each branch is scaled per channel (Touvron et al. 2021).
        representation: Width of the tanh layer before the head of ViT's original
            pre-training head; 0 means a single linear layer.
    """

    image_size: int = 224
    patch_size: int = 16
    width: int = 192
    depth: int = 12
    heads: int = 3
    mlp_ratio: float = 4.0
    classes: int = 1000
    pool: Literal["class", "average"] = "class"
    class_token: bool = True
    registers: int = 0
    position_on_prefix: bool = True
    layer_scale: bool = False
    representation: int = 0

    def __post_init__(self) -> None:
        if self.image_size % self.patch_size:
            raise ValueError(f"image size {self.image_size} is no multiple of {self.patch_size}")
        if self.width % self.heads:
            raise ValueError(f"width {self.width} does not divide into {self.heads} heads")
        if self.pool == "class" and not self.class_token:
            raise ValueError("pool='class' needs a class token; use pool='average'")

    @property
    def grid(self) -> int:
        """Patches along one side at the native image size."""
        return self.image_size // self.patch_size

    @property
    def prefix(self) -> int:
        """Tokens before the first patch: class token and registers."""
        return int(self.class_token) + self.registers


class PatchEmbed(nn.Module):
    def __init__(self, cfg: ViTConfig) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, cfg.width, cfg.patch_size, stride=cfg.patch_size)

    def forward(self, image: Tensor) -> Tensor:  # (b, 3, H, W) -> (b, d, gh, gw)
        patch = self.proj.kernel_size[0]
        if image.shape[-2] % patch or image.shape[-1] % patch:
            raise ValueError(
                f"a {image.shape[-2]} x {image.shape[-1]} pixel image does not divide into "
                f"{patch} x {patch} pixel patches"
            )
        return self.proj(image)


class Attention(nn.Module):
    """Multi-head self-attention, written out: the softmax is what this app is about."""

    def __init__(self, cfg: ViTConfig) -> None:
        super().__init__()
        self.heads = cfg.heads
        self.qkv = nn.Linear(cfg.width, 3 * cfg.width)
        self.proj = nn.Linear(cfg.width, cfg.width)
        self.query = Tap("batch head query head_width")
        self.key = Tap("batch head key head_width")
        self.value = Tap("batch head key head_width")
        self.scores = Tap("batch head query key")
        self.pattern = Tap("batch head query key")
        self.mixed = Tap("batch head query head_width")

    def forward(self, x: Tensor) -> Tensor:  # (b, n, d) -> (b, n, d)
        q, k, v = rearrange(self.qkv(x), "b n (three h k) -> three b h n k", three=3, h=self.heads)
        q, k, v = self.query(q), self.key(k), self.value(v)
        scores = self.scores((q * q.shape[-1] ** -0.5) @ k.mT)  # (b, h, n, n)
        pattern = self.pattern(scores.softmax(dim=-1))  # rows sum to 1
        mixed = self.mixed(pattern @ v)  # (b, h, n, k)
        return self.proj(rearrange(mixed, "b h n k -> b n (h k)"))


class Mlp(nn.Module):
    def __init__(self, cfg: ViTConfig) -> None:
        super().__init__()
        hidden = int(cfg.width * cfg.mlp_ratio)
        self.fc1 = nn.Linear(cfg.width, hidden)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(hidden, cfg.width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.act(self.fc1(x)))


class LayerScale(nn.Module):
    def __init__(self, cfg: ViTConfig) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((cfg.width,), 1e-5))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class Block(nn.Module):
    """Pre-norm encoder block: x + attention(norm(x)), then x + MLP(norm(x))."""

    def __init__(self, cfg: ViTConfig) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(cfg.width, eps=1e-6)
        self.attn = Attention(cfg)
        self.ls1 = LayerScale(cfg) if cfg.layer_scale else nn.Identity()
        self.norm2 = nn.LayerNorm(cfg.width, eps=1e-6)
        self.mlp = Mlp(cfg)
        self.ls2 = LayerScale(cfg) if cfg.layer_scale else nn.Identity()
        self.resid_mid = Tap("batch token width")
        self.resid_post = Tap("batch token width")

    def forward(self, x: Tensor) -> Tensor:  # (b, n, d) -> (b, n, d)
        x = self.resid_mid(x + self.ls1(self.attn(self.norm1(x))))
        return self.resid_post(x + self.ls2(self.mlp(self.norm2(x))))


def resample_positions(table: Tensor, old: tuple[int, int], new: tuple[int, int]) -> Tensor:
    """Bring a table of patch positions to another grid, as timm does.

    Bicubic with antialiasing, towards a `size` (a scale factor rounds differently), in
    float32 whatever the model's precision. Grids with equally many patches but another
    shape are resampled too.

    Args:
        table: Shape (1, old gh * old gw, d), row by row.
        old: Grid (rows, columns) of `table`.
        new: Grid wanted.
    """
    if old == new:
        return table
    grid = rearrange(table.float(), "1 (gh gw) d -> 1 d gh gw", gh=old[0])
    grid = F.interpolate(grid, size=new, mode="bicubic", antialias=True)
    return rearrange(grid, "1 d gh gw -> 1 (gh gw) d").to(table.dtype)


class ViT(nn.Module):
    """Patches become tokens, the encoder mixes them, the head reads one of them.

    Takes normalised images (b, 3, H, W) whose sides are multiples of the patch size and
    returns logits (b, classes), or pooled features (b, width) if `classes` is 0.
    """

    # What a page may ask for -> where this architecture keeps it. Tested against `taps`.
    views: ClassVar = {"global attention": "blocks.*.attn.pattern", "tokens": "blocks.*.resid_post"}

    def __init__(self, cfg: ViTConfig) -> None:
        super().__init__()
        self.cfg = cfg
        self.patch_embed = PatchEmbed(cfg)
        if cfg.class_token:
            self.cls_token = nn.Parameter(torch.zeros(1, 1, cfg.width))
        if cfg.registers:
            self.reg_token = nn.Parameter(torch.zeros(1, cfg.registers, cfg.width))
        positions = cfg.grid**2 + cfg.prefix * cfg.position_on_prefix
        self.pos_embed = nn.Parameter(torch.zeros(1, positions, cfg.width))
        self.patches = Tap("batch token width")
        self.embedded = Tap("batch token width")
        self.blocks = nn.Sequential(*[Block(cfg) for _ in range(cfg.depth)])
        # timm: averaged patches are normalised after the mean, a class token before it is read.
        average = cfg.pool == "average"
        self.norm = nn.Identity() if average else nn.LayerNorm(cfg.width, eps=1e-6)
        self.fc_norm = nn.LayerNorm(cfg.width, eps=1e-6) if average else nn.Identity()
        self.pre_logits: nn.Module = nn.Identity()
        if cfg.representation:
            linear = nn.Linear(cfg.width, cfg.representation)
            self.pre_logits = nn.Sequential(OrderedDict(fc=linear, act=nn.Tanh()))
        features = cfg.representation or cfg.width
        self.head = nn.Linear(features, cfg.classes) if cfg.classes else nn.Identity()
        self.pooled = Tap("batch width")
        self.apply(initialise)
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        if cfg.class_token:
            nn.init.trunc_normal_(self.cls_token, std=1e-6)
        if cfg.registers:
            nn.init.trunc_normal_(self.reg_token, std=1e-6)

    def prefix_tokens(self) -> Tensor:
        """Class token and registers, (1, prefix, d); the class token comes first."""
        parts: list[Tensor] = [self.cls_token] if self.cfg.class_token else []
        parts += [self.reg_token] if self.cfg.registers else []
        return torch.cat(parts, dim=1) if parts else self.pos_embed[:, :0]

    def positions(self, grid: tuple[int, int]) -> Tensor:
        """Position of every token for a patch grid, (1, n, d); prefix rows may be zero."""
        cfg = self.cfg
        split = cfg.prefix * cfg.position_on_prefix
        prefix, patches = self.pos_embed[:, :split], self.pos_embed[:, split:]
        if not cfg.position_on_prefix:
            prefix = self.pos_embed.new_zeros(1, cfg.prefix, cfg.width)
        return torch.cat([prefix, resample_positions(patches, (cfg.grid, cfg.grid), grid)], dim=1)

    def embed(self, image: Tensor) -> Tensor:
        """Tokens with their positions, before the first block: (b, 3, H, W) -> (b, n, d)."""
        x = self.patch_embed(image)  # (b, d, gh, gw)
        grid = (x.shape[-2], x.shape[-1])
        x = self.patches(rearrange(x, "b d gh gw -> b (gh gw) d"))
        x = torch.cat([self.prefix_tokens().expand(len(x), -1, -1), x], dim=1)  # (b, n, d)
        return self.embedded(x + self.positions(grid))

    def classify(self, tokens: Tensor) -> Tensor:
        """Encoder and head on embedded tokens: (b, n, d) -> (b, classes)."""
        x = self.norm(self.blocks(tokens))
        average = self.cfg.pool == "average"
        x = x[:, self.cfg.prefix :].mean(dim=1) if average else x[:, 0]  # (b, d)
        return self.head(self.pre_logits(self.pooled(self.fc_norm(x))))

    def forward(self, image: Tensor) -> Tensor:  # (b, 3, H, W) -> (b, classes)
        return self.classify(self.embed(image))


def initialise(module: nn.Module) -> None:
    """ViT's usual initialisation: truncated normal weights, zero biases."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
