"""Run a model once and bring what a view needs to numpy: the only torch in viz_core."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from models.tap import record


@dataclass(frozen=True)
class Look:
    """One picture seen by one model; read-only arrays, shared between visitors.

    Attributes:
        patterns: Softmax weights (layer, head, query, key), float32; rows sum to 1.
        logits: What the head returns: logits, or pooled features where there is no head.
    """

    patterns: Float[np.ndarray, "layer head query key"]
    logits: Float[np.ndarray, " classes"]

    @property
    def nbytes(self) -> int:
        """Memory that the arrays hold, in bytes."""
        return self.patterns.nbytes + self.logits.nbytes


def attention(model: nn.Module, image: Float[np.ndarray, "1 3 height width"]) -> Look:
    """Attention of every layer and the output of one forward pass.

    Args:
        model: A model whose `views` name a "global attention"; left untouched.
        image: Normalised picture.

    Raises:
        KeyError: If the architecture has no global attention (Swin, ConvNeXt).
    """
    where = str(model.views["global attention"])  # type: ignore[index]
    with torch.inference_mode(), record(model, where) as trace:
        logits = model(torch.from_numpy(image))[0]
    patterns = torch.cat(list(trace.tensors.values())).numpy()
    output = logits.numpy()
    patterns.flags.writeable = output.flags.writeable = False
    return Look(patterns, output)
