"""How long a network takes beside another one, on a machine that is never quite quiet."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

ENOUGH_SECONDS = 1.2  # after this long no further pair is begun
FEWEST_PAIRS = 3


@dataclass(frozen=True)
class Paired:
    """Two runs against each other.

    Attributes:
        seconds: Of the fastest run of the first.
        ratio: Median of the pairs: the first's time over the second's.
    """

    seconds: float
    ratio: float


def paired(run: Callable[[], object], other: Callable[[], object], pairs: int = 7) -> Paired:
    """Run both in turns, so that whatever else the machine does falls on both.

    Args:
        run: What is measured.
        other: What it is compared with.
        pairs: Pairs at most; at least three are run, and fewer than `pairs` once they took long.

    Raises:
        ValueError: If `pairs` is below 1.
    """
    if pairs < 1:
        raise ValueError(f"at least one pair is needed, got {pairs}")
    with torch.inference_mode():
        run()
        other()
        began, times = time.perf_counter(), []
        for pair in range(pairs):
            if pair % 2:
                second, first = _seconds(other), _seconds(run)
            else:
                first, second = _seconds(run), _seconds(other)
            times.append((first, second))
            if pair + 1 >= FEWEST_PAIRS and time.perf_counter() - began > ENOUGH_SECONDS:
                break
    found = np.array(times)
    return Paired(
        seconds=float(found[:, 0].min()), ratio=float(np.median(found[:, 0] / found[:, 1]))
    )


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def filled(model: nn.Module, seed: int = 0) -> nn.Module:
    """A network that was built on the meta device, with random weights: enough to time it.

    Args:
        model: Has shapes but no memory yet.
        seed: Of the weights.

    Returns:
        The same network in evaluation mode, on the CPU.
    """
    made = model.to_empty(device="cpu").eval()
    source = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in made.parameters():
            weight.normal_(0, 0.02, generator=source)
        for name, buffer in made.named_buffers():
            buffer.fill_(float(name.endswith("var")))
    return made.requires_grad_(False)
