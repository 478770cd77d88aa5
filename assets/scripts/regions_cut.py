"""Regions by normalised cuts of a graph of tokens, each region cut again where it costs least."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import clusters, cuts, images, regions
from viz_core.probe import tokens

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"
LAYER = 5  # from 0
COUNT = 3  # regions
KEYS = False  # compare keys of the attention, as in TokenCut, and not what leaves the block
THRESHOLD = 0.2  # least cosine of a link
CENTRED = True  # take the mean of all tokens off first

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
levels = tokens.look(model, seen.pixels).levels
compared = [level.keys if KEYS and level.keys is not None else level.tokens for level in levels]
found = [cuts.division(cuts.affinity(one, THRESHOLD, centred=CENTRED)) for one in compared]
# Numbers hold from layer to layer, and are those of the clusters where they overlap.
grids = [level.grid for level in levels]
by_means = [clusters.groupings(level.tokens).labels for level in levels]
beside = list(zip(grids, regions.steady(list(zip(grids, by_means, strict=True))), strict=True))
steady = regions.steady(
    [(grid, one.labels) for grid, one in zip(grids, found, strict=True)], beside
)
cut, grid = found[LAYER], grids[LAYER]

numbers = {
    "labels": steady[LAYER][COUNT - 2].reshape(grid),  # (row, column): region, from 0
    "front": cut.labels[0].reshape(grid),  # (row, column): 1 where the first cut's front is
    "costs": cut.costs,  # (count,): normalised cut that made the last of 2, 3, ... regions
    "vector": cut.vectors[0].reshape(grid),  # (row, column): second smallest eigenvector
    "eigenvalue": cut.eigenvalues[:1],  # (one,): its eigenvalue; no cut costs less
}
np.savez("numbers.npz", **numbers)
