"""What each way of asking why costs, in forward passes of the same network and picture.

`python -m benchmarks.attribution_cost [NETWORK ...]` prints a table: measured, and announced in
brackets. One thread, in that thread's own time, so that neighbours on the machine count little;
every measurement stands between two plain passes, and long methods are measured once.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import nn

from models import weights
from models.catalog import CATALOG, Shipped
from models.vit import ViT, ViTConfig
from viz_core.attribution import Settings, Target
from viz_core.attribution.methods import METHODS, Method
from viz_core.attribution.question import shape_of
from viz_core.attribution.run import attribute

LARGE = "ViT-B/16, untrained"
# Passes after which a measurement is not repeated further: quick methods are noisy, long ones not.
ENOUGH = 60
MOST_ROUNDS, WARM = 21, 2


def classifiers() -> list[str]:
    """Shipped networks that name classes, and the size of a published one: only time is asked."""
    shipped = [n for n, e in CATALOG.items() if isinstance(e.weights, Shipped) and e.labels]
    return [*shipped, LARGE]


def network(name: str) -> tuple[nn.Module, int]:
    """A network and the side of its pictures."""
    if name == LARGE:
        model = ViT(ViTConfig(width=768, heads=12)).eval().requires_grad_(False)
        return model, model.cfg.image_size
    return weights.load(name), CATALOG[name].preprocessing.size


def seconds(run: Callable[[], object]) -> float:
    """Time of one call in this thread."""
    began = time.thread_time()
    run()
    return time.thread_time() - began


def ratio(method: Callable[[], object], forward: Callable[[], object], rounds: int) -> float:
    """Median of a method's time over the mean of the passes before and after it."""
    found = []
    before = seconds(forward)
    for _ in range(rounds):
        own, after = seconds(method), seconds(forward)
        found.append(2 * own / (before + after))
        before = after
    return statistics.median(found)


def plain(model: nn.Module, image: torch.Tensor) -> torch.Tensor:
    """Logits alone."""
    with torch.inference_mode():
        return model(image)


def costs(name: str, methods: Sequence[Method]) -> dict[str, tuple[float, float]]:
    """Measured and announced cost of every method that suits a network."""
    torch.manual_seed(0)
    model, side = network(name)
    image = np.random.default_rng(0).normal(size=(1, 3, side, side)).astype(np.float32)
    forward = partial(plain, model, torch.from_numpy(image))
    shape, settings, found = shape_of(model, side), Settings(), {}
    for _ in range(WARM):
        forward()
    for method in methods:
        if not method.suits(getattr(model, "views", {})):
            continue
        ask = partial(attribute, method.name, model, image, Target(1), settings)
        passes = method.passes(shape, settings)
        rounds = max(1, min(MOST_ROUNDS, round(ENOUGH / passes)))
        if rounds > 1:
            ask()
        found[method.name] = ratio(ask, forward, rounds), passes
    return found


def main(names: Sequence[str] = ()) -> None:
    """Print one table for all networks."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    columns = {name: costs(name, tuple(METHODS.values())) for name in names or classifiers()}
    torch.set_num_threads(threads)
    print("Attribution: time over one forward pass, measured (announced); 1 thread, its own time")
    print("| method | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, method in METHODS.items():
        cells = [
            "{:.2f} ({:.2f})".format(*column[name]) if name in column else "–"
            for column in columns.values()
        ]
        print(f"| {method.title} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
