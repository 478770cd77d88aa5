"""The pyramid of a Swin: what each stage hands on, and what it costs."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images, swin_macs
from viz_core.probe import pyramid
from viz_core.pyramid import features

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "swin_nano_patch2_window7_56"
STAGE = 0  # whose features are taken, from 0

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
look = pyramid.look(model, seen.pixels)
cfg = model.cfg
shape = swin_macs.SwinShape(
    side=cfg.image_size, patch=cfg.patch_size, width=cfg.width, depths=cfg.depths,
    heads=cfg.heads, window=cfg.window, mlp_ratio=cfg.mlp_ratio, classes=cfg.classes,
    bias_units=512 if "v2" in NETWORK else 0,
)  # fmt: skip
costs = swin_macs.stages(shape)

numbers = {
    "features": look.maps[STAGE],  # (row, column, channel): what the stage hands on
    "lengths": features.lengths(look.maps[STAGE]),  # (row, column): length of each token
    "side_of_stage": np.array([one.grid for one in costs]),  # (stage,): tokens along a side
    "width_of_stage": np.array([one.width for one in costs]),  # (stage,): numbers of a token
    "macs_of_stage": np.array([one.total for one in costs]),  # (stage,): multiply-adds
    "macs": np.array(swin_macs.total(shape)),  # multiply-adds of one picture
    "macs_with_global_attention": np.array(swin_macs.total(shape, "full")),  # the same, all to all
    "weights": np.array(swin_macs.parameters(shape)),  # numbers that were learned
}
np.savez("numbers.npz", **numbers)
