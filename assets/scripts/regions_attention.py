"""The fewest places of a picture that hold a share of what is read from them."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import attention, images
from viz_core.probe import tokens

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"
MAP = 5  # layer with a class token, from 0; else 0: pooling or rollout has a single map
HEAD = 5  # from 0; the number of heads stands for their mean
SHARE = 0.6  # of all that the places get

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
mass = tokens.look(model, seen.pixels).masses[MAP]
shares = (*mass.heads, mass.heads.mean(axis=0))[HEAD]

numbers = {
    "shares": shares.reshape(mass.grid),  # (row, column): what is read from each place
    "mask": attention.mass_mask(shares, SHARE).reshape(mass.grid),  # (row, column): in the mask
}
np.savez("numbers.npz", **numbers)
