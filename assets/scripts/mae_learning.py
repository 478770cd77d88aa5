"""The same mask at every saved moment of the training: how the error fell."""

from pathlib import Path

import numpy as np

from models import film, weights
from models.catalog import CATALOG
from models.weights import load
from viz_core import images, masking, patch_frames, reconstruction
from viz_core.probe import mae

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "mae_nano_patch8_112"
RATIO = 0.75
SEED = 71

model, how = load(NETWORK), CATALOG[NETWORK].preprocessing
seen = images.prepare(images.decode(Path(PICTURE).read_bytes()), **vars(how))
pixels, grid = seen.pixels[0], (model.cfg.grid, model.cfg.grid)
truth = patch_frames.input_bytes(pixels, how.mean, how.std)  # as the network sees it
moments = film.frames(weights.FOLDER / f"{NETWORK}.film.safetensors")
mask = masking.random(grid, RATIO, SEED)
painted = mae.film(model, [one.weights for one in moments], pixels, mask[None])[:, 0]
scores = [reconstruction.score(truth, one, mask) for one in painted]

numbers = {
    "mask": mask,  # (row, column): true where a patch is hidden
    "step": np.array([one.step for one in moments]),  # (moment,): steps of the training
    "share": np.array([one.share for one in moments]),  # (moment,): of the whole training
    "mse": np.array([one.mse for one in scores]),  # (moment,): over hidden patches
    "last": painted[-1],  # (row, column, colour): the picture at the end, 0 to 255
}
np.savez("numbers.npz", **numbers)
