"""What a frozen encoder's features are worth: a linear classifier on top, trained honestly.

The strength of its weight decay is chosen on a part of the training split that is held out for
it; then all of that split is used. The validation split is looked at once, at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.mae import MAE, order_of
from models.training.augment import resize, to_input
from models.training.data import Split

BATCH = 128
HELD_OUT = 5  # every fifth training picture
DECAYS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)


@dataclass(frozen=True)
class Probe:
    """A linear classifier's result.

    Attributes:
        top1: In percent, on the validation split.
        held_out: In percent, on the held-out training pictures, at the chosen decay.
        decay: The chosen one: half of it times the squared weights is added to the mean loss.
        right: Which validation pictures are right, (n,) bool.
    """

    top1: float
    held_out: float
    decay: float
    right: Tensor


@torch.inference_mode()
def features(model: nn.Module, split: Split, size: int) -> dict[str, Tensor]:
    """Class token and mean of the patches after the encoder, nothing hidden: (n, d) each."""
    assert isinstance(model, MAE)
    model.eval()
    parts = []
    for images in split.images.split(BATCH):
        x = resize(to_input(images), size)
        nothing = torch.zeros(len(x), model.cfg.grid**2, dtype=torch.bool, device=x.device)
        tokens = model.encode(x, order_of(nothing)[0]).float().cpu()
        parts.append(torch.stack([tokens[:, 0], tokens[:, 1:].mean(dim=1)], dim=1))
    first, mean = torch.cat(parts).unbind(1)
    return {"class token": first, "mean of the patches": mean}


def fit(x: Tensor, labels: Tensor, classes: int, decay: float) -> tuple[Tensor, Tensor]:
    """Weights (classes, d) and biases of a logistic regression with weight decay, by L-BFGS."""
    weight = torch.zeros(classes, x.shape[1], dtype=x.dtype, requires_grad=True)
    bias = torch.zeros(classes, dtype=x.dtype, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weight, bias], max_iter=300, tolerance_grad=1e-6, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(x @ weight.T + bias, labels)
        loss = loss + decay / 2 * weight.square().sum()
        torch.autograd.backward(loss)
        return loss

    optimizer.step(closure)
    return weight.detach(), bias.detach()


def probe(
    train: Tensor,
    labels: Tensor,
    val: Tensor,
    val_labels: Tensor,
    decays: Sequence[float] = DECAYS,
) -> Probe:
    """A linear classifier on features (n, d), each scaled to mean 0 and variance 1 in training.

    Raises:
        ValueError: If there are too few pictures to hold some out.
    """
    if len(labels) < 2 * HELD_OUT:
        raise ValueError(f"a probe needs {2 * HELD_OUT} training pictures, got {len(labels)}")
    held = torch.arange(len(labels)) % HELD_OUT == 0
    classes = 1 + int(torch.cat([labels, val_labels]).max())
    by_decay = {
        decay: _share(
            _right(train[~held], labels[~held], train[held], labels[held], classes, decay)
        )
        for decay in decays
    }
    best = max(by_decay, key=lambda decay: by_decay[decay])
    right = _right(train, labels, val, val_labels, classes, best)
    return Probe(_share(right), by_decay[best], best, right)


def _right(
    x: Tensor, labels: Tensor, others: Tensor, their_labels: Tensor, classes: int, decay: float
) -> Tensor:
    """Which of the other pictures are right once the first ones were learned, (n,) bool."""
    mean, scale = x.double().mean(dim=0), x.double().std(dim=0) + 1e-8
    weight, bias = fit((x.double() - mean) / scale, labels, classes, decay)
    logits = (others.double() - mean) / scale @ weight.T + bias
    return logits.argmax(dim=1) == their_labels


def _share(right: Tensor) -> float:
    return 100 * float(right.double().mean())
