"""Depthwise kernels of one block, the map they read, and the answer with other sizes."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import convolution, images
from viz_core.probe import kernels

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "convnext_nano_patch2_56"
BLOCK = 0  # counted through all stages, from 0
SIZES = (3, 5, 7, 9, 11)  # kernels cut, or filled up with zeros

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
one, given = kernels.blocks(model)[BLOCK], kernels.inputs(model, seen.pixels)[BLOCK]
outcomes = kernels.outcomes(model, seen.pixels, SIZES)

numbers = {
    "kernels": one.kernels,  # (channel, row, column): weights
    "bias": one.bias,  # (channel,): added to every value
    "given": given,  # (channel, row, column): the map that the kernels read
    "response": convolution.depthwise(
        given, one.kernels, one.bias
    ),  # (channel, row, column): the next map
    "sizes": np.array(SIZES),  # (size,): sides of the kernels
    "logits": np.stack([outcomes[size].logits for size in SIZES]),  # (size, class): with each
}
np.savez("numbers.npz", **numbers)
