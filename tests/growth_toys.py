"""A training that never was: random compact transformers that drift to other random weights."""

from pathlib import Path

import numpy as np
import torch

from models import film
from models.catalog_compact import COMPACT
from models.compact import VARIANTS, Compact
from viz_core.growth_reading import Growth

NAMES = ("cct_2_3x2_32", "vit_lite_2_4_32")
SHARES = (0.0, 0.01, 0.1, 1.0)
STEPS = 1000
ENTRIES = {entry.name: entry for entry in COMPACT}


def states(name=NAMES[0], count=4):
    """State dicts from one set of random weights to another, in equal steps."""
    nets = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        nets.append(Compact(VARIANTS[name]).state_dict())
    shares = [k / (count - 1) for k in range(count)]
    return [
        {key: torch.lerp(nets[0][key], 4 * nets[1][key], share) for key in nets[0]}
        for share in shares
    ]


def write_films(folder: Path) -> None:
    """A film of each of `NAMES`."""
    for name in NAMES:
        moments = [
            film.Frame(round(STEPS * share), share, weights)
            for share, weights in zip(SHARES, states(name), strict=True)
        ]
        scores = [{"top1": 10.0 + 20 * k, "nats": 2.3 - 0.3 * k} for k in range(len(moments))]
        film.write(folder / f"{name}.film.safetensors", moments, scores)


def random_growth(seed=0, moments=3, grid=(2, 3), prefix=0, labels=4):
    """Arrays as a network might give them."""
    rng = np.random.default_rng(seed)
    places = grid[0] * grid[1]
    tokens = places + prefix

    def shares(*shape):
        weights = rng.random(shape) + 1e-3
        return (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32)

    unit = rng.standard_normal((moments, places, 5))
    unit /= np.linalg.norm(unit, axis=-1, keepdims=True)
    return Growth(
        logits=rng.standard_normal((moments, labels)).astype(np.float32),
        patterns=shares(moments, 2, 2, tokens, tokens),
        reading=shares(moments, places),
        cosines=np.clip(unit @ unit.transpose(0, 2, 1), -1, 1),
        kernels=rng.standard_normal((moments, 5, 3, 3, 3)).astype(np.float32),
        answers=rng.standard_normal((moments, 5, 4, 6)).astype(np.float32),
        grid=grid,
    )
