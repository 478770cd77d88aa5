"""Every published compact transformer: what it costs, beside what the paper reports."""

import numpy as np
import torch

from models.compact import VARIANTS, Compact
from viz_core import compact_macs, compact_paper

CLASSES = 10  # of the heads that are counted

found = []
for cfg in VARIANTS.values():
    with torch.device("meta"):  # shapes without numbers
        model = Compact(cfg)
    cost = compact_macs.cost(
        compact_macs.CompactShape(
            side=cfg.image_size, kernel=cfg.kernel, stride=cfg.stride, padding=cfg.padding,
            channels=cfg.channels, max_pool=cfg.max_pool, depth=cfg.depth, heads=cfg.heads,
            mlp_ratio=cfg.mlp_ratio, seq_pool=cfg.seq_pool, classes=cfg.classes,
        )
    )  # fmt: skip
    weights = sum(weight.numel() for weight in model.parameters())
    found.append((cost.tokens, weights, cost.total, cost.attention))
paper = {row.name: row for row in compact_paper.PAPER}
tops = [[paper[n].cifar10, paper[n].cifar100] if n in paper else [None, None] for n in VARIANTS]

numbers = {
    "variant": np.array(list(VARIANTS)),  # (variant,): name
    "tokens": np.array([row[0] for row in found]),  # (variant,): of one picture
    "weights": np.array([row[1] for row in found]),  # (variant,): numbers that are learned
    "macs": np.array([row[2] for row in found]),  # (variant,): multiply-adds
    "attention_macs": np.array([row[3] for row in found]),  # (variant,): of them in attention
    "paper_top1": np.array(tops, float),  # (variant, set): CIFAR-10, CIFAR-100, percent; NaN: none
}
np.savez("numbers.npz", **numbers)
