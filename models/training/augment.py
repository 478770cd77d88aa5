"""Batched augmentation on tensors, on whatever device they are on.

Everything random comes from the generator that is passed in (on the pictures' device), so that
a resumed run sees the very same pictures.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor


@dataclass(frozen=True, kw_only=True)
class Augment:
    """Strengths; 0 switches a part off. Half of the pictures are always mirrored.

    Attributes:
        smallest_crop: Smallest crop as a share of the picture's area (1 keeps it whole); its
            sides' ratio varies by up to e^0.25 either way.
        shift: Largest move as a share of the side, right or down or back, in whole pixels of the
            picture; what comes in is mirrored.
        rotation: Largest rotation in degrees, either way.
        shear: Largest shear as a fraction of the side, either way.
        colour: Largest relative change of brightness, contrast and saturation.
        erasing: Probability that a rectangle of 2 to 20 % of the area becomes grey.
        mixup: Alpha of the Beta distribution of mixup (Zhang et al. 2018).
    """

    smallest_crop: float = 0.5
    shift: float = 0.0
    rotation: float = 0.0
    shear: float = 0.0
    colour: float = 0.2
    erasing: float = 0.0
    mixup: float = 0.0


def to_input(images: Tensor) -> Tensor:
    """uint8 pictures to what the networks take: float in [-1, 1] (mean and std of 0.5)."""
    return images.float() / 127.5 - 1


def resize(images: Tensor, size: int) -> Tensor:
    """Whole pictures (b, 3, S, S) in [-1, 1] to `size` pixels, antialiased."""
    if images.shape[-1] == size:
        return images
    return F.interpolate(images, size=(size, size), mode="bicubic", antialias=True).clamp(-1, 1)


def augment(images: Tensor, size: int, how: Augment, generator: Generator) -> Tensor:
    """Random crop, flip, rotation, shear, colour and erasing of (b, 3, S, S) in [-1, 1].

    Geometry is sampled at the largest multiple of `size` that the source has pixels for
    and averaged down, so that small inputs are not aliased.
    """
    fold = max(1, images.shape[-1] // size)
    affine = _affine(len(images), how, generator)
    if how.shift:
        side = images.shape[-1]
        most = round(how.shift * side)
        moved = torch.randint(
            -most, most + 1, (len(images), 2), generator=generator, device=images.device
        )
        affine[:, :, 2] += 2 / side * moved
    shape = [len(images), 3, size * fold, size * fold]
    grid = F.affine_grid(affine, shape, align_corners=False)
    out = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    if fold > 1:
        out = F.avg_pool2d(out, fold)
    return _erase(_colour(out, how, generator), how, generator)


def mix(
    images: Tensor, targets: Tensor, alpha: float, generator: Generator
) -> tuple[Tensor, Tensor]:
    """Mixup of a batch with its reverse; targets (b, classes) are probabilities."""
    if alpha == 0:
        return images, targets
    # torch draws from Beta with its global generator only, numpy with one of ours.
    seed = int(torch.randint(2**31, (1,), generator=generator, device=generator.device))
    share = float(np.random.default_rng(seed).beta(alpha, alpha))
    return images.lerp(images.flip(0), 1 - share), targets.lerp(targets.flip(0), 1 - share)


def _uniform(shape: tuple[int, ...], low: float, high: float, g: Generator) -> Tensor:
    return torch.rand(shape, generator=g, device=g.device) * (high - low) + low


def _affine(count: int, how: Augment, g: Generator) -> Tensor:
    """Matrices (b, 2, 3) from output to input coordinates in [-1, 1]."""
    area = _uniform((count,), how.smallest_crop, 1, g)
    most = min(0.25, -math.log(how.smallest_crop))  # a whole picture keeps its shape
    aspect = _uniform((count,), -most, most, g).exp()
    width, height = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
    x, y = (_uniform((count,), -1, 1, g) * (1 - s) for s in (width, height))
    flip = _uniform((count,), 0, 1, g).round() * 2 - 1
    angle = _uniform((count,), -how.rotation, how.rotation, g).deg2rad()
    shear = _uniform((count,), -how.shear, how.shear, g)
    rows = [
        [width * flip * angle.cos(), height * (shear - angle.sin()), x],
        [width * flip * angle.sin(), height * angle.cos(), y],
    ]
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=1)


def _colour(images: Tensor, how: Augment, g: Generator) -> Tensor:
    if how.colour == 0:
        return images
    b = (len(images), 1, 1, 1)
    brightness = _uniform(b, -how.colour, how.colour, g)
    contrast, saturation = (_uniform(b, 1 - how.colour, 1 + how.colour, g) for _ in range(2))
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    images = (images - mean) * contrast + mean + brightness
    grey = images.mean(dim=1, keepdim=True)
    return ((images - grey) * saturation + grey).clamp(-1, 1)


def _erase(images: Tensor, how: Augment, g: Generator) -> Tensor:
    if how.erasing == 0:
        return images
    count, _, height, width = images.shape
    area, aspect = _uniform((count,), 0.02, 0.2, g), _uniform((count,), -0.7, 0.7, g).exp()
    h, w = (area * aspect).sqrt() * height / 2, (area / aspect).sqrt() * width / 2
    y, x = _uniform((count,), 0, height, g), _uniform((count,), 0, width, g)
    rows = torch.arange(height, device=images.device)
    columns = torch.arange(width, device=images.device)
    inside = ((rows - y[:, None]).abs() < h[:, None])[:, :, None] & (
        (columns - x[:, None]).abs() < w[:, None]
    )[:, None, :]
    chosen = _uniform((count, 1, 1), 0, 1, g) < how.erasing
    return images.masked_fill((inside & chosen)[:, None], 0)
