"""Pictures that two sets share: numbers measured on seen pictures would flatter a network."""

import torch
import torch.nn.functional as F
from torch import Tensor

from models.training.augment import to_input
from models.training.data import Dataset, Split

SIDE = 24
BATCH = 256
ALIKE = 0.95


def seen(dataset: Dataset) -> Tensor:
    """Which validation pictures stand, perhaps cropped a little, among the unlabelled ones: (n,).

    Those came from other folders, which nobody has compared with this one's validation split.
    """
    others = dataset.train.images[dataset.train.labels < 0]
    return copies(dataset.val.images, others)


def unseen(dataset: Dataset) -> Split:
    """The validation split without the pictures that `seen` finds."""
    keep = ~seen(dataset)
    return Split(dataset.val.images[keep], dataset.val.labels[keep])


def copies(pictures: Tensor, among: Tensor, alike: float = ALIKE) -> Tensor:
    """Which of the uint8 `pictures` (n, 3, S, S) have a near copy `among` others: (n,) bool.

    Near means that 24 x 24 pixel thumbnails, all colours together, correlate by more than `alike`.
    """
    found = torch.zeros(len(pictures), dtype=torch.bool, device=pictures.device)
    if not len(among):
        return found
    thumbs = _thumbnails(pictures)
    for part in among.split(BATCH):
        found |= (thumbs @ _thumbnails(part).T > alike).any(dim=1)
    return found


def _thumbnails(pictures: Tensor) -> Tensor:
    """Unit vectors (n, 1728) without their mean; a flat picture is zero and like nothing."""
    small = [F.adaptive_avg_pool2d(to_input(part), SIDE) for part in pictures.split(BATCH)]
    flat = torch.cat(small).flatten(1)
    flat = flat - flat.mean(dim=1, keepdim=True)
    return flat / flat.norm(dim=1, keepdim=True).clamp(min=1e-3)
