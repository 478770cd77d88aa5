"""Masked pre-training: what a masked autoencoder learns from, and how well it paints.

Errors are on pixels in [0, 1] over the hidden patches only. The network never sees a hidden
patch: nothing of it, not even its mean, goes into the prediction that is measured.
"""

import math

import torch
from torch import Generator, Tensor, nn

from models.mae import MAE, random_mask
from models.training.augment import resize, to_input
from models.training.data import Split

BATCH = 128


def crop(images: Tensor, size: int, generator: Generator) -> Tensor:
    """A random square of each picture, mirrored half of the time: (b, 3, S, S), no resampling.

    Raises:
        ValueError: If the pictures are smaller than the square.
    """
    spare, count, device = images.shape[-1] - size, len(images), generator.device
    if spare < 0:
        raise ValueError(
            f"pictures of {images.shape[-1]} pixels hold no square of {size}: store them larger"
        )
    corners = torch.randint(spare + 1, (count, 2), generator=generator, device=device)
    flips = torch.rand(count, generator=generator, device=device) < 0.5
    rows, columns = (corners[:, :, None] + torch.arange(size, device=device)).unbind(1)  # (b, S)
    columns = torch.where(flips[:, None], columns.flip(1), columns)
    which = torch.arange(count, device=device)[:, None, None]
    cut = images[which, :, rows[:, :, None], columns[:, None, :]]  # (b, S, S, 3)
    return cut.permute(0, 3, 1, 2).contiguous()


def loss(
    model: nn.Module, images: Tensor, ratio: float, generator: Generator, *, bf16: bool
) -> Tensor:
    """Error of one batch of inputs in [-1, 1] under a random mask."""
    assert isinstance(model, MAE)
    noise = torch.rand(len(images), model.cfg.grid**2, generator=generator, device=generator.device)
    mask = random_mask(noise, ratio)
    with torch.autocast(images.device.type, torch.bfloat16, enabled=bf16):
        prediction = model(images, mask)
    return model.loss(images, mask, prediction.float())


@torch.inference_mode()
def evaluate(model: nn.Module, split: Split, size: int, ratio: float) -> dict[str, float]:
    """Error of the whole pictures of a split at one fixed mask a picture.

    Returns:
        `mse` on pixels in [0, 1] over hidden patches, and the `psnr` in dB of the mean of it.
    """
    assert isinstance(model, MAE)
    was_training = model.training
    model.eval()
    g = torch.Generator().manual_seed(0)
    total = 0.0
    for images in split.images.split(BATCH):
        x = resize(to_input(images), size)
        mask = random_mask(torch.rand(len(x), model.cfg.grid**2, generator=g), ratio).to(x.device)
        total += float(model.loss(x, mask, model(x, mask))) / 4 * len(x)  # [-1, 1] to [0, 1]
    model.train(was_training)
    mse = total / len(split.images)
    return {"mse": mse, "psnr": -10 * math.log10(mse)}


@torch.inference_mode()
def difference(one: nn.Module, other: nn.Module, split: Split, size: int, ratio: float) -> float:
    """Root mean square difference of what two networks paint over hidden patches, on [0, 1]."""
    assert isinstance(one, MAE)
    g, total = torch.Generator().manual_seed(0), 0.0
    for images in split.images.split(BATCH):
        x = resize(to_input(images), size)
        mask = random_mask(torch.rand(len(x), one.cfg.grid**2, generator=g), ratio).to(x.device)
        apart = (one(x, mask) - other(x, mask)).square().mean(dim=-1) / 4  # [-1, 1] to [0, 1]
        total += float((apart * mask).sum() / mask.sum()) * len(x)
    return math.sqrt(total / len(split.images))
