"""Tokens of two pictures in one layer: cosines of all pairs, and mutual nearest neighbours."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.probe import similarity as probe
from viz_core.similarity import cosines, mutual, without_mean

PICTURE = "assets/gallery/cat.jpg"
OTHER = "assets/gallery/cat_and_dog_collage.jpg"
NETWORK = "vit_nano_patch4_56"
LAYER = 3  # 0 is the embedding
CENTRED = True  # whether each picture's mean token is taken off

model, how = load(NETWORK), CATALOG[NETWORK].preprocessing
sets = []
for path in (PICTURE, OTHER):
    pixels = images.prepare(images.decode(Path(path).read_bytes()), **vars(how)).pixels
    tokens = probe.tokens(model, pixels)[LAYER].vectors
    sets.append(without_mean(tokens) if CENTRED else tokens)
pairs = mutual(*sets)

numbers = {
    "cosines": cosines(*sets),  # (token, token): of the first picture and of the second
    "pairs": np.stack([pairs.one, pairs.other], axis=1),  # (pair, token): each other's nearest
    "likeness": pairs.cosine,  # (pair,): their cosines, the likest pair first
}
np.savez("numbers.npz", **numbers)
