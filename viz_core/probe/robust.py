"""What a network says of many pictures, a few at a time."""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import nn

BATCH = 8  # small ones answer a Stop soon, and larger ones are no faster on a processor


def logits(
    model: nn.Module,
    images: Float[np.ndarray, "picture 3 height width"],
    progress: Callable[[int], None] | None = None,
    batch: int = BATCH,
) -> Float32[np.ndarray, "picture classes"]:
    """Output of the head for every picture.

    Args:
        model: Any network that takes pictures; left untouched.
        images: Normalised.
        progress: Called after each batch with how many pictures are done; what it raises stops
            the computation and is passed on.
        batch: Pictures that pass at once.

    Raises:
        ValueError: If there is no picture or a batch holds none.
    """
    if not len(images) or batch < 1:
        raise ValueError(f"{len(images)} pictures in batches of {batch}: there is nothing to do")
    found = []
    for at in range(0, len(images), batch):
        with torch.inference_mode():
            found.append(model(torch.tensor(images[at : at + batch])).float().numpy())
        if progress:
            progress(min(at + batch, len(images)))
    return np.concatenate(found)
