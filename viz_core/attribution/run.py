"""One signature for all methods."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64
from torch import nn

from viz_core.attribution import (
    Attribution,
    Settings,
    Target,
    attention,
    cam,
    gradients,
    lens,
    removal,
)
from viz_core.attribution.methods import METHODS, Method
from viz_core.attribution.question import (
    Found,
    Meter,
    Progress,
    Question,
    batch,
    score,
    shape_of,
)

__all__ = ["Progress", "attribute", "logits", "score", "scores"]

_COMPUTED: dict[str, Callable[[Question], Found]] = {
    "saliency": gradients.saliency,
    "input_x_gradient": gradients.input_x_gradient,
    "integrated_gradients": gradients.integrated_gradients,
    "gradient_shap": gradients.gradient_shap,
    "occlusion": removal.occlusion,
    "ablation": removal.ablation,
    "grad_cam": cam.grad_cam,
    "rollout": attention.rollout,
    "gradient_rollout": attention.gradient_rollout,
    "relevance": attention.relevance,
    "attention_x_gradient": attention.attention_x_gradient,
    "logit_lens": lens.logit_lens,
}


def attribute(
    name: str,
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    target: Target,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """What counted for a target, by one of `METHODS`.

    Args:
        name: Key of `METHODS`.
        model: Any network with classes that the method suits; left untouched: nothing is
            registered on it, and its parameters get no gradient.
        image: Normalised square picture.
        target: What is explained.
        settings: What some methods let one choose.
        progress: Called between passes with how many pictures went through the network and how
            many will; what it raises stops the computation and is passed on.

    Raises:
        KeyError: If there is no such method.
        ValueError: If the network lacks what the method reads, or has no such class.
    """
    method, settings = METHODS[name], settings or Settings()
    _refuse(method, model, image)
    shape = shape_of(model, image.shape[-1])
    meter = Meter(round(method.forwards(shape, settings)), progress)
    pixels = torch.tensor(image, dtype=next(model.parameters()).dtype)
    with torch.inference_mode(False), torch.enable_grad():
        question = Question(model, pixels, target, settings, shape, meter)
        found = _COMPUTED[name](question)
    meter.tell()
    values = found.values.astype(np.float32)
    values.flags.writeable = False
    return Attribution(
        values, method.signed, method.unit, found.score, found.baseline, method.extensive
    )


def logits(
    model: nn.Module,
    images: Float[np.ndarray, "picture 3 height width"],
    progress: Progress | None = None,
    size: int | None = None,
) -> Float32[np.ndarray, "picture classes"] | Float64[np.ndarray, "picture classes"]:
    """What the head says of many pictures, in batches that bound the memory.

    Args:
        model: Any network that takes pictures; left untouched.
        images: Normalised pictures.
        progress: As in `attribute`.
        size: Pictures in a batch; None for as many as fit.
    """
    meter = Meter(len(images), progress)
    dtype = next(model.parameters()).dtype
    size = size or batch(torch.empty(0, *images.shape[1:], device="meta"))
    found = []
    with torch.inference_mode():
        for start in range(0, len(images), size):
            part = torch.tensor(images[start : start + size], dtype=dtype)
            meter.step(len(part))
            found.append(model(part))
    meter.tell()
    return torch.cat(found).numpy()


def scores(
    model: nn.Module,
    images: Float[np.ndarray, "picture 3 height width"],
    target: Target,
    batch: int | None = None,
    progress: Progress | None = None,
) -> Float64[np.ndarray, " picture"]:
    """The target of many pictures, in logits; see `logits`.

    Raises:
        ValueError: If there is no such class.
    """
    said = torch.from_numpy(logits(model, images, progress, batch))
    return score(said.double(), target).numpy()


def _refuse(method: Method, model: nn.Module, image: np.ndarray) -> None:
    """One sentence for what cannot be asked.

    Raises:
        ValueError: If the network names no classes or lacks what the method reads, or the picture
            is not square.
    """
    views: Mapping[str, str] = getattr(model, "views", {})
    if not method.suits(views):
        needed = " or ".join(sorted(method.needs))
        raise ValueError(f"{method.title} needs {needed}, and {type(model).__name__} has none.")
    if getattr(getattr(model, "cfg", None), "classes", None) == 0:
        raise ValueError("This network names no classes, so there is no score to explain.")
    if image.shape[-1] != image.shape[-2]:
        raise ValueError(f"A picture of {image.shape[-1]} x {image.shape[-2]} is not square.")
