"""Passes of broken pictures, shared between visitors. A pass is kept by what was done to it."""

import json

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached
from viz_core import breaking, damage, images, prediction
from viz_core.breaking import Mosaic
from viz_core.damage import Kind
from viz_core.probe.breaking import Reaction

# As many random draws as there are directions of a shift.
DRAWS = 4
BOARD_PIXELS = 784
# Pieces along one side of the board: the patches of the networks that Saccade ships.
GRID = 14


def _prepared(name: str, key: str, raw: bytes) -> images.Prepared:
    how = CATALOG[name].preprocessing
    return images.prepare(
        cached.picture(key, raw),
        size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std,
    )  # fmt: skip


@st.cache_resource(max_entries=16, show_spinner=False)
def pixels(name: str, key: str, _raw: bytes) -> np.ndarray:
    """A network's input (1, 3, size, size), read-only."""
    prepared = _prepared(name, key, _raw).pixels
    prepared.flags.writeable = False
    return prepared


@st.cache_resource(max_entries=4, show_spinner=False)
def board_jpeg(name: str, key: str, _raw: bytes) -> bytes:
    """The square that a network sees, for the browser."""
    return images.encode_jpeg(_prepared(name, key, _raw).crop, side=BOARD_PIXELS, quality=86)


@st.cache_resource(max_entries=8, show_spinner=False)
def has_positions(name: str) -> bool:
    """Whether there is a variant of this network without positions."""
    from viz_core.probe import breaking as probe

    return probe.has_positions(cached.network(name))


@st.cache_resource(max_entries=32, show_spinner=False)
def mosaic(steps: str, size: int) -> Mosaic:
    """What the steps (JSON) leave of a picture. Raises `ValueError` if they are no steps."""
    decoded = json.loads(steps)
    if not isinstance(decoded, list) or not all(isinstance(step, dict) for step in decoded):
        raise ValueError("steps are a list of objects")
    return breaking.replay(decoded, size)


@st.cache_resource(max_entries=128, show_spinner=False)
def reaction(name: str, key: str, _raw: bytes, positions: bool, steps: str) -> Reaction:
    """What a network says of a picture after the steps; "[]" is the whole picture."""
    from viz_core.probe import breaking as probe

    size = CATALOG[name].preprocessing.size
    image = breaking.applied(mosaic(steps, size), pixels(name, key, _raw))
    model = cached.network(name)
    with cached.FORWARD:
        return probe.react(model, image, positions=positions)


@st.cache_resource(max_entries=256, show_spinner=False)
def survival(name: str, key: str, _raw: bytes, positions: bool, kind: Kind) -> np.ndarray:
    """Share of the class that a network first names, after each dose of damage, (dose, draw).

    The first row is the whole picture. Takes 20 passes, a third of a second on two cores.
    """
    from viz_core.probe import breaking as probe

    image, size = pixels(name, key, _raw), CATALOG[name].preprocessing.size
    first = reaction(name, key, _raw, positions, "[]").logits
    doses = damage.DOSES[kind]
    broken = [
        breaking.applied(damage.damaged(kind, dose, size=size, grid=GRID, seed=draw), image)
        for dose in doses[1:]
        for draw in range(DRAWS)
    ]
    chosen = int(first.argmax())
    model = cached.network(name)
    with cached.FORWARD:
        shares = probe.shares(model, np.concatenate(broken), chosen, positions=positions)
    whole = np.full((1, DRAWS), prediction.softmax(first)[chosen])
    table = np.concatenate([whole, shares.reshape(len(doses) - 1, DRAWS)])
    table.flags.writeable = False
    return table
