"""Every tensor of a forward pass in numbers: what a picture makes of each operation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Float32, Integer
from torch import Tensor, nn

from viz_core.anatomy import Op, side_of
from viz_core.probe import ledger

BINS = 48
TAIL = 0.002  # share of the numbers that a histogram leaves out on either side


@dataclass(frozen=True)
class Reading:
    """One operation and the tensor that it wrote for one picture.

    Attributes:
        op: The operation.
        mean: Of all its numbers.
        std: Their standard deviation.
        zeros: Share of them that are exactly 0.
        negatives: Share below 0.
        low: Left end of the histogram.
        high: Right end of the histogram.
        counts: How many numbers fall into each of `BINS` bins.
        strength: Root mean square over the channels at every place, (row, column); None for a
            tensor that is no map.
    """

    op: Op
    mean: float
    std: float
    zeros: float
    negatives: float
    low: float
    high: float
    counts: Integer[np.ndarray, " bin"]
    strength: Float[np.ndarray, "row column"] | None


@dataclass(frozen=True)
class Bent:
    """What an activation is given, and what ReLU and GELU would make of it.

    Attributes:
        low: Left end of the histograms.
        high: Right end of the histograms.
        before: Counts of what it is given, in bins from `low` to `high`.
        relu: Counts of what ReLU makes of it, zeros left out.
        gelu: Counts of what GELU makes of it, zeros left out.
        negatives: Share of what it is given that is below 0.
        relu_zeros: Share that ReLU makes exactly 0.
        gelu_zeros: Share that GELU makes exactly 0 in float32.
        tiny: Share that GELU makes smaller than 0.01 in absolute value.
    """

    low: float
    high: float
    before: Integer[np.ndarray, " bin"]
    relu: Integer[np.ndarray, " bin"]
    gelu: Integer[np.ndarray, " bin"]
    negatives: float
    relu_zeros: float
    gelu_zeros: float
    tiny: float


def readings(
    model: nn.Module, image: Float32[np.ndarray, "1 3 height width"]
) -> tuple[Reading, ...]:
    """One forward pass of one picture, every operation with its tensor in numbers.

    Args:
        model: Any network; left untouched.
        image: Normalised picture.
    """
    found: list[Reading] = []

    def watch(op: Op, _entered: Tensor, out: Tensor) -> None:
        found.append(_read(op, out))

    ledger.observe(model, torch.tensor(image), watch)
    return tuple(found)


def _read(op: Op, out: Tensor) -> Reading:
    flat = out.detach().float().flatten()
    low, high = _ends(flat)
    side = side_of(op)
    strength = None
    if out.ndim == 4 and side > 1 and op.leaving:
        axis = 1 if tuple(out.shape[1:]) == (op.leaving, side, side) else 3
        if out.shape[axis] == op.leaving and out.numel() == side * side * op.leaving:
            strength = out.float().square().mean(dim=axis).sqrt()[0].numpy()
    return Reading(
        op=op,
        mean=flat.mean().item(),
        std=flat.std(correction=0).item(),
        zeros=(flat == 0).float().mean().item(),
        negatives=(flat < 0).float().mean().item(),
        low=low,
        high=high,
        counts=_counts(flat, low, high, BINS),
        strength=strength,
    )


def _ends(flat: Tensor) -> tuple[float, float]:
    """Where a histogram begins and ends: without the few that lie far out, and never empty."""
    ordered = flat.sort().values
    cut = int(TAIL * (len(ordered) - 1))
    low, high = ordered[cut].item(), ordered[len(ordered) - 1 - cut].item()
    return (low, high) if high > low else (low - 0.5, low + 0.5)


def _counts(flat: Tensor, low: float, high: float, bins: int) -> Integer[np.ndarray, " bin"]:
    return torch.histc(flat, bins, low, high).long().numpy()


def entering(
    model: nn.Module,
    images: Float32[np.ndarray, "picture 3 height width"],
    wanted: Callable[[Op], bool],
) -> Float32[np.ndarray, "picture channel row column"]:
    """What the first operation of a kind is given, for several pictures, channels first.

    Args:
        model: Any network; left untouched.
        images: Normalised pictures.
        wanted: Whether this operation is the one.

    Raises:
        ValueError: If no operation is wanted, or what it is given is no map.
    """
    kept: list[Tensor] = []

    def watch(op: Op, entered: Tensor, _out: Tensor) -> None:
        if not kept and wanted(op):
            if entered.ndim != 4:
                raise ValueError(f"{op.label} is given {tuple(entered.shape)}, which is no map")
            first = entered.shape[1] == op.entering and entered.shape[2] == entered.shape[3]
            kept.append((entered if first else entered.permute(0, 3, 1, 2)).float().clone())

    ledger.observe(model, torch.tensor(images), watch)
    if not kept:
        raise ValueError("no operation of this network is the one that is wanted")
    return kept[0].numpy()


def bent(given: Float32[np.ndarray, "*shape"], bins: int = 2 * BINS) -> Bent:
    """What ReLU and GELU make of the same numbers.

    Args:
        given: What an activation is given.
        bins: Bins of the histograms.

    Raises:
        ValueError: If there is no number or one is not finite.
    """
    if not given.size or not np.isfinite(given).all():
        raise ValueError("an activation needs finite numbers")
    flat = torch.tensor(given).flatten()
    low, high = _ends(flat)
    low, high = min(low, -1.0), max(high, 1.0)
    rectified, smooth = F.relu(flat), F.gelu(flat)
    return Bent(
        low=low,
        high=high,
        before=_counts(flat, low, high, bins),
        relu=_counts(rectified[rectified != 0], low, high, bins),
        gelu=_counts(smooth[smooth != 0], low, high, bins),
        negatives=(flat < 0).float().mean().item(),
        relu_zeros=(rectified == 0).float().mean().item(),
        gelu_zeros=(smooth == 0).float().mean().item(),
        tiny=(smooth.abs() < 0.01).float().mean().item(),
    )


@dataclass(frozen=True)
class Moments:
    """What batch norm may need to know of several pictures.

    Attributes:
        mean: Of every channel of every picture, over its places.
        square: Mean of the squares, likewise.
    """

    mean: Float32[np.ndarray, "picture channel"]
    square: Float32[np.ndarray, "picture channel"]


def moments(given: Float32[np.ndarray, "picture channel row column"]) -> Moments:
    """Mean and mean square of every channel of every picture.

    Of any batch of them batch norm's mean is the mean of the means, and its variance the mean of
    the squares less the square of that mean (Ioffe & Szegedy 2015, algorithm 1).
    """
    wide = given.astype(np.float64)
    return Moments(
        mean=wide.mean(axis=(2, 3)).astype(np.float32),
        square=np.square(wide).mean(axis=(2, 3)).astype(np.float32),
    )
