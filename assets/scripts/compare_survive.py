"""What networks say of a picture over all doses of one change."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images, sheet
from viz_core.compare.steady import sweep
from viz_core.probe import robust
from viz_core.transforms import TRANSFORMS, apply

PICTURE = "assets/gallery/cat.jpg"
NETWORKS = ("vit_nano_patch4_56", "resnet_nano_56")
TRANSFORM = "rotation"  # a key of viz_core.transforms.TRANSFORMS
SEED = 0  # of what is random
PIXELS = 448  # side at which the picture is changed

square = sheet.square(images.decode(Path(PICTURE).read_bytes()), PIXELS)
transform = TRANSFORMS[TRANSFORM]
changed = [apply(TRANSFORM, square, dose, SEED) for dose in transform.doses]
found = []
for network in NETWORKS:
    model, how = load(network), CATALOG[network].preprocessing
    inputs = np.concatenate([images.prepare(one, **vars(how)).pixels for one in changed])
    found.append(sweep(robust.logits(model, inputs), transform.still))

numbers = {
    "doses": np.array(transform.doses),  # (dose,): in the transform's own unit
    "first": np.array([one.first for one in found]),  # (network,): class named at no change
    "shares": np.stack([one.share for one in found]),  # (network, dose): of that class, 0 to 1
    "stays": np.stack([one.stays for one in found]),  # (network, dose): whether it still leads
    "kept": np.array([one.kept for one in found]),  # (network,): doses that change, and it leads
}
np.savez("numbers.npz", **numbers)
