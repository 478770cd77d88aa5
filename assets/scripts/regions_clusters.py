"""Regions by k-means: every number of clusters of every layer's tokens, without chance."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import clusters, images, regions
from viz_core.probe import tokens

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"
LAYER = 5  # from 0
COUNT = 3  # regions

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
levels = tokens.look(model, seen.pixels).levels
found = [clusters.groupings(level.tokens) for level in levels]
# A region keeps its number from one count and layer to the next where they overlap.
steady = regions.steady(
    [(level.grid, one.labels) for level, one in zip(levels, found, strict=True)]
)
level, groups = levels[LAYER], found[LAYER]

numbers = {
    "labels": steady[LAYER][COUNT - 2].reshape(level.grid),  # (row, column): region, from 0
    "silhouettes": groups.silhouettes,  # (count,): mean silhouette of 2, 3, ... regions
    "held": groups.held,  # (count,): share of the tokens' variance between the regions
    "tokens": level.tokens,  # (place, width): what leaves the block
}
np.savez("numbers.npz", **numbers)
