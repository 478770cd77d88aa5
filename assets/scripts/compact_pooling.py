"""What the head of a compact transformer reads, and the answer without each place."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.probe import compact

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "cct_2_3x2_32"

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
look = compact.look(model, seen.pixels)

numbers = {
    "weights": look.weights,  # (place,): share of each place in what is read
    "logits": look.logits,  # (class,): what the head returns
    "without": look.without,  # (place, class): logits with each place left out
    "last_attention": look.patterns[-1].mean(axis=0),  # (query, key): mean of heads
    "skips": np.array(look.skips),  # (layer,): share of the skip connection, by length
}
np.savez("numbers.npz", **numbers)
