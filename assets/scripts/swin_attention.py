"""Attention in windows: one block of a Swin, its windows put back on the map."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.probe import windowed

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "swin_nano_patch2_window7_56"
BLOCK = 1  # counted through all stages, from 0
HEAD = 0

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
look = windowed.attention(model, seen.pixels)
block = look.blocks[BLOCK]

numbers = {
    "attention": block.patterns[:, HEAD],  # (window, query, key): shares; rows sum to 1
    "tokens": block.tokens,  # (window, slot): index on the map, row by row; -1 where filled up
    "regions": block.regions,  # (window, slot): slots with the same number may see each other
    "grid": np.array(block.grid),  # (side,): rows and columns of the map
    "shift": np.array(block.shift),  # tokens by which the map is rolled first
    "logits": look.logits,  # (class,): what the head returns
}
np.savez("numbers.npz", **numbers)
