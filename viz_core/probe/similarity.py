"""Tokens of every layer of any network of the catalog, as grids."""

import re
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from models.tap import Tap, record, taps

# Where streams of tokens or maps are kept whole: after the embedding and after each block.
_STREAM = re.compile(r"(^|\.)(embedded|resid_post)$")
_TOKENS = ("batch", "token", "width")


@dataclass(frozen=True)
class Layer:
    """The tokens that leave one layer.

    Attributes:
        name: Its tap.
        side: Tokens along one side.
        vectors: Row by row from the top left, without class token and registers; read-only.
    """

    name: str
    side: int
    vectors: Float32[np.ndarray, "token width"]


def stream(model: nn.Module) -> list[str]:
    """Taps after the embedding and after each block, in the order of the network.

    Raises:
        KeyError: If the network has none.
    """
    found = [name for name, tap in taps(model).items() if _fits(name, tap)]
    first = [name for name in found if name.endswith("embedded")]
    if not found:
        raise KeyError("this network keeps no tokens that could be compared")
    return [*first, *(name for name in found if name not in first)]


def _fits(name: str, tap: Tap) -> bool:
    spatial = {"row", "column"} <= set(tap.axes)
    return bool(_STREAM.search(name)) and (spatial or tap.axes == _TOKENS)


def tokens(model: nn.Module, image: Float[np.ndarray, "1 3 height width"]) -> list[Layer]:
    """Tokens of every layer for one square picture, in one forward pass.

    Args:
        model: A ViT, a Swin, a compact transformer or a convolutional network; left untouched.
        image: Normalised.

    Raises:
        KeyError: If the network keeps no tokens.
    """
    names = stream(model)
    axes = {name: tap.axes for name, tap in taps(model).items()}
    with torch.inference_mode(), record(model, *names) as trace:
        model(torch.tensor(image))
    return [_layer(name, trace[name], axes[name]) for name in names]


def _layer(name: str, x: Tensor, axes: tuple[str, ...]) -> Layer:
    if axes == _TOKENS:
        # A class token and registers come first; what is left is a square.
        side = int(x.shape[1] ** 0.5)
        flat = x[0, x.shape[1] - side**2 :]
    else:
        (width,) = set(axes) - {"batch", "row", "column"}
        places = x.permute([axes.index(name) for name in ("batch", "row", "column", width)])[0]
        side, flat = places.shape[0], places.flatten(0, 1)
    vectors = np.ascontiguousarray(flat.float().numpy())
    vectors.flags.writeable = False
    return Layer(name, side, vectors)
