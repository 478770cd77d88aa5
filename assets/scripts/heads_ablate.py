"""Every head, every branch, and many heads taken away: what the network says without them."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.attribution import Target
from viz_core.probe import ablate, gaze

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"
LABEL = 0  # class that is asked about
AGAINST = None  # class whose logit is taken off
BY = "zero"  # what takes the place of a head: "zero" or "mean"
COUNTS = (0, 1, 2)  # how many heads are away at the points of the curves

model, target = load(NETWORK), Target(LABEL, AGAINST)
picture = images.decode(Path(PICTURE).read_bytes())
pixels = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing)).pixels
singles, looks = ablate.heads(model, pixels, BY), gaze.look(model, pixels)
known = [(layer, head) for layer, some in enumerate(singles) for head in range(len(some))]
without = np.concatenate(singles)
# The lower the target without a head, the more it helped; equal ones in the order of the network.
score = ablate.change(without, np.zeros_like(without[0]), target)
order = [known[k] for k in np.argsort(score, kind="stable")]

numbers = {
    "heads": np.array(known),  # (head, 2): layer and head, from 0
    "without": without,  # (head, class): logits without each head
    "branches": ablate.branches(model, pixels),  # (layer, attention or MLP, class): without it
    "entropy": np.concatenate([one.entropy for one in looks]),  # (head,): bits, mean of rows
    "distance": np.concatenate([one.distance for one in looks]),  # (head,): patches
    "counts": np.array(COUNTS),  # (count,): heads away
    "helpful": ablate.removed(model, pixels, order, COUNTS, BY),  # (count, class): logits
    "harmful": ablate.removed(model, pixels, order[::-1], COUNTS, BY),  # (count, class): logits
}
np.savez("numbers.npz", **numbers)
