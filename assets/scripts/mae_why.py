"""Why 75 %: error of the network and of every interpolation at every ratio."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images, inpaint, masking, patch_frames, reconstruction
from viz_core.probe import mae

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "mae_nano_patch8_112"
SEED = 71
RATIOS = tuple(round(0.05 * k, 2) for k in range(1, 20))  # shares of hidden patches

model, how = load(NETWORK), CATALOG[NETWORK].preprocessing
seen = images.prepare(images.decode(Path(PICTURE).read_bytes()), **vars(how))
pixels, grid = seen.pixels[0], (model.cfg.grid, model.cfg.grid)
truth = patch_frames.input_bytes(pixels, how.mean, how.std)  # as the network sees it
masks = [masking.random(grid, ratio, SEED) for ratio in RATIOS]
painted = mae.predict(model, pixels, np.stack(masks), mean=how.mean, std=how.std)
ways = {"network": lambda k: painted[k]}
ways |= {way: lambda k, fill=fill: fill(truth, masks[k]) for way, fill in inpaint.BASELINES.items()}
scores = [
    [reconstruction.score(truth, way(k), mask) for k, mask in enumerate(masks)]
    for way in ways.values()
]

numbers = {
    "ratio": np.array(RATIOS),  # (ratio,): share of hidden patches
    "way": np.array(list(ways)),  # (way,): who fills in
    "mse": np.array([[one.mse for one in row] for row in scores]),  # (way, ratio): squared error
    "psnr": np.array([[one.psnr for one in row] for row in scores]),  # (way, ratio): dB
    "ssim": np.array([[one.ssim for one in row] for row in scores]),  # (way, ratio): 1 is equal
}
np.savez("numbers.npz", **numbers)
