"""How near to the truth a masked autoencoder paints, over the ratio of hidden patches.

Everything is measured as a page shows it: pictures and predictions are rounded to whole grey
levels, errors are on pixels in [0, 1] and over hidden patches only.
"""

import math
from dataclasses import dataclass

import torch
from einops import rearrange
from torch import Tensor, nn

from models.mae import MAE, patch_statistics, patchify, random_mask, unpatchify
from models.training.augment import resize, to_input
from models.training.data import Split

BATCH = 128
C1, C2 = 0.01**2, 0.03**2
SIGMA, REACH = 1.5, 5  # a Gaussian window of 11 x 11 pixels


@dataclass(frozen=True)
class Fidelity:
    """Scores over the hidden patches of all pictures of a split, at one ratio.

    Attributes:
        mse: Mean squared error.
        psnr_of_mean: Peak signal-to-noise ratio in dB of that mean error.
        psnr: Mean over pictures of each one's own, in dB; easy pictures weigh more in it.
        ssim: Structural similarity of the picture and the pasted reconstruction, mean over the
            hidden pixels of all pictures.
    """

    mse: float
    psnr_of_mean: float
    psnr: float
    ssim: float


def squashed(images: Tensor, size: int) -> Tensor:
    """Whole uint8 pictures (b, 3, S, S) at `size` pixels, rounded: what the network is shown."""
    return ((resize(to_input(images), size) + 1) * 127.5).round().to(torch.uint8)


@torch.inference_mode()
def painted(model: nn.Module, pictures: Tensor, mask: Tensor) -> Tensor:
    """What the network paints at every position, as uint8 pictures.

    Raises:
        ValueError: If the network predicts patches without their own mean and scale: it has no
            picture to show unless those two numbers are taken from the hidden patches.
    """
    assert isinstance(model, MAE)
    if model.cfg.norm_pix:
        raise ValueError("a network that predicts normalised patches paints no raw picture")
    prediction = unpatchify(model(to_input(pictures), mask), model.cfg.patch_size)
    return ((prediction + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def with_own_statistics(pictures: Tensor, guesses: Tensor, patch: int) -> Tensor:
    """Give each painted patch the mean and variance of the true one, which leaks the target."""
    truth, guess = (patchify(x.double() / 255, patch) for x in (pictures, guesses))
    (mean, scale), (mean_guess, scale_guess) = patch_statistics(truth), patch_statistics(guess)
    moved = unpatchify((guess - mean_guess) / scale_guess * scale + mean, patch)
    return (moved * 255).round().clamp(0, 255).to(torch.uint8)


def similarity(one: Tensor, other: Tensor) -> Tensor:
    """Structural similarity around every pixel, mean of the colours: (b, 3, H, W) -> (b, H, W).

    Wang et al. 2004, equation 13, in Gaussian windows of 11 x 11 pixels with sigma 1.5, mirrored
    at the picture's edge; pixels in [0, 1], K1 = 0.01, K2 = 0.03.
    """
    rows, columns = (_window(side, one.device) for side in one.shape[-2:])

    def local(values: Tensor) -> Tensor:
        return rows @ values @ columns.T

    mean, mean_other = local(one), local(other)
    variances = local(one * one) - mean**2 + local(other * other) - mean_other**2
    covariance = local(one * other) - mean * mean_other
    light = (2 * mean * mean_other + C1) / (mean**2 + mean_other**2 + C1)
    return (light * (2 * covariance + C2) / (variances + C2)).mean(dim=1)


def _window(side: int, device: torch.device) -> Tensor:
    """Matrix (side, side) whose row i averages around pixel i."""
    steps = torch.arange(-REACH, REACH + 1)
    weights = (-(steps.double() ** 2) / (2 * SIGMA**2)).exp()
    at = torch.arange(side)[:, None] + steps
    at = torch.where(at < 0, -1 - at, at)
    at = torch.where(at >= side, 2 * side - 1 - at, at)
    share = (weights / weights.sum()).expand(side, -1)
    return torch.zeros(side, side, dtype=torch.double).scatter_add(1, at, share).float().to(device)


@torch.inference_mode()
def measure(model: nn.Module, split: Split, size: int, ratio: float) -> dict[str, Fidelity]:
    """Scores at one fixed mask a picture; a larger ratio hides all that a smaller one hides.

    Returns:
        "raw", and "own statistics" for `with_own_statistics`.
    """
    assert isinstance(model, MAE)
    g, patch, grid = torch.Generator().manual_seed(0), model.cfg.patch_size, model.cfg.grid
    found: dict[str, list[Tensor]] = {"raw": [], "own statistics": []}
    for images in split.images.split(BATCH):
        truth = squashed(images, size)
        mask = random_mask(torch.rand(len(truth), grid**2, generator=g), ratio).to(truth.device)
        guess = painted(model, truth, mask)
        hidden = rearrange(mask, "b (gh gw) -> b 1 gh gw", gh=grid)
        hidden = hidden.repeat_interleave(patch, 2).repeat_interleave(patch, 3)  # (b, 1, S, S)
        for name, picture in (
            ("raw", guess), ("own statistics", with_own_statistics(truth, guess, patch)),
        ):  # fmt: skip
            found[name].append(compare(truth, picture, hidden))
    return {name: summary(torch.cat(parts)) for name, parts in found.items()}


def compare(truth: Tensor, guess: Tensor, hidden: Tensor) -> Tensor:
    """Error and similarity of each uint8 picture over its hidden pixels (b, 1, H, W): (b, 2)."""
    one = truth.float() / 255
    pasted = torch.where(hidden, guess, truth).float() / 255
    area = hidden.sum(dim=(1, 2, 3))
    error = (one - pasted).square().mean(dim=1).sum(dim=(1, 2)) / area  # visible ones are equal
    alike = (similarity(one, pasted) * hidden[:, 0]).sum(dim=(1, 2)) / area
    return torch.stack([error, alike], dim=1).double().cpu()


def summary(scores: Tensor) -> Fidelity:
    """The pictures' errors and similarities (n, 2), all of equally many hidden pixels, in one."""
    error, alike = scores.unbind(1)
    least = 1e-10  # a picture painted perfectly would have an infinite ratio
    psnr = -10 * error.clamp(min=least).log10()
    mean = float(error.mean())
    return Fidelity(
        mean, -10 * math.log10(max(mean, least)), float(psnr.mean()), float(alike.mean())
    )
