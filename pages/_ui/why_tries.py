"""“Try this” of the page Why: telling views. What is only true of one network brings it."""

from collections.abc import Mapping
from typing import Any

from pages._ui.tries import Try
from pages._ui.why_choice import Wanted
from pages._ui.why_honesty import OPENS
from pages._ui.why_stage import ASKED

VIT = "vit_nano_patch4_56"


def _try(
    label: str,
    question: str,
    sample: str,
    choice: Mapping[str, Any],
    opens: str | None = None,
    network: str | None = None,
    **view: object,
) -> Try:
    """A view: what is asked of the network, what the browser shows, which section is computed."""
    plain = {"label": Wanted.label, "against": Wanted.against, "baseline": Wanted.baseline}
    asked = {"mode": "map", "cells": False, **view, "choice": {**plain, **choice}}
    state = {ASKED: asked, OPENS: opens}
    return Try(label=label, question=question, sample=sample, network=network, state=state)


TRIES = (
    _try(
        "Cat against dog",
        "Both are in the picture. Which places speak for the cat, and which for the dog?",
        "cat-and-dog", {"method": "occlusion", "label": "cat", "against": "dog"},
    ),
    _try(
        "For a wrong reason",
        "Keep the quarter that counts most: no ice cream is left, and it is surer of “fruit” than "
        "before. What does it go by?",
        "ice-cream",
        {"method": "integrated_gradients"},
        network=VIT,
        mode="keep",
        percent=25,
    ),
    _try(
        "Hard to erase",
        "Three quarters are gone, in the order of the map, and it is still fairly sure. Would a "
        "random order leave more? Look at the grey band.",
        "balloons",
        {"method": "relevance"},
        network=VIT,
        mode="erase",
        percent=75,
    ),
    _try(
        "Blind to the class",
        "Let the network forget, further down: without the head no class is left, and rollout is "
        "the same. Which blocks does it take to change it?",
        "dog", {"method": "rollout"}, opens="cascade", network=VIT,
    ),
)  # fmt: skip
