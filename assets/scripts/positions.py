"""Positions: how alike they are, how that falls with distance, and the answer without them."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import ablation, images, positions
from viz_core.probe import positions as probe

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"
SIDE = 14  # positions in a row: the network's own grid, or the one it runs with
PATCH = 60  # row by row, from 0
CENTRED = True  # take out what all positions share
REPLACED = "none"  # or "same", "shuffled", "sinusoid", "sincos", "mirrored", "transposed"
SEED = 0  # of the shuffling

how, model = CATALOG[NETWORK].preprocessing, load(NETWORK)
seen = images.prepare(images.decode(Path(PICTURE).read_bytes()), **vars(how))
table, runs = probe.learned(model), how.size // CATALOG[NETWORK].config.patch_size
own = probe.resampled(table.values, table.grid, (runs, runs))  # as it runs on this picture
shown = table.values if table.grid[0] == SIDE else own
alike = positions.similarity(shown, centred=CENTRED)
curve = positions.by_distance(alike, (SIDE, SIDE))
found = positions.components(table.values, min(11, *table.values.shape))
other = own if REPLACED == "own" else ablation.replaced(own, (runs, runs), REPLACED, SEED)

numbers = {
    "table": shown,  # (patch, number): the learned positions
    "similarity": alike,  # (patch, patch): cosine, -1 to 1
    "similarity_of_patch": alike[PATCH].reshape(SIDE, SIDE),  # (row, column): cosine with PATCH
    "curve_distance": curve.distance,  # (step,): distance in patches
    "curve_similarity": curve.mean,  # (step,): mean cosine at that distance
    "component_scores": found.scores,  # (component, patch): along the principal components
    "component_shares": found.share,  # (component,): share of the variance
    "logits": probe.observe(model, seen.pixels, own).logits,  # (class,): with its own positions
    "logits_replaced": probe.observe(model, seen.pixels, other).logits,  # (class,): with others
}
np.savez("numbers.npz", **numbers)
