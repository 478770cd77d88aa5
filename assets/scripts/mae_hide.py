"""Hide patches of a picture and let a masked autoencoder paint them back."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images, inpaint, masking, patch_frames, reconstruction
from viz_core.probe import mae

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "mae_nano_patch8_112"
STRATEGY = "random"  # or "block", "regular", or "hand" for HIDDEN
RATIO = 0.75  # share of hidden patches
SEED = 71
HIDDEN = ()  # patches hidden by hand, row by row from 0
BASELINE = "harmonic"  # or "telea", "navier_stokes", "nearest"

model, how = load(NETWORK), CATALOG[NETWORK].preprocessing
seen = images.prepare(images.decode(Path(PICTURE).read_bytes()), **vars(how))
pixels, grid = seen.pixels[0], (model.cfg.grid, model.cfg.grid)
truth = patch_frames.input_bytes(pixels, how.mean, how.std)  # as the network sees it
if STRATEGY == "hand":
    mask = np.isin(np.arange(grid[0] * grid[1]).reshape(grid), HIDDEN)
elif STRATEGY == "regular":
    mask = masking.regular(grid, RATIO)
else:
    mask = getattr(masking, STRATEGY)(grid, RATIO, SEED)
painted = mae.predict(model, pixels, mask[None], mean=how.mean, std=how.std)[0]
smooth = inpaint.BASELINES[BASELINE](truth, mask)
scores = [reconstruction.score(truth, one, mask) for one in (painted, smooth)]

numbers = {
    "mask": mask,  # (row, column): true where a patch is hidden
    "truth": truth,  # (row, column, colour): 0 to 255
    "painted": painted,  # (row, column, colour): the network, hidden and visible patches
    "interpolated": smooth,  # (row, column, colour): BASELINE
    "psnr": np.array([one.psnr for one in scores]),  # (by,): dB, network, BASELINE
    "ssim": np.array([one.ssim for one in scores]),  # (by,): the same, 1 is equal
}
np.savez("numbers.npz", **numbers)
