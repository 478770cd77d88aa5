"""A shifted block of a Swin with its mask on and off: what leaks, what the answer becomes."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images, window_mask
from viz_core.probe import swin

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "swin_nano_patch2_window7_56"
STAGE = 0  # from 0
BLOCK = 1  # within the stage, from 0

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
closed, opened, none = (
    swin.window_attention(model, seen.pixels, STAGE, BLOCK, how) for how in ("none", "this", "all")
)

numbers = {
    "scores": closed.scores,  # (window, head, query, key): before bias and mask
    "bias": closed.bias,  # (head, query, key): relative position bias
    "attention": closed.pattern,  # (window, head, query, key): shares, with the mask
    "attention_without": opened.pattern,  # (window, head, query, key): this block without it
    "leak": window_mask.crossing(
        opened.pattern, opened.layout
    ),  # (window,): share that crosses a seam without it
    "logits": closed.logits,  # (class,): with every mask
    "logits_without_this": opened.logits,  # (class,): this block has no mask
    "logits_without_any": none.logits,  # (class,): no block has one
}
np.savez("numbers.npz", **numbers)
