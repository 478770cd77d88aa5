"""What a person chooses before a live training, and what a watched run says about itself."""

import json
from dataclasses import dataclass, replace

import numpy as np
import safetensors.torch

from models.compact import VARIANTS, Compact
from models.training.recipe import Phase, Recipe

# Of the published variants those that learn within minutes.
SMALL = (
    "vit_lite_2_4_32",
    "vit_lite_4_4_32",
    "cvt_2_4_32",
    "cvt_4_4_32",
    "cct_2_3x2_32",
    "cct_4_3x2_32",
)
FAMILIES = {"vit_lite": "ViT-Lite", "cvt": "CVT", "cct": "CCT"}


def title(variant: str) -> str:
    """What the paper calls a variant: "cct_2_3x2_32" is CCT-2/3×2."""
    family, layers, kernel, _ = variant.rsplit("_", 3)
    return f"{FAMILIES[family]}-{layers}/{kernel.replace('x', '×')}"


@dataclass(frozen=True, kw_only=True)
class LiveConfig:
    """What a person chooses.

    Attributes:
        variant: One of `SMALL`; the number of classes is the data's.
        minutes: Of training; 0 where `epochs` is the budget.
        epochs: Passes over the training pictures; 0 where `minutes` is the budget.
        batch: Pictures a step.
        learning_rate: Highest rate of AdamW; Muon's is five times that.
        mirror: Whether half of the pictures are mirrored.
        shift: Most pixels by which a picture is moved along each side.
        erase: Whether a square of a quarter of the side is made grey in half of the pictures.
        seed: Of weights, order and augmentation.
    """

    variant: str = "cct_2_3x2_32"
    minutes: float = 5.0
    epochs: float = 0.0
    batch: int = 128
    learning_rate: float = 2e-3
    mirror: bool = True
    shift: int = 4
    erase: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.variant not in SMALL:
            raise ValueError(f"{self.variant} is none of {', '.join(SMALL)}")
        if (self.minutes > 0) == (self.epochs > 0):
            raise ValueError("the budget is either minutes or epochs")
        if self.batch < 1 or self.shift < 0 or self.learning_rate <= 0:
            raise ValueError("batch must be >= 1, shift >= 0 and the learning rate positive")

    def recipe(self) -> Recipe:
        """The same for the optimiser."""
        return Recipe(
            build=lambda classes: Compact(replace(VARIANTS[self.variant], classes=classes)),
            phases=(Phase(epochs=1, size=VARIANTS[self.variant].image_size),),
            batch=self.batch,
            learning_rate=self.learning_rate,
            muon=5 * self.learning_rate,
            ema=0.998,
        )


@dataclass(frozen=True)
class Look:
    """How the network sees one picture at one moment.

    Attributes:
        share: Of the budget that was spent.
        weights: What each place of the grid (gh, gw) adds to the answer: the weights of sequence
            pooling, which sum to 1, or the class token's attention in the last layer, mean of the
            heads, where it keeps the rest for itself.
        probabilities: Of the classes (classes,).
    """

    share: float
    weights: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class Point:
    """Training pictures of one piece: mean loss in nats and right answers in percent."""

    pictures: int
    loss: float
    accuracy: float


@dataclass(frozen=True)
class Probe:
    """Right answers in percent on held-out pictures after a number of training pictures."""

    pictures: int
    accuracy: float
    asked: int


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A moment of a run; nothing in it changes any more.

    Attributes:
        step: Updates done.
        pictures: Training pictures seen, repetitions counted.
        epochs: Passes over the training pictures.
        seconds: Spent on training and on looking, pauses left out.
        share: Of the budget that is spent, in [0, 1].
        left: Estimated seconds to the end; None before the first step.
        points: Loss and accuracy on the way, oldest first.
        probes: Accuracy on held-out pictures, oldest first.
        watched: Name of the picture that is watched; empty without one.
        look: The watched picture as it is seen now.
        film: The watched picture at some moments, oldest first.
    """

    step: int
    pictures: int
    epochs: float
    seconds: float
    share: float
    left: float | None
    points: tuple[Point, ...]
    probes: tuple[Probe, ...]
    watched: str
    look: Look | None
    film: tuple[Look, ...]

    @property
    def held_out(self) -> float | None:
        """The last accuracy on held-out pictures in percent."""
        return self.probes[-1].accuracy if self.probes else None


@dataclass(frozen=True)
class Trained:
    """A network that was trained here.

    Attributes:
        config: How.
        data: Name of the pictures that it learned from.
        classes: Names of its classes in the order of its logits.
        model: With averaged weights, in evaluation mode; not trained any further.
        progress: Where its training stood.
    """

    config: LiveConfig
    data: str
    classes: tuple[str, ...]
    model: Compact
    progress: Progress

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{title(self.config.variant)} on {self.data}"

    def weights(self) -> bytes:
        """A safetensors file in fp32; its one entry of metadata is JSON about it."""
        about = {
            "variant": self.config.variant,
            "classes": self.classes,
            "data": self.data,
            "pictures": self.progress.pictures,
            "held_out_percent": self.progress.held_out,
        }
        state = {name: value.contiguous() for name, value in self.model.state_dict().items()}
        return safetensors.torch.save(state, metadata={"saccade": json.dumps(about)})
