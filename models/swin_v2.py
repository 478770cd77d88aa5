"""Swin Transformer V2 (Liu et al. 2022, https://arxiv.org/abs/2111.09883).

Maps, windows, shifts and mask are those of models/swin.py. New are cosine attention, a position
bias that a small network computes from log-spaced offsets, and norms at the end of each branch.
Submodules carry timm's names, so a timm state dict loads with strict=True and no renaming.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor, nn

from models import swin
from models.swin import Swin, SwinConfig, relative_position_index
from models.tap import Tap

LARGEST_SCALE = 100.0  # of the cosine, which is to say the temperature is at least 0.01


@dataclass(frozen=True, kw_only=True)
class SwinV2Config(SwinConfig):
    """Architecture only. Defaults are SwinV2-T with windows of 8 at 256 pixels.

    Attributes:
        learned_windows: Side of each stage's windows when the bias networks were trained; their
            offsets reach from -1 to 1 before the logarithm. Empty means the windows of now.
    """

    image_size: int = 256
    window: int = 8
    learned_windows: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.learned_windows and len(self.learned_windows) != len(self.depths):
            raise ValueError(f"{len(self.learned_windows)} windows for {len(self.depths)} stages")

    def learned_window_of(self, stage: int) -> int:
        """Side of the windows that a stage's bias network was trained with."""
        return self.learned_windows[stage] if self.learned_windows else self.window_of(stage)


@lru_cache(maxsize=64)
def log_offsets(window: int, learned: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Offsets (down, right) of query minus key in log space, row by row: ((2M-1)^2, 2).

    sign(x) log2(1 + 8 |x|) / log2(8), with x = 1 the largest offset of a learned window. timm
    computes them in float32 whatever the weights are. Nobody may change the result in place.
    """
    with torch.inference_mode(False):
        place = torch.arange(1 - window, window, device="cpu").float() / max(learned - 1, 1)
        offsets = torch.stack(torch.meshgrid(place, place, indexing="ij"), dim=-1) * 8
        spaced = offsets.sign() * torch.log2(offsets.abs() + 1) / math.log2(8)
        return spaced.flatten(0, 1).to(device, dtype)


class Attention(nn.Module):
    """Cosine attention inside each window; the bias is a function of the offset."""

    def __init__(self, cfg: SwinConfig, stage: int, shifted: bool) -> None:
        super().__init__()
        assert isinstance(cfg, SwinV2Config)
        width, self.heads, self.window = cfg.width_of(stage), cfg.heads[stage], cfg.window_of(stage)
        self.learned_window = cfg.learned_window_of(stage)
        self.logit_scale = nn.Parameter(torch.full((self.heads, 1, 1), math.log(10)))
        self.cpb_mlp = nn.Sequential(
            nn.Linear(2, 512), nn.ReLU(), nn.Linear(512, self.heads, bias=False)
        )
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.q_bias, self.v_bias = (nn.Parameter(torch.zeros(width)) for _ in range(2))
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

    def bias_table(self) -> Tensor:
        """The bias network at every offset of a window: ((2M-1)^2, h), each in (0, 16)."""
        at = self.q_bias
        offsets = log_offsets(self.window, self.learned_window, at.device, at.dtype)
        return 16 * self.cpb_mlp(offsets).sigmoid()

    def position_bias(self) -> Tensor:
        """The bias of every pair of tokens of a window: (h, n, n)."""
        index = relative_position_index(self.window, self.q_bias.device)
        return self.bias_table().index_select(0, index.flatten()).T.reshape(-1, *index.shape)

    def forward(self, windows: Tensor, mask: Tensor | None) -> Tensor:  # (b, w, n, d) -> same
        no_bias = torch.zeros_like(self.q_bias)  # a key bias would add the same to a whole row
        qkv = F.linear(windows, self.qkv.weight, torch.cat([self.q_bias, no_bias, self.v_bias]))
        q, k, v = rearrange(qkv, "b w n (three h k) -> three b w h n k", three=3, h=self.heads)
        q, k, v = self.query(q), self.key(k), self.value(v)
        cosine = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).mT  # (b, w, h, n, n)
        scores = self.scores(cosine * self.logit_scale.clamp(max=math.log(LARGEST_SCALE)).exp())
        offset = self.bias(self.position_bias())  # (h, n, n)
        if mask is not None:
            offset = offset + self.mask(mask)[:, None]  # (w, h, n, n)
        scores = scores + offset
        pattern = self.pattern(scores.softmax(dim=-1))  # rows sum to 1
        mixed = self.mixed(pattern @ v)  # (b, w, h, n, k)
        return self.proj(rearrange(mixed, "b w h n k -> b w n (h k)"))


class PatchMerging(swin.PatchMerging):
    """As in V1, but the norm comes last."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.norm = nn.LayerNorm(2 * width)

    def forward(self, x: Tensor) -> Tensor:  # (b, gh, gw, d) -> (b, gh / 2, gw / 2, 2 d)
        return self.norm(self.reduction(self.gather(x)))


class Block(swin.Block):
    """Post-norm inside the branch: x + norm(attention(x)), then x + norm(MLP(x))."""

    attention: ClassVar = Attention

    def forward(self, x: Tensor) -> Tensor:  # (b, gh, gw, d) -> same
        x = self.resid_mid(x + self.norm1(self.attend(x)))
        return self.resid_post(x + self.norm2(self.mlp(x)))


class Stage(swin.Stage):
    """A stage of V2's blocks."""

    block: ClassVar = Block
    merging: ClassVar = PatchMerging


class SwinV2(Swin):
    """Swin with V2's stages; a new network's branches start at zero, as its norms do."""

    stage: ClassVar = Stage

    def __init__(self, cfg: SwinV2Config) -> None:
        super().__init__(cfg)
        for module in self.modules():
            if isinstance(module, Block):
                nn.init.zeros_(module.norm1.weight)
                nn.init.zeros_(module.norm2.weight)
