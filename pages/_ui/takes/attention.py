"""Takes of the pages Attention and Start."""

from typing import cast

from pages._ui import cached, controls
from pages._ui.stage import Shown
from pages._ui.take import Take, titled
from viz_core import rollout

WORDS = {"single": "head {}", "mean": "mean of all heads", "max": "maximum of all heads"}


def view(shown: Shown) -> Take:
    """The attention on the stage."""
    picture, name = controls.picture(), shown.network
    scene = cached.scene(name, picture.key, picture.raw)
    heads = cached.head_numbers(name, picture.key, picture.raw)
    reading = cast(rollout.Reading, shown.reading)
    matrix = rollout.matrix(
        scene.patterns, shown.layer, shown.head, reading, residual=shown.residual
    )
    words = WORDS.get(reading, "rollout").format(shown.head + 1)
    part = f"head{shown.head + 1}" if reading == "single" else reading
    return Take(
        name=f"attention-layer{shown.layer + 1}-{part}",
        says=f"{titled(name)}, layer {shown.layer + 1}, {words}",
        numbers={
            "attention": matrix,
            "looks_at": matrix[shown.token],
            "looked_at_by": matrix[:, shown.token],
            "head_distance": heads.distance,
            "head_entropy": heads.entropy,
            "logits": scene.logits,
        },
        script="attention",
        values={
            "NETWORK": name, "LAYER": shown.layer, "HEAD": shown.head, "READING": reading,
            "RESIDUAL": shown.residual, "TOKEN": shown.token,
        },
    )  # fmt: skip
