"""Takes of the pages Attention and Start."""

from typing import cast

from pages._ui import cached, controls
from pages._ui.canvas import CanvasState
from pages._ui.stage import Shown
from pages._ui.take import Take, titled
from pages._ui.takes import canvas
from viz_core import rollout

WORDS = {"single": "head {}", "mean": "mean of all heads", "max": "maximum of all heads"}


def view(shown: Shown) -> Take:
    """The attention on the stage."""
    picture, name = controls.picture(), shown.network
    scene = cached.scene(name, picture.key, picture.raw)
    layers, heads, tokens, _ = scene.patterns.shape
    known = CanvasState(
        pins=(shown.token,), layer=shown.layer, head=shown.head, reading=shown.reading,
        residual=shown.residual,
    )  # fmt: skip
    now = canvas.shown(known, layers, heads, tokens)
    token = now.pins[0] if now.pins else 0
    reading = cast(rollout.Reading, now.reading)
    matrix = rollout.matrix(scene.patterns, now.layer, now.head, reading, residual=now.residual)
    numbers = cached.head_numbers(name, picture.key, picture.raw)
    words = WORDS.get(reading, "rollout").format(now.head + 1)
    part = f"head{now.head + 1}" if reading == "single" else reading
    return Take(
        name=f"attention-layer{now.layer + 1}-{part}",
        says=f"{titled(name)}, layer {now.layer + 1}, {words}",
        numbers={
            "attention": matrix,
            "looks_at": matrix[token],
            "looked_at_by": matrix[:, token],
            "head_distance": numbers.distance,
            "head_entropy": numbers.entropy,
            "logits": scene.logits,
        },
        script="attention",
        values={
            "NETWORK": name, "LAYER": now.layer, "HEAD": now.head, "READING": reading,
            "RESIDUAL": now.residual, "TOKEN": token,
        },
    )  # fmt: skip
