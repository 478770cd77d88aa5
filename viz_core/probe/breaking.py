"""What a network says of a broken picture, with its positions and without."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from models.tap import record
from viz_core import window_rollout
from viz_core.probe import swin


@dataclass(frozen=True)
class Reaction:
    """One pass of one picture; read-only arrays.

    Attributes:
        logits: What the head returns.
        attention: What the class token takes from each patch in the last layer, mean of the
            heads; the mean of the patches' rows where there is no class token. For a network of
            windows the rollout to what its head reads, on its first map. None for a network
            without attention.
    """

    logits: Float[np.ndarray, " classes"]
    attention: Float[np.ndarray, " patch"] | None


def has_positions(model: nn.Module) -> bool:
    """Whether a network adds positions to its patches, so that they can be taken away."""
    return isinstance(getattr(model, "patches", None), nn.Module) and hasattr(model, "positions")


def react(
    model: nn.Module, image: Float[np.ndarray, "1 3 side side"], *, positions: bool = True
) -> Reaction:
    """Logits and attention of one forward pass.

    Args:
        model: Any network that takes pictures; left untouched.
        image: Normalised square picture.
        positions: False gives every patch the same position, the mean of all of them.

    Raises:
        ValueError: If positions are to go that the network does not have.
    """
    views: dict[str, str] = getattr(model, "views", {})
    where = [views[view] for view in ("global attention", "window attention") if view in views]
    edits = {} if positions else _same_positions(model)
    with torch.inference_mode(), record(model, *where, edits=edits) as trace:
        logits = model(torch.from_numpy(image))[0].numpy()
    logits.flags.writeable = False
    if not where:
        return Reaction(logits, None)
    if "window attention" in views:
        return Reaction(logits, _through_windows(model, image, trace.all(where[0])))
    last = list(trace.tensors.values())[-1][0].mean(dim=0)  # (query, key)
    prefix: int = getattr(getattr(model, "cfg", None), "prefix", 0)
    row = (last[0] if prefix else last.mean(dim=0))[prefix:].numpy()
    row.flags.writeable = False
    return Reaction(logits, row)


def _through_windows(
    model: nn.Module, image: np.ndarray, patterns: list[Tensor]
) -> Float[np.ndarray, " patch"]:
    """Where the mean of the last map came from, through every block of windows."""
    cuts = [cut for stage in swin.layouts(model, *image.shape[-2:]) for cut in stage]
    blocks = [
        window_rollout.block(pattern[0].numpy(), cut)
        for pattern, cut in zip(patterns, cuts, strict=True)
    ]
    row = window_rollout.rollout_row(blocks).ravel()
    row.flags.writeable = False
    return row


def shares(
    model: nn.Module,
    images: Float[np.ndarray, "picture 3 side side"],
    chosen: int,
    *,
    positions: bool = True,
) -> Float[np.ndarray, " picture"]:
    """Share of one class in many pictures at once, in [0, 1].

    Args:
        model: Any network that takes pictures; left untouched.
        images: Normalised square pictures.
        chosen: Index of the class.
        positions: As in `react`.

    Raises:
        ValueError: If positions are to go that the network does not have.
    """
    edits = {} if positions else _same_positions(model)
    with torch.inference_mode(), record(model, edits=edits):
        logits = model(torch.from_numpy(images))
    return logits.double().softmax(dim=-1)[:, chosen].numpy()


def _same_positions(model: nn.Module) -> dict[str, Callable[[Tensor], Tensor]]:
    """Edits after which no patch knows its place: each gets the mean of all positions.

    Zero in their place would also move every token away from where the blocks expect it.
    """
    if not has_positions(model):
        raise ValueError(f"{type(model).__name__} adds no positions that could be taken away")
    seen: list[Tensor] = []

    def keep(patches: Tensor) -> Tensor:
        seen.append(patches)
        return patches

    def embedded(tokens: Tensor) -> Tensor:
        (patches,) = seen
        count = patches.shape[1]
        table: Tensor = model.positions((isqrt(count), isqrt(count)))  # type: ignore[operator]
        mean = table[:, -count:].mean(dim=1, keepdim=True)
        return torch.cat([tokens[:, :-count], patches + mean], dim=1)

    return {"patches": keep, "embedded": embedded}
