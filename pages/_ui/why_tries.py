"""“Try this” of the page Why: telling views."""

from collections.abc import Mapping
from typing import Any

from pages._ui.tries import Try
from pages._ui.why_choice import Wanted
from pages._ui.why_stage import ASKED


def _try(
    label: str, question: str, sample: str | None, choice: Mapping[str, Any], **view: object
) -> Try:
    """A view: what is asked of the network, and what the browser shows of it."""
    plain = {"label": Wanted.label, "against": Wanted.against, "baseline": Wanted.baseline}
    asked = {"mode": "map", "cells": False, **view, "choice": {**plain, **choice}}
    return Try(label=label, question=question, sample=sample, state={ASKED: asked})


TRIES = (
    _try(
        "Cat against dog",
        "Both are in the picture. Which of them speaks for the cat, and which against it?",
        "cat-and-dog", {"method": "ablation", "label": "cat", "against": "dog"},
    ),
    _try(
        "A tenth of it",
        "Erase the tenth that counts most: is the answer gone? Then play it to the end.",
        "butterfly", {"method": "relevance"}, mode="erase", percent=10,
    ),
    _try(
        "Blind to the class",
        "Rollout never hears of a class. Ask for another one: does its map change?",
        "dog", {"method": "rollout"},
    ),
    _try(
        "Only what counts",
        "A quarter of the picture, and nothing else. Is that enough for the network?",
        "taxis", {"method": "integrated_gradients"}, mode="keep", percent=25,
    ),
)  # fmt: skip
