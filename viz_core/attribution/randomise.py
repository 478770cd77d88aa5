"""A map that stays when the network forgets what it learned says nothing about the network.

Part by part, from the head down to the embedding, the values of every weight are shuffled among
its places, and the map is made again for the same class. Its mean, deviation and histogram stay;
what learning put where is gone. Adebayo et al. initialise anew instead: that changes the scale of
activations too, and weights that start at zero or one (norms, biases) would say so in the map.

Source: Adebayo et al. 2018, "cascading randomization" (arXiv:1810.03292).
"""

import copy
import re
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import nn

from viz_core.attribution import Attribution, Settings, Target
from viz_core.attribution.agreement import spearman
from viz_core.attribution.run import Progress, attribute

HEAD, EMBEDDING = "head", "embedding"
# layers.0.blocks.1, stages.0.blocks.1, classifier.blocks.1, layer1.0
_BLOCK = re.compile(r"(?:(?:layers|stages)\.(?P<stage>\d+)\.|^|\.)blocks\.(?P<block>\d+)\.")
_BOTTLENECK = re.compile(r"^layer(?P<stage>\d+)\.(?P<block>\d+)\.")
_BETWEEN = re.compile(r"^(?:layers|stages)\.(?P<stage>\d+)\.downsample\.")
_AFTER = ("norm.", "fc_norm.", "pre_logits.", "head.", "fc.", "attention_pool.")


@dataclass(frozen=True)
class Stage:
    """The map after one more part of the network has forgotten what it learned.

    Attributes:
        part: What forgot last, as people call it; empty for the network as it is.
        found: The map, as `attribute` gives it.
        signed: Rank correlation of its values with those of the first map; NaN if it has no order.
        absolute: The same of its absolute values.
    """

    part: str
    found: Attribution
    signed: float
    absolute: float


def parts(model: nn.Module) -> dict[str, list[str]]:
    """What a network consists of, from the head to the embedding: parameters by part.

    Statistics of batch normalisation are among them: they were learned too. What makes a map
    coarser belongs to the first block after it.

    Returns:
        "head", then "block 6" ... "block 1" (or "stage 3, block 2" ...), then "embedding".
    """
    names = [name for name, _ in model.named_parameters()]
    names += [n for n, _ in model.named_buffers() if n.endswith(("running_mean", "running_var"))]
    found: dict[tuple[int, int, int], list[str]] = {}
    for name in names:
        found.setdefault(_place(name), []).append(name)
    return {_title(place, model): found[place] for place in sorted(found, reverse=True)}


def cascade(
    name: str,
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    target: Target,
    settings: Settings | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Stage]:
    """The map of a network that forgets from the head down.

    Args:
        name: Key of `viz_core.attribution.methods.METHODS`.
        model: Any network with classes that the method suits; a private copy is what forgets.
        image: Normalised picture.
        target: What is explained, the same at every stage.
        settings: What some methods let one choose.
        seed: Of the shuffles.
        progress: Called before each map with how many are done and how many there are, also
            within a map; what it raises stops the computation and is passed on.

    Returns:
        The map of the network as it is, then one for every part of `parts`.
    """
    private = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(seed)
    order = parts(private)
    stages: list[Stage] = []
    for done, part in enumerate(["", *order]):
        if part:
            shuffle(private, order[part], generator)
        within = _within(progress, done, len(order) + 1)
        within(0, 1)
        found = attribute(name, private, image, target, settings, within)
        first = stages[0].found.values if stages else found.values
        stages.append(_compared(part, found, first))
    return stages


def shuffle(model: nn.Module, names: list[str], generator: torch.Generator) -> None:
    """Values of these parameters and buffers change places within each, in place."""
    known = dict(model.named_parameters()) | dict(model.named_buffers())
    for name in names:
        tensor = known[name].detach()
        order = torch.randperm(tensor.numel(), generator=generator)
        tensor.copy_(tensor.flatten()[order].view_as(tensor))


def _compared(part: str, found: Attribution, first: Float32[np.ndarray, "row column"]) -> Stage:
    if not np.isfinite(found.values).all():  # a network that forgot may overflow
        return Stage(part, found, float("nan"), float("nan"))
    return Stage(
        part,
        found,
        signed=spearman(first, found.values),
        absolute=spearman(np.abs(first), np.abs(found.values)),
    )


def _within(progress: Progress | None, done: int, count: int) -> Progress:
    """Progress of one map as a part of all maps, in thousandths of a map."""

    def report(step: int, steps: int) -> None:
        if progress:
            progress(1000 * done + 1000 * step // max(steps, 1), 1000 * count)

    return report


def _place(name: str) -> tuple[int, int, int]:
    """(0, 0, 0) for the embedding, (1, stage, block) for a block, (2, 0, 0) for the head."""
    if between := _BETWEEN.match(name):
        return 1, int(between["stage"]), 0
    if found := _BOTTLENECK.match(name) or _BLOCK.search(name):
        return 1, int(found["stage"] or 0), int(found["block"])
    return (2, 0, 0) if name.removeprefix("classifier.").startswith(_AFTER) else (0, 0, 0)


def _title(place: tuple[int, int, int], model: nn.Module) -> str:
    kind, stage, block = place
    if kind != 1:
        return HEAD if kind else EMBEDDING
    if hasattr(model, "layer1"):  # ResNet counts its stages from 1
        return f"stage {stage}, block {block + 1}"
    staged = hasattr(model, "layers") or hasattr(model, "stages")
    return f"stage {stage + 1}, block {block + 1}" if staged else f"block {block + 1}"
