"""Swin Transformer (Liu et al. 2021, https://arxiv.org/abs/2103.14030).

Submodules carry timm's names, so a timm state dict loads with strict=True and no renaming.
Axes: b batch, gh gw the map's rows and columns, d width, w windows (row by row), n the tokens
of one window (row by row), h heads, k head width. Channels come last everywhere.
"""

from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from models.tap import Tap

CLOSED = -100.0  # the paper's mask: exp(-100) is no weight to speak of, and never 0 / 0


@dataclass(frozen=True, kw_only=True)
class SwinConfig:
    """Architecture only. Defaults are Swin-T at 224 pixels.

    Attributes:
        image_size: Side in pixels that windows and shifts are settled for.
        width: Channels of the first stage; every further stage has twice as many.
        depths: Blocks of each stage.
        heads: Heads of each stage.
        window: Side of the windows in tokens; a stage whose map is smaller has one window.
        classes: 0 means no head: the model returns the pooled features.
    """

    image_size: int = 224
    patch_size: int = 4
    width: int = 96
    depths: tuple[int, ...] = (2, 2, 6, 2)
    heads: tuple[int, ...] = (3, 6, 12, 24)
    window: int = 7
    mlp_ratio: float = 4.0
    classes: int = 1000

    def __post_init__(self) -> None:
        if self.image_size % self.patch_size:
            raise ValueError(f"image size {self.image_size} is no multiple of {self.patch_size}")
        if self.window < 1:
            raise ValueError(f"a window needs at least one token a side, got {self.window}")
        if len(self.depths) != len(self.heads):
            raise ValueError(f"{len(self.depths)} stages of blocks but {len(self.heads)} of heads")
        for stage, heads in enumerate(self.heads):
            if self.width_of(stage) % heads:
                raise ValueError(f"width {self.width_of(stage)} does not divide into {heads} heads")

    @property
    def grid(self) -> int:
        """Patches along one side at the native image size."""
        return self.image_size // self.patch_size

    def width_of(self, stage: int) -> int:
        """Channels of a stage."""
        return self.width * 2**stage

    def side_of(self, stage: int) -> int:
        """Side of a stage's map in tokens at the native image size."""
        return -(-self.grid // 2**stage)  # merging pads odd maps, so it rounds up

    def window_of(self, stage: int) -> int:
        """Side of a stage's windows: never larger than its map."""
        return min(self.window, self.side_of(stage))

    def shift_of(self, stage: int, block: int) -> int:
        """Half a window in every second block; none where one window is the whole map."""
        many = self.side_of(stage) > self.window
        return self.window // 2 if many and block % 2 else 0


def window_partition(x: Tensor, window: int) -> Tensor:
    """Cut maps into windows: (b, gh, gw, d) -> (b, w, n, d), both row by row."""
    return rearrange(x, "b (rows m) (cols n) d -> b (rows cols) (m n) d", m=window, n=window)


def window_reverse(windows: Tensor, window: int, rows: int) -> Tensor:
    """Put windows back in place, `rows` of them high: (b, w, n, d) -> (b, gh, gw, d)."""
    return rearrange(windows, "b (rows cols) (m n) d -> b (rows m) (cols n) d", rows=rows, m=window)


def region_ids(height: int, width: int, window: int, shift: int) -> Tensor:
    """Which of at most nine regions a token of the rolled map belongs to: (height, width).

    The map was rolled up and left by `shift`, so its last window holds, up to `shift` from the
    end, tokens from before the seam and then tokens that came round from the other side.
    """

    def bands(size: int) -> Tensor:  # 0 far from the seam, 1 before it, 2 after it
        place = torch.arange(size, device="cpu")
        return (place >= size - window).long() + (place >= size - shift).long()

    return 3 * bands(height)[:, None] + bands(width)


@lru_cache(maxsize=64)
def shift_mask(
    height: int, width: int, window: int, shift: int, device: torch.device, dtype: torch.dtype
) -> Tensor:
    """What is added to the scores: 0 within a region, -100 across: (w, n query, n key).

    Only a function of sizes, so it is kept; nobody may change it in place.
    """
    with torch.inference_mode(False):  # a training may need it after a mere look did
        ids = region_ids(height, width, window, shift)
        ids = window_partition(ids[None, :, :, None], window)[0, :, :, 0]  # (w, n)
        apart = ids[:, :, None] != ids[:, None, :]
        return (CLOSED * apart).to(device, dtype)


@lru_cache(maxsize=64)
def relative_position_index(window: int, device: torch.device) -> Tensor:
    """Row of the bias table for every pair of tokens of a window: (n query, n key).

    The offset is query minus key, so table row 0 belongs to a key that lies furthest below and
    right of the query: turn the (2M-1) x (2M-1) table by 180 degrees to read it as "where is
    the key, seen from the query". Kept like `shift_mask`.
    """
    with torch.inference_mode(False):
        place = torch.arange(window, device="cpu")
        y, x = (axis.flatten() for axis in torch.meshgrid(place, place, indexing="ij"))
        down, right = y[:, None] - y, x[:, None] - x  # each in [-(M-1), M-1]
        return ((down + window - 1) * (2 * window - 1) + right + window - 1).to(device)


def resample_bias_table(table: Tensor, window: int) -> Tensor:
    """Bring a bias table to another window size, bicubically as the paper does (section 4.1).

    Args:
        table: Shape ((2 * old - 1) ** 2, heads), query minus key, row by row.
        window: Side of the windows wanted.

    Returns:
        Shape ((2 * window - 1) ** 2, heads); the same tensor if the size does not change.
    """
    old, new = round(len(table) ** 0.5), 2 * window - 1
    if old * old != len(table) or old % 2 == 0:
        raise ValueError(f"a table of {len(table)} rows is not one of (2 M - 1) x (2 M - 1)")
    if old == new:
        return table
    plane = rearrange(table.float(), "(y x) h -> 1 h y x", y=old)
    plane = F.interpolate(plane, size=(new, new), mode="bicubic")
    return rearrange(plane, "1 h y x -> (y x) h").to(table.dtype)


class PatchEmbed(nn.Module):
    def __init__(self, cfg: SwinConfig) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, cfg.width, cfg.patch_size, stride=cfg.patch_size)
        self.norm = nn.LayerNorm(cfg.width)

    def forward(self, image: Tensor) -> Tensor:  # (b, 3, H, W) -> (b, gh, gw, d)
        patch = self.proj.kernel_size[0]
        if image.shape[-2] % patch or image.shape[-1] % patch:
            raise ValueError(
                f"a {image.shape[-2]} x {image.shape[-1]} pixel image does not divide into "
                f"{patch} x {patch} pixel patches"
            )
        return self.norm(self.proj(image).permute(0, 2, 3, 1))


class PatchMerging(nn.Module):
    """2 x 2 neighbours become one token of twice the width."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4 * width)
        self.reduction = nn.Linear(4 * width, 2 * width, bias=False)
        self.merged = Tap("batch row column four_widths")

    def gather(self, x: Tensor) -> Tensor:
        """(b, gh, gw, d) -> (b, gh / 2, gw / 2, 4 d): top left, bottom left, top right, last."""
        gh, gw = x.shape[1:3]
        if gh % 2 or gw % 2:
            x = F.pad(x, (0, 0, 0, gw % 2, 0, gh % 2))
        return self.merged(rearrange(x, "b (y v) (x u) d -> b y x (u v d)", u=2, v=2))

    def forward(self, x: Tensor) -> Tensor:  # (b, gh, gw, d) -> (b, gh / 2, gw / 2, 2 d)
        return self.reduction(self.norm(self.gather(x)))


class Attention(nn.Module):
    """Self-attention inside each window, with a learned bias for every offset in a window."""

    def __init__(self, width: int, heads: int, window: int, shifted: bool) -> None:
        super().__init__()
        self.heads, self.window = heads, window
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.query = Tap("batch window head query head_width")
        self.key = Tap("batch window head key head_width")
        self.value = Tap("batch window head key head_width")
        self.scores = Tap("batch window head query key")
        self.bias = Tap("head query key")
        if shifted:
            self.mask = Tap("window query key")
        self.pattern = Tap("batch window head query key")
        self.mixed = Tap("batch window head query head_width")

    def position_bias(self) -> Tensor:
        """The table's entry for every pair of tokens of a window: (h, n, n)."""
        table = self.relative_position_bias_table
        return table[relative_position_index(self.window, table.device)].permute(2, 0, 1)

    def similarity(self, q: Tensor, k: Tensor) -> Tensor:
        """Scores before bias and mask: (b, w, h, n, k) twice -> (b, w, h, n, n)."""
        return (q * q.shape[-1] ** -0.5) @ k.mT

    def forward(self, windows: Tensor, mask: Tensor | None) -> Tensor:  # (b, w, n, d) -> same
        qkv = rearrange(
            self.qkv(windows), "b w n (three h k) -> three b w h n k", three=3, h=self.heads
        )
        q, k, v = self.query(qkv[0]), self.key(qkv[1]), self.value(qkv[2])
        scores = self.scores(self.similarity(q, k))  # (b, w, h, n, n)
        offset = self.bias(self.position_bias())  # (h, n, n)
        if mask is not None:
            offset = offset + self.mask(mask)[:, None]  # (w, h, n, n)
        pattern = self.pattern((scores + offset).softmax(dim=-1))  # rows sum to 1
        mixed = self.mixed(pattern @ v)  # (b, w, h, n, k)
        return self.proj(rearrange(mixed, "b w h n k -> b w n (h k)"))


class Mlp(nn.Module):
    def __init__(self, width: int, ratio: float) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, int(width * ratio))
        self.act = nn.GELU()
        self.fc2 = nn.Linear(int(width * ratio), width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    """Pre-norm block: x + windowed attention(norm(x)), then x + MLP(norm(x))."""

    def __init__(self, cfg: SwinConfig, stage: int, block: int) -> None:
        super().__init__()
        width = cfg.width_of(stage)
        self.window, self.shift = cfg.window_of(stage), cfg.shift_of(stage, block)
        self.norm1 = nn.LayerNorm(width)
        self.attn = Attention(width, cfg.heads[stage], self.window, self.shift > 0)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = Mlp(width, cfg.mlp_ratio)
        self.windows = Tap("batch window token width")
        self.resid_mid = Tap("batch row column width")
        self.resid_post = Tap("batch row column width")

    def attend(self, x: Tensor) -> Tensor:
        """Roll, cut into windows, attend, put back, roll back: (b, gh, gw, d) -> same."""
        window, shift, (gh, gw) = self.window, self.shift, x.shape[1:3]
        down, right = -gh % window, -gw % window  # zeros that fill the last windows
        mask = None
        if shift:
            x = x.roll((-shift, -shift), dims=(1, 2))
            mask = shift_mask(gh + down, gw + right, window, shift, x.device, x.dtype)
        if down or right:  # after the roll, as in timm
            x = F.pad(x, (0, 0, 0, right, 0, down))
        windows = self.windows(window_partition(x, window))  # (b, w, n, d)
        x = window_reverse(self.attn(windows, mask), window, (gh + down) // window)
        x = x[:, :gh, :gw]
        return x.roll((shift, shift), dims=(1, 2)) if shift else x

    def forward(self, x: Tensor) -> Tensor:  # (b, gh, gw, d) -> same
        x = self.resid_mid(x + self.attend(self.norm1(x)))
        return self.resid_post(x + self.mlp(self.norm2(x)))


class Stage(nn.Module):
    """Merging, except before the first blocks, then blocks on one map."""

    def __init__(self, cfg: SwinConfig, stage: int) -> None:
        super().__init__()
        merges = stage > 0
        self.downsample = PatchMerging(cfg.width_of(stage - 1)) if merges else nn.Identity()
        self.blocks = nn.Sequential(*[Block(cfg, stage, b) for b in range(cfg.depths[stage])])

    def forward(self, x: Tensor) -> Tensor:  # (b, gh, gw, d) -> (b, gh / 2, gw / 2, 2 d)
        return self.blocks(self.downsample(x))


class Swin(nn.Module):
    """Patches, then stages of windowed attention on ever coarser maps, then the mean is read.

    Takes normalised images (b, 3, H, W) whose sides are multiples of the patch size and
    returns logits (b, classes), or pooled features if `classes` is 0. Windows and shifts are
    those of the native image size, whatever the image's; maps that do not divide into windows
    are filled up with zeros, as in timm with `dynamic_img_size=True`.
    """

    # What a page may ask for -> where this architecture keeps it. Tested against `taps`.
    views: ClassVar = {"window attention": "layers.*.blocks.*.attn.pattern"}

    def __init__(self, cfg: SwinConfig) -> None:
        super().__init__()
        self.cfg = cfg
        self.patch_embed = PatchEmbed(cfg)
        self.embedded = Tap("batch row column width")
        self.layers = nn.Sequential(*[Stage(cfg, stage) for stage in range(len(cfg.depths))])
        features = cfg.width_of(len(cfg.depths) - 1)
        self.norm = nn.LayerNorm(features)
        self.pooled = Tap("batch width")
        fc = nn.Linear(features, cfg.classes) if cfg.classes else nn.Identity()
        self.head = nn.Sequential(OrderedDict(fc=fc))
        self.apply(_initialise)

    def embed(self, image: Tensor) -> Tensor:
        """The map before the first block: (b, 3, H, W) -> (b, gh, gw, d)."""
        return self.embedded(self.patch_embed(image))

    def classify(self, x: Tensor) -> Tensor:
        """Stages and head on an embedded map: (b, gh, gw, d) -> (b, classes)."""
        x = self.norm(self.layers(x))
        return self.head(self.pooled(x.mean(dim=(1, 2))))

    def forward(self, image: Tensor) -> Tensor:  # (b, 3, H, W) -> (b, classes)
        return self.classify(self.embed(image))


def _initialise(module: nn.Module) -> None:
    """The paper's code: truncated normal weights and bias tables, zero biases."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    if isinstance(module, Attention):
        nn.init.trunc_normal_(module.relative_position_bias_table, std=0.02)
