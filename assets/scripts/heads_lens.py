"""The logit lens: what the head says after every layer, of its own token and of every patch."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.probe import lens

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
pixels = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing)).pixels
found = lens.read(model, pixels)

numbers = {
    "first": np.array(found.first),  # (): depth of the first row; 0 is the embedding
    "reader": found.reader,  # (depth, class): logits of what the head reads
    "best": found.places.argmax(axis=-1),  # (depth, patch): class read of each patch
    "score": found.places.max(axis=-1),  # (depth, patch): its logit
}
np.savez("numbers.npz", **numbers)
