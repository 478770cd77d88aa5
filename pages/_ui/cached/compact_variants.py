"""The published variants: counted on the meta device, timed when asked, and our own accuracies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages._ui import cached
from viz_core import compact_macs, compact_paper
from viz_core.compact_macs import CompactShape

if TYPE_CHECKING:
    from torch import nn

    from models.compact_config import CompactConfig
    from viz_core.probe.clock import Paired

REFERENCE = "vit_lite_7_4_32"  # what every variant is timed beside


def shape(cfg: CompactConfig) -> CompactShape:
    """What the cost of a variant depends on."""
    return CompactShape(
        side=cfg.image_size, kernel=cfg.kernel, stride=cfg.stride, padding=cfg.padding,
        channels=cfg.channels, max_pool=cfg.max_pool, depth=cfg.depth, heads=cfg.heads,
        mlp_ratio=cfg.mlp_ratio, seq_pool=cfg.seq_pool, classes=cfg.classes,
    )  # fmt: skip


def _built(name: str) -> nn.Module:
    """A variant without memory for its weights."""
    import torch

    from models.compact import VARIANTS, Compact

    with torch.device("meta"):
        return Compact(VARIANTS[name]).eval()


@st.cache_resource(max_entries=1, show_spinner="Building the variants")
def rows() -> list[dict[str, Any]]:
    """Every published variant: settings, parameters, multiply-adds, and what the paper says."""
    from models.compact import VARIANTS

    paper = {row.name: row for row in compact_paper.PAPER}
    found = []
    for name, cfg in VARIANTS.items():
        cost, published = compact_macs.cost(shape(cfg)), paper.get(name)
        found.append(
            {
                "name": name, "title": compact_paper.title(name),
                "family": compact_paper.family(name), "sine": cfg.positions == "sine",
                "side": cfg.image_size, "kernel": cfg.kernel, "stride": cfg.stride,
                "padding": cfg.padding, "convolutions": cfg.conv_layers, "pooled": cfg.max_pool,
                "bias": cfg.conv_bias, "width": cfg.width, "depth": cfg.depth,
                "heads": cfg.heads, "ratio": cfg.mlp_ratio, "pool": cfg.seq_pool,
                "classes": cfg.classes, "tokens": cost.tokens, "macs": cost.total,
                "attention": cost.attention,
                "parameters": sum(weight.numel() for weight in _built(name).parameters()),
                "cifar10": published and published.cifar10,
                "cifar100": published and published.cifar100,
                "gmacs": published and published.gmacs,
            }
        )  # fmt: skip
    return found


def ours() -> dict[str, float]:
    """Top-1 in percent of shipped networks, read from the cards beside their weights."""
    from models import weights

    found = {}
    for row in rows():
        card = weights.FOLDER / f"{row['name']}.safetensors.md"
        if card.is_file():
            top1 = compact_paper.measured(card.read_text(encoding="utf-8"))
            if top1 is not None:
                found[row["name"]] = top1
    return found


@st.cache_resource(max_entries=1, show_spinner=False)
def _reference() -> nn.Module:
    """A ViT-Lite-7/4 with random weights, 15 MB, beside which every variant is timed."""
    from viz_core.probe import clock

    return clock.filled(_built(REFERENCE))


@st.cache_resource(max_entries=64, show_spinner=False)
def seconds(name: str) -> Paired:
    """Time of one forward pass of one picture here, and its ratio to ViT-Lite-7/4's.

    Args:
        name: A variant by SHI-Labs' name.
    """
    import torch

    from models.compact import VARIANTS
    from viz_core.probe import clock

    model, other = clock.filled(_built(name), seed=1), _reference()
    source = torch.Generator().manual_seed(0)
    sides = VARIANTS[name].image_size, VARIANTS[REFERENCE].image_size
    image, small = (torch.randn(1, 3, side, side, generator=source) for side in sides)
    with cached.FORWARD:
        return clock.paired(lambda: model(image), lambda: other(small))
