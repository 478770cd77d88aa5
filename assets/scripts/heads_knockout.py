"""Attention knockout: some tokens may not read some patches, and the same shape elsewhere."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.probe import knockout

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"
SOURCES = (1,)  # tokens that are not read, from 0, prefix included
READERS = (0,)  # tokens that may not read them
FIRST = 0  # first layer in which that holds, from 0
LAST = 5  # last one, included
GRID = 14  # patches along one side
PREFIX = 1  # tokens before the first patch
DRAWS = 7  # other places for the same shape

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
pixels = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing)).pixels
own = knockout.Cut(SOURCES, READERS, FIRST, LAST)
elsewhere = knockout.elsewhere(own, GRID, PREFIX, DRAWS)
logits = knockout.cut(model, pixels, [own, *elsewhere])

numbers = {
    "sources": np.array(SOURCES, dtype=int),  # (token,): not read
    "logits": logits[0],  # (class,): what the head says then
    "elsewhere": logits[1:],  # (draw, class): for the same shape in other places
}
np.savez("numbers.npz", **numbers)
