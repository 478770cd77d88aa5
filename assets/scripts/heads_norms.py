"""How long every token is after every layer, and how much attention it gets."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.probe import norms

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
pixels = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing)).pixels
depths = norms.measure(model, pixels)
unread = [
    np.full(len(one.norms), np.nan) if one.received is None else one.received for one in depths
]

numbers = {
    "depth": np.repeat(
        range(len(depths)), [len(one.norms) for one in depths]
    ),  # (token,): 0: embedding
    "norm": np.concatenate([one.norms for one in depths]),  # (token,): length, prefix first
    "received": np.concatenate(unread),  # (token,): times the even share; NaN where no layer reads
}
np.savez("numbers.npz", **numbers)
