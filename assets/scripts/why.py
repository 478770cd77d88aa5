"""Why this class: what counted by one method, and the answer while the cells that count go."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.attribution import Settings, Target, curves, grid
from viz_core.attribution.question import shape_of
from viz_core.attribution.run import attribute

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"
METHOD = "relevance"  # a key of viz_core.attribution.methods.METHODS
LABEL = 0  # the class, by its place in the logits
AGAINST = None  # the class it is compared with; None for none
FILLING = "grey"  # of erased cells, and the baseline: or "mean", "blur"

model, how = load(NETWORK), CATALOG[NETWORK].preprocessing
picture = images.decode(Path(PICTURE).read_bytes())
pixels = images.prepare(picture, **vars(how)).pixels
target = Target(LABEL, AGAINST)
found = attribute(METHOD, model, pixels, target, Settings(baseline=FILLING))
side = shape_of(model, how.size).cells
cells = grid.on_cells(found.values, side, extensive=found.extensive)
order = curves.ranked(cells)
filling = curves.filling(pixels, FILLING)
gone = curves.curve(model, pixels, order, target, side, filling=filling)
kept = curves.curve(model, pixels, order, target, side, filling=filling, mode="insertion")

numbers = {
    "map": found.values,  # (row, column): as the method gives it, in its own unit
    "cells": cells,  # (row, column): the same on the cells that are erased
    "order": order,  # (cell,): cells from the most important one, row by row from 0
    "counts": gone.counts,  # (step,): cells erased, or kept
    "deletion": gone.shares,  # (step,): share of the target when the first of them are erased
    "insertion": kept.shares,  # (step,): its share when nothing but the first of them is kept
    "areas": np.array([gone.auc, kept.auc]),  # (2,): under deletion and insertion, from 0 to 1
    "logits": gone.logits[0],  # (class,): of the whole picture
}
np.savez("numbers.npz", **numbers)
