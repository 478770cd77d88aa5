"""One signature for all methods."""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from viz_core.attribution import Attribution, Settings, Target
from viz_core.attribution.methods import METHODS

Progress = Callable[[int, int], None]


def score(logits: Float[Tensor, "picture classes"], target: Target) -> Float[Tensor, " picture"]:
    """The target of each picture, in logits."""
    chosen = logits[:, target.label]
    return chosen if target.against is None else chosen - logits[:, target.against]


def attribute(
    name: str,
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    target: Target,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """What counted for a target, by one of `METHODS`.

    Args:
        name: Key of `METHODS`.
        model: Any network with classes that the method suits; left untouched: nothing is
            registered on it, and its parameters get no gradient.
        image: Normalised picture.
        target: What is explained.
        settings: What some methods let one choose.
        progress: Called between passes with how many are done and how many there are; what it
            raises stops the computation and is passed on.

    Raises:
        KeyError: If there is no such method.
        ValueError: If the network lacks what the method reads, or has no such class.
    """
    method = METHODS[name]
    start = torch.tensor(image, requires_grad=True)
    value = score(model(start), target)[0]
    (slope,) = torch.autograd.grad(value, start)
    values = slope[0].abs().amax(dim=0).numpy()
    values.flags.writeable = False
    return Attribution(values, method.signed, "logit per unit of input", value.item())
