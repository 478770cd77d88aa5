"""How a step moves the weights: learning rate, weight decay, averaged weights."""

import math
from typing import Any

import torch
from torch import nn

from models.training.recipe import Recipe

BETAS = (0.9, 0.98)
# Parts of the names of positions and tokens, which do not decay; a tokenizer's kernels do.
FREE = ("pos_embed", "position_bias", "positional_emb", "_token", "class_emb")


def learning_rate(recipe: Recipe, share: float) -> float:
    """Linear warm-up, then a cosine to zero, or down in a line from where the cooldown begins.

    Args:
        recipe: Highest rate, warm-up and cooldown.
        share: Of the planned epochs that are done, in [0, 1].
    """
    begin, length = (epochs / recipe.epochs for epochs in recipe.cooldown)
    if length and share > begin:
        left = max(0.0, 1 - (share - begin) / length)
        return left * _planned(recipe, begin)
    return _planned(recipe, share)


def _planned(recipe: Recipe, share: float) -> float:
    if share < recipe.warmup:
        return recipe.learning_rate * share / recipe.warmup
    done = (share - recipe.warmup) / (1 - recipe.warmup)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * min(done, 1)))


class Kernels(torch.optim.Muon):
    """Muon for matrices and for kernels, which it sees as one row an output channel.

    Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon) makes every update of a
    matrix orthogonal; scaled as Liu et al. 2025 (https://arxiv.org/abs/2502.16982) say, it takes
    AdamW's kind of learning rate and weight decay.

    Args:
        parameters: Each (rows, columns) or (out, in, height, width), contiguous.
        share: Of the recipe's learning rate, at which they move.
        weight_decay: Of all of them.
    """

    def __init__(
        self, parameters: list[nn.Parameter], *, share: float, weight_decay: float
    ) -> None:
        self.parameters = parameters
        self.rows = [nn.Parameter(p.detach().view(len(p), -1)) for p in parameters]
        groups = [{"params": self.rows, "share": share}]
        super().__init__(
            groups, lr=0.0, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"
        )  # fmt: skip

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for one in (*self.parameters, *self.rows):
            one.grad = None

    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One step along the gradients of the parameters."""
        for parameter, rows in zip(self.parameters, self.rows, strict=True):
            rows.grad = None if parameter.grad is None else parameter.grad.flatten(1)
        super().step()


class Together:
    """Two optimisers that step as one: Muon for the blocks' matrices, AdamW for the rest."""

    def __init__(self, *parts: torch.optim.Optimizer) -> None:
        self.parts = parts

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The groups of all parts."""
        return [group for part in self.parts for group in part.param_groups]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients."""
        for part in self.parts:
            part.zero_grad(set_to_none=set_to_none)

    def step(self) -> None:
        """One step of each part."""
        for part in self.parts:
            part.step()

    def state_dict(self) -> dict[str, Any]:
        """The states of all parts, in order."""
        return {"parts": [part.state_dict() for part in self.parts]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up a state of the same parts.

        Raises:
            ValueError: If the state is of another set of optimisers.
        """
        states = state.get("parts", [])
        if len(states) != len(self.parts):
            raise ValueError("the checkpoint is of another optimiser")
        for part, one in zip(self.parts, states, strict=True):
            part.load_state_dict(one)


def optimizer(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer | Together:
    """What the recipe asks for; every group says how its rate relates to the recipe's.

    Parameters that are not trained, such as fixed positions, are left out.
    """
    groups = decay_groups(model, recipe.weight_decay)
    if not recipe.muon:
        return torch.optim.AdamW(groups, lr=0.0, betas=BETAS, fused=True)
    inner = {id(p) for name, p in model.named_parameters() if _mixes_channels(name, p)}
    matrices = [p for p in groups[0]["params"] if id(p) in inner]
    groups[0]["params"] = [p for p in groups[0]["params"] if id(p) not in inner]
    share = recipe.muon / recipe.learning_rate
    return Together(
        Kernels(matrices, share=share, weight_decay=recipe.weight_decay),
        torch.optim.AdamW(groups, lr=0.0, betas=BETAS, fused=True),
    )


def _mixes_channels(name: str, parameter: nn.Parameter) -> bool:
    """Whether Muon moves it: a block's matrix, or kernels that see more than one channel."""
    inside = any(part in name for part in ("blocks.", "layer", "downsample."))
    return inside and parameter.ndim in (2, 4) and parameter.shape[1] > 1


def decay_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Matrices decay; biases, norms, tokens and positions do not."""
    decayed: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        free_by_name = any(part in name for part in FREE)
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
