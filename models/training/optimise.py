"""How a step moves the weights: learning rate, weight decay, averaged weights."""

import math
from typing import Any

import torch
from torch import nn

from models.training.recipes import Recipe


def learning_rate(recipe: Recipe, share: float) -> float:
    """Linear warm-up, then a cosine to zero; `share` of the whole training in [0, 1]."""
    if share < recipe.warmup:
        return recipe.learning_rate * share / recipe.warmup
    done = (share - recipe.warmup) / (1 - recipe.warmup)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * min(done, 1)))


def decay_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Matrices decay; biases, norms, tokens and positions do not."""
    decayed: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        free_by_name = any(part in name for part in ("pos_embed", "position_bias", "token"))
        matrix = parameter.ndim >= 2 and not free_by_name
        (decayed if matrix else free).append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": free, "weight_decay": 0.0},
    ]


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, decay: float, step: int) -> None:
    """Move the average towards the model after step `step`; a young average moves faster."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    pairs = zip(average.state_dict().values(), model.state_dict().values(), strict=True)
    for slow, fast in pairs:
        if slow.dtype.is_floating_point:
            slow.lerp_(fast, share)
        else:
            slow.copy_(fast)
