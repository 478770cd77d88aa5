"""Erase what a map calls important: does the score fall as it promises, or as it would anyway?

Deletion erases cells, the most important first; insertion starts with nothing and puts them back
in the same order. A map is worth something if its deletion falls faster, and its insertion rises
faster, than those of orders that never looked at the network: random ones, and the middle first.

Source: Petsiuk et al. 2018, section 4.2 (arXiv:1806.07421). Whoever erases leaves what the network
was trained on: Hooker et al. 2019 (arXiv:1806.10758), Rong et al. 2022 (arXiv:2202.00449).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float32, Integer
from torch import nn

from viz_core.attribution import Target
from viz_core.attribution.erasing import (
    centre_order,
    erased,
    even_steps,
    filling,
    random_orders,
    ranked,
    switched,
)
from viz_core.attribution.run import Progress, logits, score

__all__ = [
    "Curve",
    "Mode",
    "area",
    "backwards",
    "centre_order",
    "curve",
    "erased",
    "even_steps",
    "filling",
    "random_orders",
    "ranked",
    "share",
    "switched",
]

Mode = Literal["deletion", "insertion"]


@dataclass(frozen=True)
class Curve:
    """What a network says while cells go, or come back; read-only arrays.

    Attributes:
        mode: Whether cells are erased or put back.
        order: All cells in the order in which they go or come back, row by row from 0.
        counts: Cells erased (or put back) at each step, from none to all.
        logits: What the network says at each step.
        scores: The target at each step, in logits.
        shares: The target's share at each step, in [0, 1]: the softmax over all classes; where one
            class is explained against another, its share of the two.
        auc: Area under `shares` over the share of cells erased (or put back), by the trapezoid
            rule, in [0, 1]. Low is good for deletion, high for insertion.
    """

    mode: Mode
    order: Integer[np.ndarray, " cell"]
    counts: Integer[np.ndarray, " step"]
    logits: Float32[np.ndarray, "step classes"]
    scores: Float32[np.ndarray, " step"]
    shares: Float32[np.ndarray, " step"]
    auc: float


def curve(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    order: Integer[np.ndarray, " cell"],
    target: Target,
    cells: int,
    *,
    filling: Float[np.ndarray, "1 3 height width"],
    mode: Mode = "deletion",
    steps: int | None = None,
    progress: Progress | None = None,
) -> Curve:
    """What a network says while cells are erased in an order, or put back in it.

    Erasing the least important first is insertion read from its end.

    Args:
        model: Any network with classes; left untouched.
        image: Normalised picture.
        order: All cells, the most important first; see `ranked`.
        target: What the shares and scores are of.
        cells: Side of the grid.
        filling: What comes in place of an erased cell; see `filling`.
        mode: Whether cells are erased or put back.
        steps: Into how many steps, as even as whole cells allow; None for `even_steps`. The
            network sees one picture more than there are steps.
        progress: Called between passes with how many pictures are done and how many there are;
            what it raises stops the computation and is passed on.

    Raises:
        ValueError: If order, steps or target do not fit.
    """
    wanted = even_steps(cells) if steps is None else steps
    if not 1 <= wanted <= cells**2:
        raise ValueError(f"{cells**2} cells go in 1 to {cells**2} steps, got {wanted}")
    counts = np.linspace(0, cells**2, wanted + 1).round().astype(int)
    if mode == "insertion":  # the first to come back is the last to be gone
        images = erased(image, order[::-1], cells**2 - counts, cells, filling)
    else:
        images = erased(image, order, counts, cells, filling)
    said = logits(model, images, progress).astype(np.float32)
    return _read(mode, order, counts, said, target)


def backwards(known: Curve, target: Target) -> Curve:
    """The curve of the other mode for the reversed order: the same pictures from the other end.

    So a random order needs to be run only once for both modes.
    """
    mode: Mode = "insertion" if known.mode == "deletion" else "deletion"
    counts = known.order.size - known.counts[::-1]
    return _read(mode, known.order[::-1].copy(), counts, known.logits[::-1].copy(), target)


def share(
    logits: Float[np.ndarray, "picture classes"], target: Target
) -> Float[np.ndarray, " picture"]:
    """The target's share of the prediction, in [0, 1]; of the two where it is against another.

    Raises:
        ValueError: If there is no such class.
    """
    said = torch.from_numpy(logits).double()
    ahead = score(said, target)
    if target.against is not None:
        return ahead.sigmoid().numpy()
    return said.softmax(dim=1)[:, target.label].numpy()


def area(shares: Float[np.ndarray, " step"], counts: Integer[np.ndarray, " step"]) -> float:
    """Area under shares over the share of cells, by the trapezoid rule; see `Curve.auc`."""
    return float(np.trapezoid(shares.astype(np.float64), counts / counts[-1]))


def _read(
    mode: Mode, order: np.ndarray, counts: np.ndarray, said: np.ndarray, target: Target
) -> Curve:
    shares = share(said, target).astype(np.float32)
    found = Curve(
        mode,
        order.copy(),
        counts,
        said,
        score(torch.from_numpy(said), target).numpy().copy(),
        shares,
        area(shares, counts),
    )
    for one in (found.order, found.counts, found.logits, found.scores, found.shares):
        one.flags.writeable = False
    return found
