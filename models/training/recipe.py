"""What a training is told: a network, its phases and its rates."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from torch import nn

from models.training.augment import Augment


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A stretch of training at one input size.

    Attributes:
        epochs: Passes over the training split.
        size: Input side in pixels.
        keep: Share of the patches that is kept, drawn anew each step (1 keeps all).
    """

    epochs: int
    size: int
    keep: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A network and its training; learning rate is warm-up then one cosine over all phases.

    Attributes:
        build: Class count -> untrained network.
        stored: Side in pixels at which the data is held.
        learning_rate: Highest rate of AdamW.
        cooldown: Where a run is to end early: epochs after which the rate leaves the cosine, and
            epochs in which it then falls in a line to zero. (0, 0) keeps to the cosine.
        muon: Highest rate of Muon, which then moves the matrices of the blocks; 0 for AdamW alone.
        prepare: Optional change of the initial weights.
        task: What is learned: the class of a picture, or its hidden patches (a masked
            autoencoder, which sees the share `keep` of the patches).
        snapshots: Shares of all steps after which the averaged weights are kept for a film.
    """

    build: Callable[[int], nn.Module]
    phases: tuple[Phase, ...]
    stored: int = 64
    batch: int = 256
    learning_rate: float = 1e-3
    muon: float = 0.0
    weight_decay: float = 0.05
    warmup: float = 0.05
    cooldown: tuple[int, int] = (0, 0)
    smoothing: float = 0.1
    ema: float = 0.999
    clip: float = 1.0
    augment: Augment = field(default_factory=Augment)
    prepare: Callable[[nn.Module], None] | None = None
    task: Literal["classify", "reconstruct"] = "classify"
    snapshots: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.muon and not self.learning_rate:
            raise ValueError("Muon's rate is a multiple of the learning rate, which is 0")

    @property
    def epochs(self) -> int:
        """Passes over the data, all phases together."""
        return sum(phase.epochs for phase in self.phases)

    @property
    def last(self) -> int:
        """Passes over the data that are made: all of them, or up to the end of the cooldown."""
        return sum(self.cooldown) or self.epochs

    @property
    def size(self) -> int:
        """Input side of the finished network in pixels."""
        return self.phases[-1].size

    def phase(self, epoch: int) -> Phase:
        """The phase that epoch `epoch` (from 0) belongs to."""
        for phase in self.phases:
            if epoch < phase.epochs:
                return phase
            epoch -= phase.epochs
        return self.phases[-1]


def adjusted(recipe: Recipe, batch: int | None, epochs: int | None) -> Recipe:
    """A recipe with another batch size, or another number of epochs in every phase, for a trial."""
    if batch:
        recipe = replace(recipe, batch=batch)
    if epochs:
        phases = tuple(replace(phase, epochs=epochs) for phase in recipe.phases)
        recipe = replace(recipe, phases=phases, cooldown=(0, 0))
    return recipe
