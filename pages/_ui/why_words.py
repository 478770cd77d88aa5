"""What the tabs of the page Why are filled with: the code that ran, and this view's numbers."""

from collections.abc import Callable
from typing import Any

from models.catalog import CATALOG
from pages._ui.cached import attribution as cached
from pages._ui.why_choice import Choice
from viz_core.attribution import (
    agreement,
    attention,
    cam,
    curves,
    erasing,
    gradients,
    grid,
    lens,
    randomise,
    removal,
    run,
    trust,
)
from viz_core.attribution.methods import METHODS

# Each method is a function of its own name in one of these.
FILES = (gradients, removal, cam, attention, lens)
HONESTY = (erasing.ranked, erasing.switched, curves.curve, curves.area, trust.infidelity,
           randomise.shuffle, agreement.spearman)  # fmt: skip


def code(choice: Choice) -> tuple[Callable[..., Any], ...]:
    """The functions that ran for the map, then those that test it."""
    own = tuple(getattr(file, choice.method) for file in FILES if hasattr(file, choice.method))
    return (run.attribute, *own, grid.on_cells, *HONESTY)


def values(choice: Choice) -> dict[str, str]:
    """What the text is filled in with."""
    return {
        "method": METHODS[choice.method].title,
        "target": choice.named,
        "network": CATALOG[choice.network].title,
        "score": f"{cached.attribution(*choice.asked).score:.3g}",
        "cells": str(cached.shape(choice.network).cells),
    }
