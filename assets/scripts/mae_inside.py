"""Where a masked autoencoder looks to paint a hidden patch."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images, mae_attention, masking, rollout
from viz_core.probe import mae

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "mae_nano_patch8_112"
HALF = "decoder"  # or "encoder", whose hidden places are zero
STRATEGY = "random"  # or "block", "regular"
RATIO = 0.75
SEED = 71
LAYER = 0  # from 0
HEAD = 0
READING = "mean"  # of all heads, or "single", "max", or "rollout" up to this layer
RESIDUAL = 0.5  # weight of the skip connection in the rollout

model, how = load(NETWORK), CATALOG[NETWORK].preprocessing
seen = images.prepare(images.decode(Path(PICTURE).read_bytes()), **vars(how))
pixels, grid = seen.pixels[0], (model.cfg.grid, model.cfg.grid)
mask = (
    masking.regular(grid, RATIO)
    if STRATEGY == "regular"
    else getattr(masking, STRATEGY)(grid, RATIO, SEED)
)
decoder = mae.decoder_attention(model, pixels, mask)
encoder = mae_attention.over_grid(mae.encoder_attention(model, pixels, mask), mask)
shown = decoder if HALF == "decoder" else encoder
matrix = rollout.matrix(shown, LAYER, HEAD, READING, residual=RESIDUAL)
shares = mae_attention.shares(decoder, mask)

numbers = {
    "mask": mask,  # (row, column): true where a patch is hidden
    "attention": matrix,  # (query, key): shares, the class token first
    "on_visible": shares.visible,  # (layer, head): what hidden patches give visible ones, decoder
    "on_hidden": shares.hidden,  # (layer, head): and mask tokens
    "on_class_token": shares.first,  # (layer, head): and the class token
}
np.savez("numbers.npz", **numbers)
