"""What the network says when nobody may read one patch from a layer on, for every patch."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.probe import knockout

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"
FIRST = 0  # layer, from 0
PATCHES = 196
PREFIX = 1  # tokens before the first patch
PART = 28  # patches at once

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
pixels = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing)).pixels
everybody = range(PREFIX + PATCHES)
logits = [
    knockout.each_patch(model, pixels, FIRST, range(k, min(k + PART, PATCHES)), everybody, PREFIX)
    for k in range(0, PATCHES, PART)
]

numbers = {
    "logits": np.concatenate(logits),  # (patch, class): nobody else reads that patch
}
np.savez("numbers.npz", **numbers)
