"""Messages of the step Ablate: all heads one by one, and many or two of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from viz_core import patch_frames
from viz_core.attribution import Target
from viz_core.heads import wire


@dataclass(frozen=True)
class Curve:
    """Heads taken away one after another.

    Attributes:
        order: Heads as (layer, head), from 0.
        logits: After each of the counts.
    """

    order: Sequence[tuple[int, int]]
    logits: Float[np.ndarray, "_count _classes"]


def ablate(
    subject: wire.Subject,
    *,
    effects: tuple[Sequence[np.ndarray], np.ndarray] | None,
    looks: Sequence[Any],
    by: str,
    target: Target,
) -> bytes:
    """The map of all heads, with where each looks.

    Args:
        subject: Picture and network.
        effects: Logits without each head, (head, classes) for every layer, and without the
            attention and the MLP of every layer, (layer, 2, classes); None while not measured.
        looks: One `probe.gaze.Gaze` a layer.
        by: What takes the place of a head: "zero" or "mean".
        target: What the server takes the class to be.

    Raises:
        ValueError: If there is not one of each for every layer.
    """
    count = len(subject.layers)
    singles, branches = effects or ((), np.zeros(0))
    if len(looks) != count or (effects and not len(singles) == len(branches) == count):
        raise ValueError(f"{count} layers, {len(singles)}, {len(branches)} and {len(looks)} parts")
    layers = [
        {"heads": len(look.shares), "rows": look.grid[0], "columns": look.grid[1]} for look in looks
    ]
    top = wire.header("ablate", subject, target) | {
        "by": by, "sizes": layers, "measured": effects is not None,
        "reads_class": looks[0].read is not None,
    }  # fmt: skip
    return patch_frames.pack(
        top, picture=subject.picture, whole=wire.floats(subject.logits),
        singles=wire.floats(*singles), branches=wire.floats(branches),
        shares=wire.floats(*(look.shares for look in looks)),
        read=wire.floats(*(look.read for look in looks if look.read is not None)),
        entropy=wire.floats(*(look.entropy for look in looks)),
        distance=wire.floats(*(look.distance for look in looks)),
    )  # fmt: skip


def together(
    subject: wire.Subject,
    *,
    target: Target,
    by: str,
    counts: Sequence[int],
    curves: Mapping[str, Curve],
    random: Sequence[Float[np.ndarray, "_some _classes"]],
    sparse: Sequence[int],
    layer: int,
    beyond: Float[np.ndarray, "head head"],
    alone: Float[np.ndarray, " head"],
) -> bytes:
    """Many heads away at once, and two of one layer.

    Args:
        subject: Picture and network.
        target: What is asked about.
        by: What takes the place of a head.
        counts: How many heads are away at each point of the curves.
        curves: "helpful" and "harmful" first.
        random: Logits for heads in a random order, one table a draw.
        sparse: Which of the counts the tables of the draws are for.
        layer: Whose pairs these are, from 0.
        beyond: What two heads do beyond the sum of each, in logits of the target.
        alone: What each does alone.

    Raises:
        ValueError: If a curve or a draw has not one row a count.
    """
    if any(len(one.logits) != len(counts) for one in curves.values()):
        raise ValueError(f"{len(counts)} counts need as many rows of logits")
    if any(len(table) != len(sparse) for table in random):
        raise ValueError(f"{len(sparse)} counts of random orders need as many rows of logits")
    top = wire.header("together", subject, target) | {
        "by": by, "counts": list(counts), "layer": layer, "sparse": list(sparse),
        "beyond": wire.short(beyond), "alone": wire.short(alone),
        "curves": {
            name: {
                "order": [list(head) for head in one.order],
                "scores": wire.short(wire.scores(one.logits, target)),
                "guesses": [wire.guesses(row, subject.labels) for row in one.logits],
            }
            for name, one in curves.items()
        },
        "random": [wire.short(wire.scores(table, target)) for table in random],
    }  # fmt: skip
    return patch_frames.pack(top)
