"""What says how far to trust a map, shared between visitors and kept by all it depends on.

Everything is on the network's own grid of cells. Long ones take `_progress`, which is told how much
is done; what it raises stops the work, and nothing is kept. Whoever else waits for a forward pass
gets a turn between two passes. Settings that a method does not read make nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached
from pages._ui.cached import attribution, breaking
from pages._ui.cached.erasing import (
    DRAWS,
    Band,
    Curves,
    centre,
    chance,
    curves,
    erasures,
    on_cells,
)
from pages._ui.cached.turns import Progress, freeze, polite, shares
from viz_core.attribution import Settings, Target
from viz_core.attribution.methods import METHODS

if TYPE_CHECKING:
    from viz_core.attribution.randomise import Stage
    from viz_core.attribution.trust import Completeness, Infidelity

__all__ = [
    "DRAWS",
    "Agreement",
    "Band",
    "Curves",
    "Trust",
    "agreement",
    "agreement_passes",
    "cascade",
    "cascade_passes",
    "centre",
    "chance",
    "curves",
    "erasures",
    "methods",
    "on_cells",
    "sensitivity",
    "sensitivity_passes",
    "trust",
]

# Of the cells, compared between methods by who has the same ones on top.
TOP_SHARE = 0.1


@dataclass(frozen=True)
class Agreement:
    """How alike the maps of several methods are, on one grid.

    Attributes:
        methods: Keys of METHODS, in the order of rows and columns.
        correlation: Rank correlation, (method, method); NaN where a map has no order.
        overlap: Share of the highest cells that two have in common, (method, method).
        count: How many cells count as the highest.
        chance: The overlap of two orders that know nothing of each other.
    """

    methods: tuple[str, ...]
    correlation: np.ndarray
    overlap: np.ndarray
    count: int
    chance: float


@dataclass(frozen=True)
class Trust:
    """What the map and the costs of some squares say, without further passes.

    Attributes:
        completeness: None where the method promises nothing.
        infidelity: How well the map predicts the costs.
        even: How well a map that is the same everywhere does; a map should do better.
    """

    completeness: Completeness | None
    infidelity: Infidelity
    even: Infidelity


def methods(name: str) -> tuple[str, ...]:
    """Methods that suit a network, in their order."""
    views = CATALOG[name].views
    return tuple(key for key, method in METHODS.items() if method.suits(views))


@st.cache_resource(max_entries=32, show_spinner=False)
def agreement(
    name: str,
    key: str,
    _raw: bytes,
    target: Target,
    settings: Settings,
    _progress: Progress | None = None,
) -> Agreement:
    """Every method that suits a network against every other; `agreement_passes` says the cost."""
    from viz_core.attribution.agreement import matrix, overlap

    asked = methods(name)
    maps = [
        on_cells(name, key, _raw, method, target, settings, progress)
        for method, progress in zip(asked, shares(_progress, len(asked)), strict=True)
    ]
    count = max(1, round(TOP_SHARE * maps[0].size))
    shared = np.array([[overlap(one, other, count) for other in maps] for one in maps])
    found = Agreement(asked, matrix(maps), shared, count, count / maps[0].size)
    freeze(found.correlation, found.overlap)
    return found


def agreement_passes(name: str, settings: Settings) -> float:
    """Cost of `agreement` in forward passes, if no map is known yet."""
    shape = attribution.shape(name)
    return sum(METHODS[method].passes(shape, settings) for method in methods(name))


def trust(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    filling: str,
    _progress: Progress | None = None,
) -> Trust:
    """Completeness gap and infidelity of a map."""
    read = METHODS[method].only(settings)
    return _trust(name, key, _raw, method, target, read, filling, _progress)


@st.cache_resource(max_entries=128, show_spinner=False)
def _trust(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    filling: str,
    _progress: Progress | None,
) -> Trust:
    from viz_core.attribution import trust as numbers

    first, second = shares(_progress, 2)
    values = on_cells(name, key, _raw, method, target, settings, first)
    found = attribution.attribution(name, key, _raw, method, target, settings)
    known = erasures(name, key, _raw, target, filling, second)
    return Trust(
        completeness=numbers.completeness(found),
        infidelity=numbers.infidelity(values, known),
        even=numbers.infidelity(np.ones_like(values), known),
    )


def sensitivity(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    _progress: Progress | None = None,
) -> float:
    """By how much invisible noise changes a map at most; `sensitivity_passes` says the cost."""
    read = METHODS[method].only(settings)
    return _sensitivity(name, key, _raw, method, target, read, _progress)


@st.cache_resource(max_entries=128, show_spinner=False)
def _sensitivity(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    _progress: Progress | None,
) -> float:
    from viz_core.attribution.trust import sensitivity as measured

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return measured(
            method, model, image, target, settings, progress=polite(_progress)
        )  # fmt: skip


def sensitivity_passes(name: str, method: str, settings: Settings) -> float:
    """Cost of `sensitivity` in forward passes."""
    from viz_core.attribution.trust import sensitivity_passes as passes

    return passes(METHODS[method], attribution.shape(name), settings)


def cascade(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    _progress: Progress | None = None,
) -> tuple[Stage, ...]:
    """Maps of a private copy of the network that forgets from the head down."""
    read = METHODS[method].only(settings)
    return _cascade(name, key, _raw, method, target, read, _progress)


@st.cache_resource(max_entries=16, show_spinner=False)
def _cascade(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    _progress: Progress | None,
) -> tuple[Stage, ...]:
    from viz_core.attribution.randomise import cascade as forgetting

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return tuple(forgetting(method, model, image, target, settings, progress=polite(_progress)))


def cascade_passes(name: str, method: str, settings: Settings) -> float:
    """Cost of `cascade` in forward passes: a map for every part, and one to compare them with."""
    from viz_core.attribution.randomise import parts

    maps = len(parts(cached.network(name))) + 1
    return maps * METHODS[method].passes(attribution.shape(name), settings)
