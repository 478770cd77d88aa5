"""A network while it learned: your picture at every saved moment of its training."""

from pathlib import Path

import numpy as np

from models import film, weights
from models.catalog import CATALOG, build
from viz_core import images
from viz_core.probe import growth

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "cct_2_3x2_32"

entry, path = CATALOG[NETWORK], weights.FOLDER / f"{NETWORK}.film.safetensors"
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(entry.preprocessing))
moments = film.frames(path)
found = growth.watch(build(entry), [one.weights for one in moments], seen.pixels)
scores = [row["top1"] for row in film.about(path)["frames"]]

numbers = {
    "step": np.array([one.step for one in moments]),  # (moment,): steps of the training
    "share": np.array([one.share for one in moments]),  # (moment,): of the whole training
    "top1": np.array(scores),  # (moment,): percent of the validation pictures
    "logits": found.logits,  # (moment, class): the answer to this picture
    "reading": found.reading,  # (moment, place): what the head reads
    "attention": found.patterns[:, -1].mean(axis=1),  # (moment, query, key): mean of heads
    "kernels": found.kernels,  # (moment, kernel, row, column, colour): of the first convolution
}
np.savez("numbers.npz", **numbers)
