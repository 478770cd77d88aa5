"""Feature maps: every channel of one map, and what it adds to the likeliest classes."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.probe import conv

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "convnext_nano_patch2_56"
MAP = "stages.2.blocks.1.resid_post"  # see `places` for all of them
CLASSES = 3  # how many of the likeliest are explained

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
places = {place.name: place for place in conv.places(model)}
look = conv.look(model, seen.pixels, [places[MAP]], CLASSES)

numbers = {
    "maps": look.maps[MAP],  # (row, column, channel): values of the map
    "drive": look.drives[MAP],  # (class, channel): added to the logit, to first order
    "classes": np.array(look.classes),  # (class,): which ones, likeliest first
    "logits": look.logits,  # (class,): what the head returns
}
np.savez("numbers.npz", **numbers)
