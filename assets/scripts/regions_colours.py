"""The control: regions of a picture by k-means on the mean colours of its places, no network."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from viz_core import clusters, images, patch_frames, regions

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"  # only for what it is shown: crop and size
GRID = (14, 14)  # rows and columns of places
COUNT = 3  # regions

how = CATALOG[NETWORK].preprocessing
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(how))
pixels = patch_frames.input_bytes(seen.pixels[0], how.mean, how.std)
colours = regions.colours(pixels, GRID)
found = clusters.groupings(colours)

numbers = {
    "labels": found.labels[COUNT - 2].reshape(
        GRID
    ),  # (row, column): region; page's own order aside
    "silhouettes": found.silhouettes,  # (count,): mean silhouette of 2, 3, ... regions
    "colours": colours,  # (place, 3): mean red, green and blue, from 0 to 1
}
np.savez("numbers.npz", **numbers)
