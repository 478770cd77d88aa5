"""Queries, keys and the residual stream of a network, for the labs of "Attention from zero"."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from models.tap import record


@dataclass(frozen=True)
class QueriesKeys:
    """Queries and keys of every layer of one forward pass; read-only.

    Attributes:
        queries: (layer, head, token, head width), not yet divided by the root of that width.
        keys: The same for the keys.
    """

    queries: Float[np.ndarray, "layer head token width"]
    keys: Float[np.ndarray, "layer head token width"]


def queries_keys(model: nn.Module, image: Float[np.ndarray, "1 3 height width"]) -> QueriesKeys:
    """Queries and keys of every layer and head.

    Args:
        model: A model with `blocks.*.attn`; left untouched.
        image: Normalised picture.

    Raises:
        KeyError: If the architecture has no such attention.
    """
    places = "blocks.*.attn.query", "blocks.*.attn.key"
    with torch.inference_mode(), record(model, *places) as trace:
        model(torch.from_numpy(image))
    queries, keys = (torch.cat(trace.all(place)).numpy() for place in places)
    queries.flags.writeable = keys.flags.writeable = False
    return QueriesKeys(queries, keys)


def residuals(
    model: nn.Module, image: Float[np.ndarray, "1 3 height width"]
) -> Float[np.ndarray, "layer token channel"]:
    """The residual stream after every block, read-only: what the next block's norm receives.

    Raises:
        KeyError: If the architecture has no `blocks.*.resid_post`.
    """
    with torch.inference_mode(), record(model, "blocks.*.resid_post") as trace:
        model(torch.from_numpy(image))
    stream = torch.cat(trace.all("blocks.*.resid_post")).numpy()
    stream.flags.writeable = False
    return stream
