"""What the head would say if the network ended earlier: of its own token, and of every patch.

The head was trained on what leaves the last layer. What it says of earlier layers is a reading of
directions that it knows, not what the network thinks there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from models.tap import record
from viz_core.probe.fork import layers


@dataclass(frozen=True)
class Lens:
    """One picture read by the head after every layer; read-only float32 logits.

    Attributes:
        reader: What the head itself reads: class token, mean or pooled tokens.
        places: Each patch alone, through the same norm and head.
        first: Depth of the first row: 0 is the embedding, before any layer. Swin's head fits the
            width of its last stage only, so its rows begin there.
    """

    reader: Float32[np.ndarray, "depth classes"]
    places: Float32[np.ndarray, "depth place classes"]
    first: int


def read(model: nn.Module, image: Float[np.ndarray, "1 3 height width"]) -> Lens:
    """The head's reading of the stream after the embedding and after every layer.

    A class token is normalised and read, and so is a patch. Where patches are averaged first
    (`pool="average"`), the norm comes after the mean: a patch is read as if it were that mean.
    Sequence pooling and Swin normalise each token before they are joined, so their answer is
    the weighted, or plain, mean of what is read of the patches of the last layer.

    Args:
        model: A ViT, compact transformer or Swin with classes; left untouched.
        image: Normalised picture.

    Raises:
        ValueError: If the network has no heads, or no classes.

    Source:
        nostalgebraist 2020, "interpreting GPT: the logit lens"; for ViTs Vilas et al. 2023
        (arXiv:2310.18969), section 3.
    """
    found = layers(model)
    names = [found[0].before, *(layer.after for layer in found)]
    if not cast(Any, model).cfg.classes:
        raise ValueError("a network without classes has no head to read with")
    with torch.inference_mode(), record(model, *names) as trace:
        model(torch.tensor(image))
        reader, places = _heads(model)
        streams = [trace[name] for name in names]
        width = streams[-1].shape[-1]
        known = [k for k, stream in enumerate(streams) if stream.shape[-1] == width]
        own = torch.cat([reader(streams[k]) for k in known])
        each = torch.cat([places(streams[k]) for k in known])
    result = Lens(own.float().numpy(), each.float().numpy(), known[0])
    result.reader.flags.writeable = result.places.flags.writeable = False
    return result


Reading = Callable[[Tensor], Tensor]


def _heads(model: nn.Module) -> tuple[Reading, Reading]:
    """From a stream to (1, classes) and to (1, place, classes)."""
    network = cast(Any, model)
    if hasattr(network, "classifier"):
        return _compact(model)
    if hasattr(network, "layers"):
        return (
            lambda x: network.head(network.norm(x).mean(dim=(1, 2))),
            lambda x: network.head(network.norm(x).flatten(1, 2)),
        )
    prefix, average = network.cfg.prefix, network.cfg.pool == "average"

    def decoded(x: Tensor) -> Tensor:
        return network.head(network.pre_logits(network.fc_norm(network.norm(x))))

    def reader(x: Tensor) -> Tensor:
        return decoded(x[:, prefix:].mean(dim=1) if average else x[:, 0])

    return reader, lambda x: decoded(x[:, prefix:])


def _compact(model: nn.Module) -> tuple[Reading, Reading]:
    classifier = cast(Any, model).classifier
    prefix = classifier.cfg.prefix
    return (
        lambda x: classifier.fc(classifier.pool(classifier.norm(x))),
        lambda x: classifier.fc(classifier.norm(x[:, prefix:])),
    )
