"""Effective receptive fields: how much each pixel would change the values of one row."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images, receptive_field
from viz_core.field import wire
from viz_core.probe import conv, field

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "convnext_nano_patch2_56"
DEPTH = 2  # index of the block
CHANNEL = "all"  # or "strongest", or an index
PLACES = 7  # of a coarse grid, along each side
ROW = 3  # of the coarse grid

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
place, size = field.depths(model)[DEPTH], CATALOG[NETWORK].preprocessing.size
side = conv.sizes(model, size, [place])[place.name][0]
units, layers = wire.units(side, PLACES), field.layers(model, place, size)
at = np.array([[units[ROW], column] for column in units])
fields = receptive_field.shares(field.gradients(model, seen.pixels, place.name, at, CHANNEL))
middles = [[receptive_field.centre(layers, unit) for unit in one] for one in at.tolist()]
radii = [
    [receptive_field.radius(one, tuple(middle), share) for share in (0.5, 0.9)]
    for one, middle in zip(fields, middles, strict=True)
]

numbers = {
    "units": at,  # (place, axis): row and column on the map
    "fields": receptive_field.pooled(fields, wire.CELLS),  # (place, row, column): shares
    "radii": np.array(radii),  # (place, share): pixels that hold half and nine tenths of it
}
np.savez("numbers.npz", **numbers)
