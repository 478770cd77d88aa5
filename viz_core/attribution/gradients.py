"""Methods that ask for the gradient of the score at the pixels; captum's where it has them.

captum sees no module, only a function that scores pictures, so it registers nothing.
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from viz_core.attribution import BASELINES
from viz_core.attribution.baselines import stand_in
from viz_core.attribution.question import Found, Question, batch


def summed(pixels: Tensor) -> Float[np.ndarray, "row column"]:
    """What the three channels of a pixel carry together, with its sign: (1, 3, H, W) -> (H, W)."""
    return pixels[0].detach().double().sum(dim=0).numpy()


def saliency(question: Question) -> Found:
    """Size of the slope, the largest of a pixel's three channels (Simonyan et al., section 3.1)."""
    from captum.attr import Saliency

    forward = _Kept(question)
    slopes = Saliency(forward).attribute(_leaf(question.image), abs=True)
    return Found(slopes[0].detach().double().amax(dim=0).numpy(), forward.last)


def input_x_gradient(question: Question) -> Found:
    """Slope times value, summed over a pixel's channels."""
    from captum.attr import InputXGradient

    forward = _Kept(question)
    return Found(summed(InputXGradient(forward).attribute(_leaf(question.image))), forward.last)


def integrated_gradients(question: Question) -> Found:
    """Mean slope on the straight way from the baseline, times how far it is, by Gauss-Legendre."""
    from captum.attr import IntegratedGradients

    image = question.image
    baseline = stand_in(image, question.settings.baseline)
    ends = question.scores(torch.cat([image, baseline]))
    found = IntegratedGradients(question.score).attribute(
        _leaf(image),
        baseline,
        n_steps=question.settings.steps,
        internal_batch_size=batch(image, gradient=True),
    )
    return Found(summed(found), ends[0].item(), ends[1].item())


def gradient_shap(question: Question) -> Found:
    """Mean over draws of slope times way, each at a random point of the way from a baseline.

    captum's GradientShap without noise, written out: captum draws from numpy's global generator,
    which the threads of other visitors share, so a seed would not settle what comes out. The
    baseline of the promise is the mean of those that were drawn, as in captum's own delta.
    """
    image, settings = question.image, question.settings
    baselines = torch.cat([stand_in(image, kind) for kind in BASELINES])
    ends = question.scores(torch.cat([image, baselines]))
    which, along = shap_draws(settings.samples, settings.seed)
    total, size = torch.zeros_like(image), batch(image, gradient=True)
    for chosen, point in zip(which.split(size), along.split(size), strict=True):
        way = image - baselines[chosen]
        start = _leaf(baselines[chosen] + point.to(image)[:, None, None, None] * way)
        (slopes,) = torch.autograd.grad(question.score(start).sum(), start)
        total += (slopes * way).sum(dim=0)
    return Found(summed(total / settings.samples), ends[0].item(), ends[1:][which].mean().item())


def shap_draws(samples: int, seed: int) -> tuple[Tensor, Tensor]:
    """Which baseline and how far along the way, from 0 to 1, for every draw of GradientShap.

    Baselines come in turn, and the draws of each are spread: one from every equal part of the
    way. The mean stays what it would be by mere lot, and fewer draws are enough.
    """
    random = np.random.default_rng(seed)
    which = np.arange(samples) % len(BASELINES)
    along = np.empty(samples)
    for baseline in range(len(BASELINES)):
        count = (which == baseline).sum()
        along[which == baseline] = (np.arange(count) + random.uniform(size=count)) / max(count, 1)
    return torch.from_numpy(which), torch.from_numpy(along)


class _Kept:
    """The score of one picture, kept for its own sake while captum asks for its slope."""

    def __init__(self, question: Question) -> None:
        self._question, self.last = question, 0.0

    def __call__(self, images: Tensor) -> Tensor:
        found = self._question.score(images)
        self.last = found.item()
        return found


def _leaf(images: Tensor) -> Tensor:
    """A copy that gradients are asked of; the caller's own is never changed."""
    return images.detach().clone().requires_grad_()
