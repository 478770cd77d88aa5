"""The take of the page Train: what the network on screen sees, and the curve of its training."""

import numpy as np

from models.training.live_config import Trained, title
from pages._ui import controls, train_stage, workshop
from pages._ui.cached import train as cached
from pages._ui.take import Take
from pages._ui.train_choice import Choice
from viz_core.training_figures import Curves

CURVE = {
    "curve_pictures": ("pictures", "(point,): training pictures seen"),
    "curve_loss": ("loss", "(point,): mean loss, nats"),
    "curve_accuracy": ("accuracy", "(point,): training pictures right, percent"),
    "exam_pictures": ("asked", "(exam,): training pictures seen before it"),
    "exam_accuracy": ("held_out", "(exam,): held-out pictures right, percent"),
}


def view(choice: Choice) -> Take:
    """The network that was trained last, or the one chosen before its training."""
    kept = workshop.trained()
    network = kept.get(controls.own_network() or next(iter(kept), ""))
    return _trained(network) if network else _untrained(choice)


def _untrained(choice: Choice) -> Take:
    picture, config = controls.picture(), choice.config
    seen = cached.untrained(
        config.variant, len(choice.classes), config.seed, picture.key, picture.raw
    )
    return Take(
        name=f"untrained-{config.variant}",
        says=f"{title(config.variant)} before any training, random weights",
        numbers={
            "picture": cached.square(picture.key, picture.raw),
            "reading": seen.weights,
            "probabilities": seen.probabilities,
        },
        script="train",
        values={
            "VARIANT": config.variant, "CLASSES": len(choice.classes), "SEED": config.seed,
        },
    )  # fmt: skip


def _trained(network: Trained) -> Take:
    from models.training.live_views import look
    from pages._ui import cached as shared

    picture, config = controls.picture(), network.config
    square = cached.square(picture.key, picture.raw)
    with shared.FORWARD:
        seen = look(network.model, square)
    return Take(
        name=f"trained-{config.variant}",
        says=f"{network.title}, after {network.progress.pictures:,} pictures",
        numbers={
            "picture": square,
            "reading": seen.weights,
            "probabilities": seen.probabilities,
        },
        measured=_curve(train_stage.measured(network.progress)),
        script="train",
        values={
            "VARIANT": config.variant, "CLASSES": len(network.classes), "SEED": config.seed,
            "WEIGHTS": f"{config.variant}.safetensors",
        },
    )  # fmt: skip


def _curve(found: Curves) -> dict[str, tuple[np.ndarray, str]]:
    return {name: (getattr(found, part), note) for name, (part, note) in CURVE.items()}
