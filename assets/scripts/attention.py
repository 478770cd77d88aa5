"""Attention on a picture: where every token looks, how far heads look, what the answer is."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import attention, images, probe, rollout

PICTURE = "assets/gallery/dog.jpg"
NETWORK = "vit_nano_patch4_56"
LAYER = 5  # from 0
HEAD = 4  # from 0
READING = "single"  # or "mean" or "max" of the layer's heads, or "rollout" up to this layer
RESIDUAL = 0.5  # weight of the skip connection in the rollout
TOKEN = 0  # the class token, if there is one, and registers come before the patches

entry = CATALOG[NETWORK]
how = entry.preprocessing
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std)
look = probe.attention(load(NETWORK), seen.pixels)
matrix = rollout.matrix(look.patterns, LAYER, HEAD, READING, residual=RESIDUAL)
side = how.size // entry.config.patch_size  # patches in a row
prefix = look.patterns.shape[-1] - side**2
distance = attention.distance(look.patterns, (side, side), prefix)

numbers = {
    "attention": matrix,  # (query, key): share of the query's attention; rows sum to 1
    "looks_at": matrix[TOKEN],  # (key,): share of TOKEN's attention, the prefix first
    "looked_at_by": matrix[:, TOKEN],  # (query,): what each token gives TOKEN of its attention
    "head_distance": distance,  # (layer, head): patches
    "head_entropy": attention.entropy(look.patterns).mean(axis=-1),  # (layer, head): bits
    "logits": look.logits,  # (class,): what the head returns
}
np.savez("numbers.npz", **numbers)
