"""Every operation of a network in numbers: what a picture becomes on its way."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.probe import blocks

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "convnext_nano_patch2_56"

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
found = blocks.readings(model, seen.pixels)

numbers = {
    "operation": np.array([one.op.label for one in found]),  # (operation,): its label
    "place": np.array([one.op.place for one in found]),  # (operation,): its module
    "weights": np.array([one.op.parameters for one in found]),  # (operation,): of its own
    "macs": np.array([one.op.macs for one in found]),  # (operation,): multiply-adds
    "mean": np.array([one.mean for one in found]),  # (operation,): of all numbers that it writes
    "std": np.array([one.std for one in found]),  # (operation,): standard deviation of them
    "zeros": np.array([one.zeros for one in found]),  # (operation,): share that is exactly 0
    "negatives": np.array([one.negatives for one in found]),  # (operation,): share below 0
}
np.savez("numbers.npz", **numbers)
