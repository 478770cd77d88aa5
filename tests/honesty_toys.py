"""Networks of which one can say beforehand what erasing a cell costs."""

import numpy as np
import torch
from torch import nn


class Cells(nn.Module):
    """Class 0 gets an amount for every cell of a picture of ones, the other classes nothing."""

    def __init__(self, amounts, pixels=8, classes=2):
        super().__init__()
        amounts = torch.tensor(amounts, dtype=torch.float32)
        each = pixels // len(amounts)
        spread = amounts.repeat_interleave(each, 0).repeat_interleave(each, 1) / (3 * each**2)
        self.weight = nn.Parameter(spread.expand(3, -1, -1).clone(), requires_grad=False)
        self.classes = classes

    def forward(self, images):
        said = (images * self.weight).sum(dim=(1, 2, 3))
        return torch.stack([said] + [torch.zeros_like(said)] * (self.classes - 1), dim=1)


AMOUNTS = [[4.0, 1.0], [3.0, -2.0]]


def ones(pixels=8):
    return np.ones((1, 3, pixels, pixels), np.float32)


def noise(seed, pixels=56):
    return np.random.default_rng(seed).normal(size=(1, 3, pixels, pixels)).astype(np.float32)


def frozen(model):
    """A network as the catalog gives it: evaluated, without gradients."""
    return model.eval().requires_grad_(False)


def fingerprint(model):
    return {k: v.clone() for k, v in model.state_dict().items()}


def unchanged(model, before):
    after = model.state_dict()
    return (
        after.keys() == before.keys()
        and all(torch.equal(after[k], before[k]) for k in before)
        and not any(p.requires_grad or p.grad is not None for p in model.parameters())
        and not any(m._forward_hooks or m._backward_hooks for m in model.modules())
    )
