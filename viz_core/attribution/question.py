"""What is asked of which network about which picture, and the one place that runs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from viz_core.attribution import Settings, Target
from viz_core.attribution.grid import side
from viz_core.attribution.methods import Shape

Progress = Callable[[int, int], None]
# Pixels in one batch. What a pass keeps grows with them: of a ViT-B/16 at 224 pixels 150 MB a
# picture if a gradient is to come back, 25 MB if not.
PIXELS, PIXELS_WITH_GRADIENT = 4 * 224**2, 2 * 224**2
LARGEST, LARGEST_WITH_GRADIENT = 32, 8


@dataclass(frozen=True)
class Found:
    """What a method found, in float64: its map, the target of the picture and of the baseline."""

    values: Float[np.ndarray, "row column"]
    score: float
    baseline: float | None = None


class Meter:
    """Counts pictures that go through a network, and tells whoever waits."""

    def __init__(self, total: int, progress: Progress | None = None) -> None:
        self.done, self.total, self._progress = 0, total, progress

    def step(self, pictures: int) -> None:
        """Called before a batch: what `progress` raises stops the computation here."""
        self.tell()
        self.done += pictures

    def tell(self) -> None:
        """Say how far it is."""
        if self._progress is not None:
            self._progress(self.done, self.total)


@dataclass(frozen=True)
class Question:
    """One network, one picture, one target.

    Attributes:
        model: Left untouched.
        image: Normalised, (1, 3, H, W), in the float type of the network.
        shape: What the network looks like to the methods.
        meter: Counts what goes through the network.
    """

    model: nn.Module
    image: Tensor
    target: Target
    settings: Settings
    shape: Shape
    meter: Meter

    def score(self, images: Tensor, model: nn.Module | None = None) -> Tensor:
        """The target of each picture, with a gradient where the pictures have one: (b,).

        A method that may not touch the model asks a `model` of its own.
        """
        self.meter.step(len(images))
        return score((model or self.model)(images), self.target)

    def scores(self, images: Tensor) -> Tensor:
        """The target of many pictures in bounded batches, without gradients: (n,)."""
        with torch.no_grad():
            return torch.cat([self.score(part) for part in images.split(batch(images))])


def score(logits: Float[Tensor, "picture classes"], target: Target) -> Float[Tensor, " picture"]:
    """The target of each picture, in logits.

    Raises:
        ValueError: If there is no such class.
    """
    classes = logits.shape[-1]
    for label in (target.label, target.against):
        if label is not None and not 0 <= label < classes:
            raise ValueError(f"There is no class {label}: this network has {classes}, from 0.")
    chosen = logits[:, target.label]
    return chosen if target.against is None else chosen - logits[:, target.against]


def batch(images: Tensor, gradient: bool = False) -> int:
    """How many pictures of this size go through a network at once, so that memory is bounded."""
    pixels = images.shape[-1] * images.shape[-2]
    budget = PIXELS_WITH_GRADIENT if gradient else PIXELS
    return max(1, min(budget // pixels, LARGEST_WITH_GRADIENT if gradient else LARGEST))


def shape_of(model: nn.Module, pixels: int) -> Shape:
    """What the cost of a method depends on, read off a network.

    Args:
        model: Any network that takes square pictures.
        pixels: Side of the picture.

    Raises:
        ValueError: If the picture cannot be cut into cells.
    """
    config: Any = getattr(model, "cfg", None)
    views: Mapping[str, str] = getattr(model, "views", {})
    if "window attention" in views:
        return Shape(cells=side(pixels), layers=sum(config.depths), heads=max(config.heads))
    if "global attention" in views:
        tokens = pixels // config.patch_size
    elif "compact attention" in views:
        tokens = config.sides(pixels)[-1]
    else:
        return Shape(cells=side(pixels))
    return Shape(cells=side(pixels, tokens), layers=config.depth, heads=config.heads)


def as_map(tokens: Tensor) -> Float[np.ndarray, "row column"]:
    """Values of the places of a square map, row by row: (n,) -> (rows, columns) in float64.

    Raises:
        ValueError: If that many places make no square.
    """
    rows = isqrt(len(tokens))
    if rows**2 != len(tokens):
        raise ValueError(f"{len(tokens)} places make no square map")
    return tokens.detach().double().reshape(rows, rows).numpy()
