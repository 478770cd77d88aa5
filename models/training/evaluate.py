"""What a classifier gets right on a split, on whole pictures."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.training.augment import resize, to_input
from models.training.data import Split

BATCH = 128


@torch.inference_mode()
def predict(model: nn.Module, split: Split, size: int) -> Tensor:
    """Logits (n, classes) of the pictures at `size` x `size` pixels, on the CPU."""
    was_training = model.training
    model.eval()
    parts = split.images.split(BATCH)
    logits = torch.cat([model(resize(to_input(images), size)).float().cpu() for images in parts])
    model.train(was_training)
    return logits


def scores(logits: Tensor, labels: Tensor) -> dict[str, float]:
    """Top-1 and top-5 in percent and mean cross-entropy in nats."""
    hit = logits.topk(min(5, logits.shape[1])).indices == labels[:, None]  # (n, 5), best first
    return {
        "top1": 100 * float(hit[:, 0].double().mean()),
        "top5": 100 * float(hit.any(dim=1).double().mean()),
        "nats": float(F.cross_entropy(logits.double(), labels)),
    }


def evaluate(model: nn.Module, split: Split, size: int) -> dict[str, float]:
    """`scores` of a model on a split."""
    return scores(predict(model, split, size), split.labels.cpu())


def class_accuracy(logits: Tensor, labels: Tensor) -> dict[int, float]:
    """Top-1 in percent of each class that occurs in `labels`."""
    right = (logits.argmax(dim=1) == labels).double()
    return {int(c): 100 * float(right[labels == c].mean()) for c in labels.unique()}
