"""Swin Transformer (Liu et al. 2021, https://arxiv.org/abs/2103.14030).

Submodules carry timm's names, so a timm state dict loads with strict=True and no renaming.
Axes: b batch, gh gw rows and columns of a map, d width, w windows and n tokens of a window (both
row by row), h heads, k head width. Maps are (b, gh, gw, d): channels last.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from models.tap import Tap


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
        return self.window // 2 if block % 2 and self.side_of(stage) > self.window else 0


def window_partition(x: Tensor, window: int) -> Tensor:
    """Cut maps into windows: (b, gh, gw, d) -> (b, w, n, d), both row by row."""
    return rearrange(x, "b (rows m) (cols n) d -> b (rows cols) (m n) d", m=window, n=window)


def window_reverse(windows: Tensor, window: int, rows: int) -> Tensor:
    """Put windows back in place, `rows` of them high: (b, w, n, d) -> (b, gh, gw, d)."""
    return rearrange(windows, "b (rows cols) (m n) d -> b (rows m) (cols n) d", rows=rows, m=window)


def region_ids(height: int, width: int, window: int, shift: int) -> Tensor:
    """Which of at most nine regions a token of the rolled map belongs to: (height, width).

    The map was rolled up and left by `shift`: its last `shift` rows and columns came round from
    the other side, and share the last windows with tokens that they were never next to.
    """

    def bands(size: int) -> Tensor:  # 0 in other windows; in the last 1, and 2 if it came round
        place = torch.arange(size, device="cpu")
        return (place >= size - window).long() + (place >= size - shift).long()

    return 3 * bands(height)[:, None] + bands(width)


@lru_cache(maxsize=64)
def shift_mask(
    height: int, width: int, window: int, shift: int, device: torch.device, dtype: torch.dtype
) -> Tensor:
    """What is added to the scores: 0 within a region, -100 across: (w, n query, n key).

    It is computed once for all callers: nobody may change it in place.
    """
    with torch.inference_mode(False):  # a training may need it after a mere look did
        ids = region_ids(height, width, window, shift)
        ids = window_partition(ids[None, :, :, None], window)[0, :, :, 0]  # (w, n)
        apart = ids[:, :, None] != ids[:, None, :]
        return torch.where(apart, -100.0, 0.0).to(device, dtype)  # as in the paper's code


@lru_cache(maxsize=64)
def relative_position_index(window: int, device: torch.device) -> Tensor:
    """Row of the bias table for every pair of tokens of a window: (n query, n key).

    The offset is query minus key: row 0 belongs to the key furthest below and right of its
    query. Turn the (2M-1) x (2M-1) table by 180 degrees to read it as "key, seen from query".
    """
    with torch.inference_mode(False):
        place = torch.arange(window, device="cpu")
        y, x = (axis.flatten() for axis in torch.meshgrid(place, place, indexing="ij"))
        down, right = y[:, None] - y, x[:, None] - x  # each in [-(M-1), M-1]
        return ((down + window - 1) * (2 * window - 1) + right + window - 1).to(device)


class PatchEmbed(nn.Module):
    def __init__(self, cfg: SwinConfig) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, cfg.width, cfg.patch_size, stride=cfg.patch_size)
        self.norm = nn.LayerNorm(cfg.width)

    def forward(self, image: Tensor) -> Tensor:  # (b, 3, H, W) -> (b, gh, gw, d)
        (height, width), patch = image.shape[-2:], self.proj.kernel_size[0]
        if height % patch or width % patch:
            raise ValueError(f"{height} x {width} pixels do not divide into patches of {patch}")
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

    def __init__(self, cfg: SwinConfig, stage: int, shifted: bool) -> None:
        super().__init__()
        width, self.heads, self.window = cfg.width_of(stage), cfg.heads[stage], cfg.window_of(stage)
        table = torch.zeros((2 * self.window - 1) ** 2, self.heads)
        self.relative_position_bias_table = nn.Parameter(table)
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
        index = relative_position_index(self.window, table.device)
        return table.index_select(0, index.flatten()).T.reshape(-1, *index.shape)

    def forward(self, windows: Tensor, mask: Tensor | None) -> Tensor:  # (b, w, n, d) -> same
        qkv = self.qkv(windows)  # (b, w, n, 3 d)
        q, k, v = rearrange(qkv, "b w n (three h k) -> three b w h n k", three=3, h=self.heads)
        q, k, v = self.query(q), self.key(k), self.value(v)
        scores = self.scores((q * q.shape[-1] ** -0.5) @ k.mT)  # (b, w, h, n, n)
        offset = self.bias(self.position_bias())  # (h, n, n)
        if mask is not None:
            offset = offset + self.mask(mask)[:, None]  # (w, h, n, n)
        scores = scores + offset  # under the same name, so that unrecorded scores are freed
        pattern = self.pattern(scores.softmax(dim=-1))  # rows sum to 1
        mixed = self.mixed(pattern @ v)  # (b, w, h, n, k)
        return self.proj(rearrange(mixed, "b w h n k -> b w n (h k)"))


class Block(nn.Module):
    """Pre-norm block: x + windowed attention(norm(x)), then x + MLP(norm(x))."""

    attention: ClassVar[Callable[..., nn.Module]] = Attention

    def __init__(self, cfg: SwinConfig, stage: int, block: int) -> None:
        super().__init__()
        width, hidden = cfg.width_of(stage), int(cfg.width_of(stage) * cfg.mlp_ratio)
        self.window, self.shift = cfg.window_of(stage), cfg.shift_of(stage, block)
        self.norm1 = nn.LayerNorm(width)
        self.attn = self.attention(cfg, stage, self.shift > 0)
        self.norm2 = nn.LayerNorm(width)
        fc1, fc2 = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.mlp = nn.Sequential(OrderedDict(fc1=fc1, act=nn.GELU(), fc2=fc2))
        self.windows = Tap("batch window token width")
        self.resid_mid = Tap("batch row column width")
        self.resid_post = Tap("batch row column width")

    def attend(self, x: Tensor) -> Tensor:
        """Roll, cut into windows, attend, put back, roll back: (b, gh, gw, d) -> same."""
        window, shift, (gh, gw) = self.window, self.shift, x.shape[1:3]
        down, right = -gh % window, -gw % window  # what the last windows lack
        mask = None
        if shift:
            x = x.roll((-shift, -shift), dims=(1, 2))
            mask = shift_mask(gh + down, gw + right, window, shift, x.device, x.dtype)
        if down or right:  # after the roll, as in timm
            x = F.pad(x, (0, 0, 0, right, 0, down))
        windows = self.windows(window_partition(x, window))  # (b, w, n, d)
        x = window_reverse(self.attn(windows, mask), window, (gh + down) // window)[:, :gh, :gw]
        return x.roll((shift, shift), dims=(1, 2)) if shift else x

    def forward(self, x: Tensor) -> Tensor:  # (b, gh, gw, d) -> same
        x = self.resid_mid(x + self.attend(self.norm1(x)))
        return self.resid_post(x + self.mlp(self.norm2(x)))


class Stage(nn.Module):
    """Merging, except before the first blocks, then blocks on one map."""

    block: ClassVar[type[Block]] = Block
    merging: ClassVar[type[PatchMerging]] = PatchMerging

    def __init__(self, cfg: SwinConfig, stage: int) -> None:
        super().__init__()
        self.downsample = self.merging(cfg.width_of(stage - 1)) if stage else nn.Identity()
        self.blocks = nn.Sequential(*[self.block(cfg, stage, b) for b in range(cfg.depths[stage])])

    def forward(self, x: Tensor) -> Tensor:  # (b, gh, gw, d) -> (b, gh / 2, gw / 2, 2 d)
        return self.blocks(self.downsample(x))


class Swin(nn.Module):
    """Patches, then stages of windowed attention on ever coarser maps, then the mean is read.

    Takes normalised images (b, 3, H, W) whose sides are multiples of the patch size; returns
    logits, or pooled features if `classes` is 0. Windows and shifts stay those of the native
    image size; maps that they do not divide are filled up with zeros (timm: dynamic_img_size).
    """

    # What a page may ask for -> where this architecture keeps it. Tested against `taps`.
    views: ClassVar = {"window attention": "layers.*.blocks.*.attn.pattern"}
    stage: ClassVar[type[Stage]] = Stage

    def __init__(self, cfg: SwinConfig) -> None:
        super().__init__()
        self.cfg = cfg
        self.patch_embed = PatchEmbed(cfg)
        self.embedded = Tap("batch row column width")
        self.layers = nn.Sequential(*[self.stage(cfg, i) for i in range(len(cfg.depths))])
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
