"""A picture becomes a sequence: its patches, their tokens, and what the network makes of them."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images, patches
from viz_core.probe import patches as probe

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"
COMPONENTS = 28  # how many of the kernels' principal components

entry, model = CATALOG[NETWORK], load(NETWORK)
seen = images.prepare(images.decode(Path(PICTURE).read_bytes()), **vars(entry.preprocessing))
look = probe.look(model, seen.pixels)
readings = probe.readings(model, look.blocks[-1])
found = patches.components(probe.kernels(model), COMPONENTS)
rows = patches.cut(seen.pixels[0], entry.config.patch_size)

numbers = {
    "pixels": rows,  # (patch, number): normalised red, then green, then blue, row by row
    "tokens": look.patches,  # (patch, number): each patch after the patch embedding
    "embedded": look.embedded,  # (token, number): with class token and positions
    "last_block": look.blocks[-1],  # (token, number): what the last block hands on
    "last_attention": look.pattern,  # (query, key): mean over the last block's heads, shares
    "logits": look.logits,  # (class,): what the head returns
    "logits_of_patches": readings.of_patches,  # (patch, class): the head on each patch alone
    "kernel_components": found.tiles,  # (component, colour, row, column): unit vectors
    "kernel_shares": found.shares,  # (component,): share of the kernels' variance
    "component_answers": patches.answers(rows, found.tiles),  # (component, patch): dot products
}
np.savez("numbers.npz", **numbers)
