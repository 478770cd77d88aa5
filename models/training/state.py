"""The state of a training: all that a checkpoint holds."""

import copy
from dataclasses import dataclass, field
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from models.mae import encoder_weights
from models.training.journal import WEIGHTS
from models.training.optimise import Together, optimizer
from models.training.recipe import Recipe
from models.vit import ViT


@dataclass
class Run:
    """Weights, their average, the optimiser, and how far they are.

    Attributes:
        step: Updates done.
        seconds: Time spent on them, evaluation left out.
        losses: Loss of each step of an epoch that is not over.
    """

    model: nn.Module
    ema: nn.Module
    optimizer: torch.optim.Optimizer | Together
    step: int = 0
    seconds: float = 0.0
    losses: list[Tensor] = field(default_factory=list)

    def save(self, path: Path) -> None:
        """Write the checkpoint whole or not at all."""
        part = path.with_suffix(".part")
        state = {name: getattr(self, name).state_dict() for name in ("model", "ema", "optimizer")}
        losses = torch.tensor([float(loss) for loss in self.losses])
        torch.save(state | {"step": self.step, "seconds": self.seconds, "losses": losses}, part)
        part.replace(path)

    def keep_frame(self, path: Path) -> None:
        """Write the averaged weights alone, in fp16, whole or not at all."""
        path.parent.mkdir(exist_ok=True)
        weights = self.ema.state_dict()
        part = path.with_suffix(".part")
        torch.save({k: v.half() if v.is_floating_point() else v for k, v in weights.items()}, part)
        part.replace(path)

    def adopt(self, path: Path, device: str) -> None:
        """Start from the averaged weights of another run's checkpoint, or from exported ones.

        Of a masked autoencoder a ViT takes the encoder and keeps its own head.

        Raises:
            ValueError: If the checkpoint is of another network.
        """
        if path.suffix == WEIGHTS:
            found = safetensors.torch.load_file(path, device)
            weights = {k: v.float() if v.is_floating_point() else v for k, v in found.items()}
        else:
            weights = torch.load(path, map_location=device, weights_only=True)["ema"]
        if isinstance(self.model, ViT) and "mask_token" in weights:
            found = encoder_weights(weights, self.model.cfg.pool)
            weights = self.model.state_dict() | found
        try:
            self.model.load_state_dict(weights)
            self.ema.load_state_dict(weights)
        except RuntimeError as error:
            raise ValueError(f"{path} holds another network than this recipe's") from error

    def restore(self, path: Path, device: str) -> None:
        """Continue from a checkpoint of the same recipe.

        Raises:
            ValueError: If the checkpoint is of another network.
        """
        state = torch.load(path, map_location=device, weights_only=True)
        try:
            for name in ("model", "ema", "optimizer"):
                getattr(self, name).load_state_dict(state[name])
        except (KeyError, RuntimeError, ValueError) as error:
            raise ValueError(f"{path} holds another network than this recipe's") from error
        self.step, self.seconds = state["step"], state["seconds"]
        self.losses = list(state.get("losses", torch.zeros(0)))  # none in early checkpoints


def start(recipe: Recipe, classes: int, device: str, seed: int) -> Run:
    """A fresh run: the initial weights depend on the seed only."""
    torch.manual_seed(seed)
    model = recipe.build(classes)
    if recipe.prepare:
        recipe.prepare(model)
    model = model.to(device)
    ema = copy.deepcopy(model).requires_grad_(False).eval()
    return Run(model, ema, optimizer(model, recipe))
