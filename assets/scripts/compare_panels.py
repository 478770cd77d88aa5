"""Maps of one picture by several networks and methods, and how far their orders agree."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images, prediction
from viz_core.attribution import Target
from viz_core.attribution.run import attribute
from viz_core.compare.agreement import agreement
from viz_core.probe import robust

PICTURE = "assets/gallery/cat.jpg"
NETWORKS = ("vit_nano_patch4_56", "resnet_nano_56")
METHODS = ("relevance", "grad_cam")  # keys of viz_core.attribution.methods.METHODS, one a network
LABELS = (0, 0)  # the class that each map is about, by its place in the logits

picture = images.decode(Path(PICTURE).read_bytes())
maps, boxes, shares = [], [], []
for network, method, label in zip(NETWORKS, METHODS, LABELS, strict=True):
    model, how = load(network), CATALOG[network].preprocessing
    pixels = images.prepare(picture, **vars(how)).pixels
    maps.append(attribute(method, model, pixels, Target(label)).values)
    margin = (1 - how.crop_share) / 2
    boxes.append((margin, margin, how.crop_share))  # of the picture's middle square
    shares.append(prediction.softmax(robust.logits(model, pixels)[0])[label])

count = range(len(maps))
table = [[agreement(maps[i], maps[j], (boxes[i], boxes[j]))[0] for j in count] for i in count]

numbers = {
    "values": np.concatenate([one.ravel() for one in maps]),  # (value,): map by map, row by row
    "sides": np.array([len(one) for one in maps]),  # (panel,): values along a side of each map
    "shares": np.array(shares),  # (panel,): what each network gives to its class, 0 to 1
    "agreement": np.array(table),  # (panel, panel): rank correlation, NaN for a flat map
}
np.savez("numbers.npz", **numbers)
