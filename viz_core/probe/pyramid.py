"""What a Swin's stages make of a picture, how patches merge, and what takes how long."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from models.tap import record

SECONDS_A_POINT = 0.4  # after this long a measurement is not repeated again


@dataclass(frozen=True)
class PyramidLook:
    """Every stage in one forward pass; read-only arrays of float32, shared between visitors.

    Attributes:
        maps: What the last block of each stage hands on, (row, column, width).
        merged: What enters each merging, (row, column, 4 widths): the four neighbours of a
            2 x 2 square one after another, before the norm. One less than there are stages.
        reduced: What each merging hands to its stage, (row, column, 2 widths).
    """

    maps: tuple[Float[np.ndarray, "_row _column _width"], ...]
    merged: tuple[Float[np.ndarray, "_row _column _four_widths"], ...]
    reduced: tuple[Float[np.ndarray, "_row _column _two_widths"], ...]


def look(model: nn.Module, image: Float[np.ndarray, "1 3 height width"]) -> PyramidLook:
    """One forward pass with the map of every stage and both sides of every merging recorded.

    Args:
        model: A Swin; left untouched.
        image: Normalised picture whose sides are multiples of the patch size.

    Raises:
        KeyError: If the model has no stages of windowed attention.
    """
    if "window attention" not in getattr(model, "views", {}):
        raise KeyError("this network has no stages of window attention")
    layers = cast(Any, model).layers
    ends = [
        f"layers.{s}.blocks.{len(layer.blocks) - 1}.resid_post" for s, layer in enumerate(layers)
    ]
    gathered = [f"layers.{s}.downsample.merged" for s in range(1, len(layers))]
    with torch.inference_mode():
        with record(model, *ends, *gathered) as trace:
            model(torch.tensor(image))
        # A merging's output is no tap: the layer runs once more on the map that it was given.
        reduced = [
            layer.downsample(trace[end]) for end, layer in zip(ends, layers[1:], strict=False)
        ]
    found = PyramidLook(
        maps=tuple(trace[name][0].numpy() for name in ends),
        merged=tuple(trace[name][0].numpy() for name in gathered),
        reduced=tuple(out[0].numpy() for out in reduced),
    )
    for array in (*found.maps, *found.merged, *found.reduced):
        array.flags.writeable = False
    return found


def fastest(run: Callable[[], object], repeats: int = 5) -> float:
    """Seconds of the fastest of several runs: what the machine can do when nobody disturbs it.

    Args:
        run: What to measure; called once more before, so that nothing is paid for the first time.
        repeats: Runs at most; fewer once they took longer than `SECONDS_A_POINT` together.

    Raises:
        ValueError: If `repeats` is below 1.
    """
    if repeats < 1:
        raise ValueError(f"at least one run is needed, got {repeats}")
    best, spent = float("inf"), 0.0
    with torch.inference_mode():
        run()
        for _ in range(repeats):
            began = time.perf_counter()
            run()
            took = time.perf_counter() - began
            best, spent = min(best, took), spent + took
            if spent > SECONDS_A_POINT:
                break
    return best
