"""Pictures of which cells are erased in an order, shared between visitors: curves and squares.

Everything is on the network's own grid of cells. Long ones take `_progress`, which is told how much
is done; what it raises stops the work, and nothing is kept. Whoever else waits for a forward pass
gets a turn between two passes. Settings that a method does not read make nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages._ui import cached
from pages._ui.cached import attribution, breaking
from pages._ui.cached.turns import Progress, freeze, polite, shares
from viz_core.attribution import Settings, Target
from viz_core.attribution.methods import METHODS

if TYPE_CHECKING:
    from viz_core.attribution.curves import Curve, Mode
    from viz_core.attribution.trust import Erasures

# Orders that know nothing; each also serves backwards, so both bands come from as many runs.
DRAWS = 5


@dataclass(frozen=True)
class Curves:
    """Deletion and insertion of one order."""

    deletion: Curve
    insertion: Curve


@dataclass(frozen=True)
class Band:
    """What orders that know nothing give, at the same steps as every other curve of the grid.

    Attributes:
        counts: Cells erased (or put back) at each step.
        deletion: Mean share of the target at each step.
        insertion: The same when cells are put back.
        deletion_range: Lowest and highest of the draws at each step, (2, step).
        insertion_range: The same when cells are put back.
        auc: Area of each draw, (draw); over all draws that of deletion is that of insertion, as
            every order backwards is one as likely.
        draws: How many orders.
    """

    counts: np.ndarray
    deletion: np.ndarray
    insertion: np.ndarray
    deletion_range: np.ndarray
    insertion_range: np.ndarray
    auc: np.ndarray
    draws: int


def on_cells(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    _progress: Progress | None = None,
) -> np.ndarray:
    """A map on the network's grid, (cells, cells), read-only; everything here starts from it."""
    read = METHODS[method].only(settings)
    return _on_cells(name, key, _raw, method, target, read, _progress)


@st.cache_resource(max_entries=256, show_spinner=False)
def _on_cells(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    _progress: Progress | None,
) -> np.ndarray:
    from viz_core.attribution import grid

    found = attribution.attribution(name, key, _raw, method, target, settings, _progress)
    cells = attribution.shape(name).cells
    values = grid.on_cells(found.values, cells, extensive=found.extensive)
    values.flags.writeable = False
    return values


def curves(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    filling: str,
    _progress: Progress | None = None,
) -> Curves:
    """Deletion and insertion of a map's order: about 100 passes on 14 x 14 cells, plus the map.

    Args:
        name: Key of the catalog.
        key: Of the picture.
        method: Key of METHODS.
        target: What is explained.
        settings: Of the method.
        filling: One of `BASELINES`: what comes in place of an erased cell.
    """
    read = METHODS[method].only(settings)
    return _curves(name, key, _raw, method, target, read, filling, _progress)


@st.cache_resource(max_entries=128, show_spinner=False)
def _curves(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    filling: str,
    _progress: Progress | None,
) -> Curves:
    from viz_core.attribution.curves import ranked

    first, *rest = shares(_progress, 3)
    values = on_cells(name, key, _raw, method, target, settings, first)
    return _both(name, key, _raw, ranked(values), target, filling, rest)


@st.cache_resource(max_entries=32, show_spinner=False)
def centre(
    name: str,
    key: str,
    _raw: bytes,
    target: Target,
    filling: str,
    _progress: Progress | None = None,
) -> Curves:
    """Deletion and insertion from the middle outwards, whatever the picture shows."""
    from viz_core.attribution.curves import centre_order

    order = centre_order(attribution.shape(name).cells)
    return _both(name, key, _raw, order, target, filling, shares(_progress, 2))


@st.cache_resource(max_entries=32, show_spinner=False)
def chance(
    name: str,
    key: str,
    _raw: bytes,
    target: Target,
    filling: str,
    draws: int = DRAWS,
    _progress: Progress | None = None,
) -> Band:
    """Deletion and insertion of random orders: 50 passes each on 14 x 14 cells."""
    from viz_core.attribution.curves import backwards, random_orders

    cells = attribution.shape(name).cells
    orders = random_orders(cells**2, 0, draws)
    there = [
        _curve(name, key, _raw, order, target, filling, "deletion", progress)
        for order, progress in zip(orders, shares(_progress, draws), strict=True)
    ]
    back = [backwards(one, target) for one in there]
    deletion, insertion = (np.stack([one.shares for one in some]) for some in (there, back))
    band = Band(
        counts=there[0].counts,
        deletion=deletion.mean(axis=0),
        insertion=insertion.mean(axis=0),
        deletion_range=np.stack([deletion.min(axis=0), deletion.max(axis=0)]),
        insertion_range=np.stack([insertion.min(axis=0), insertion.max(axis=0)]),
        auc=np.array([one.auc for one in there]),
        draws=draws,
    )
    freeze(band.deletion, band.insertion, band.deletion_range, band.insertion_range, band.auc)
    return band


@st.cache_resource(max_entries=32, show_spinner=False)
def erasures(
    name: str,
    key: str,
    _raw: bytes,
    target: Target,
    filling: str,
    _progress: Progress | None = None,
) -> Erasures:
    """What erasing random squares costs: 129 passes, once for all methods."""
    from viz_core.attribution import trust
    from viz_core.attribution.curves import filling as filled

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    cells, blank = attribution.shape(name).cells, filled(image, filling)
    with cached.FORWARD:
        return trust.erasures(model, image, target, cells, blank, progress=polite(_progress))


def _both(
    name: str,
    key: str,
    raw: bytes,
    order: np.ndarray,
    target: Target,
    filling: str,
    progress: list[Progress],
) -> Curves:
    deletion = _curve(name, key, raw, order, target, filling, "deletion", progress[0])
    insertion = _curve(name, key, raw, order, target, filling, "insertion", progress[1])
    return Curves(deletion, insertion)


def _curve(
    name: str,
    key: str,
    raw: bytes,
    order: np.ndarray,
    target: Target,
    filling: str,
    mode: Mode,
    progress: Progress,
) -> Curve:
    from viz_core.attribution import curves as run

    model, image = cached.network(name), breaking.pixels(name, key, raw)
    with cached.FORWARD:
        return run.curve(
            model,
            image,
            order,
            target,
            attribution.shape(name).cells,
            filling=run.filling(image, filling),
            mode=mode,
            progress=polite(progress),
        )
