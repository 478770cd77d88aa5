"""Relative position bias: the learned table, from offset to index, and a run without it."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images, relative_position
from viz_core.probe import bias

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "swin_nano_patch2_window7_56"
BLOCK = 0  # whose table is taken, counted through all stages, from 0
HEAD = 0
KIND = "zero"  # what replaces the bias in the second run; see viz_core/relative/tables.py
WHERE = None  # in all blocks, or the one of this number
SEED = 0  # of the shuffling

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
tables = bias.learned(model)
table = tables[BLOCK]
where = None if WHERE is None else [(tables[WHERE].stage, tables[WHERE].block)]
before = bias.run(model, seen.pixels)
after = bias.run(model, seen.pixels, KIND, where, SEED)

numbers = {
    "table": table.values,  # (offset, head): what is added to a score, by row of the table
    "index": relative_position.index(table.window),  # (query, key): row of the table
    "bias": relative_position.bias(table.values)[HEAD],  # (query, key): what HEAD adds
    "by_offset": relative_position.key_from_query(table.values)[
        HEAD
    ],  # (row, column): by where the key lies
    "logits": before.logits,  # (class,): with its own bias
    "logits_replaced": after.logits,  # (class,): with the other one
    "distance": np.array(
        [one.mean() for one in before.distance]
    ),  # (block,): mean attention distance in tokens
    "distance_replaced": np.array([one.mean() for one in after.distance]),  # (block,): the same
}
np.savez("numbers.npz", **numbers)
