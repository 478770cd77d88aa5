"""One picture under many masks: the mean guess of each patch, and how much guesses differ."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images, masking
from viz_core.probe import mae

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "mae_nano_patch8_112"
RATIO = 0.75
MASKS = 32  # with seeds from 0

model, how = load(NETWORK), CATALOG[NETWORK].preprocessing
seen = images.prepare(images.decode(Path(PICTURE).read_bytes()), **vars(how))
pixels, grid = seen.pixels[0], (model.cfg.grid, model.cfg.grid)
masks = np.stack([masking.random(grid, RATIO, seed) for seed in range(MASKS)])
found = mae.variance(model, pixels, masks, mean=how.mean, std=how.std)

numbers = {
    "mean_guess": found.mean,  # (row, column, colour): over the masks that hid it; 0 black, 1 white
    "variance": found.variance,  # (patch_row, patch_column): between masks, mean of pixels
    "times_hidden": found.count,  # (patch_row, patch_column): masks that hid the patch
}
np.savez("numbers.npz", **numbers)
