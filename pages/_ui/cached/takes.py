"""Arrays of views whose browser part is sent bytes: kept for those who take them with them.

At most one view each: a take is looked at for a moment. The largest, a block of Swin-B at 384
pixels, holds 40 MB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached
from pages._ui.cached import compact, convnext, mae_film, mae_more, swin
from viz_core import masking

if TYPE_CHECKING:
    from viz_core.probe.conv import MapsLook
    from viz_core.probe.kernels import Depthwise
    from viz_core.probe.mae import Guesses
    from viz_core.probe.pyramid import PyramidLook
    from viz_core.probe.swin import Opened, WindowLook
    from viz_core.probe.windowed import WindowedLook


@st.cache_resource(max_entries=1, show_spinner="Running the network")
def windowed(name: str, key: str, _raw: bytes) -> WindowedLook:
    """Attention of every block of a network of windows."""
    from viz_core.probe import windowed

    with cached.FORWARD:
        return windowed.attention(cached.network(name), swin.prepared(name, key, _raw).pixels)


@st.cache_resource(max_entries=1, show_spinner="Running the network")
def pyramid(name: str, key: str, _raw: bytes) -> PyramidLook:
    """The map of every stage of a Swin."""
    from viz_core.probe import pyramid

    with cached.FORWARD:
        return pyramid.look(cached.network(name), swin.prepared(name, key, _raw).pixels)


@st.cache_resource(max_entries=3, show_spinner="Running the network")
def masked(name: str, key: str, _raw: bytes, stage: int, block: int, opened: Opened) -> WindowLook:
    """A block of a Swin with no mask opened, its own, or all of them."""
    from viz_core.probe import swin as probe

    pixels = swin.prepared(name, key, _raw).pixels
    with cached.FORWARD:
        return probe.window_attention(cached.network(name), pixels, stage, block, opened)


@st.cache_resource(max_entries=1, show_spinner="Running the network")
def feature_map(name: str, key: str, _raw: bytes, tap: str, classes: int) -> MapsLook:
    """One map of a network, and what its channels add to the likeliest classes."""
    from viz_core.probe import conv

    model, pixels = cached.network(name), swin.prepared(name, key, _raw).pixels
    (place,) = (one for one in convnext.places(name) if one.name == tap)
    with cached.FORWARD:
        return conv.look(model, pixels, [place], classes)


@dataclass(frozen=True)
class Bank:
    """Depthwise kernels at work.

    Attributes:
        kernels: Of one block, with their biases.
        given: The map that they read, (channel, row, column).
        logits: The answer with kernels of each size, (size, class).
    """

    kernels: Depthwise
    given: np.ndarray
    logits: np.ndarray


@st.cache_resource(max_entries=1, show_spinner="Running the network with five sizes of kernels")
def bank(name: str, key: str, _raw: bytes, block: int, sizes: tuple[int, ...]) -> Bank:
    """The kernels of a block, counted through all stages, and the network with other sizes."""
    from viz_core.probe import kernels

    model, pixels = cached.network(name), swin.prepared(name, key, _raw).pixels
    with cached.FORWARD:
        outcomes = kernels.outcomes(model, pixels, sizes)
        given = kernels.inputs(model, pixels)[block]
    logits = np.stack([outcomes[size].logits for size in sizes])
    return Bank(kernels.blocks(model)[block], given, logits)


@st.cache_resource(max_entries=1, show_spinner="Running the network under every mask")
def guesses(name: str, key: str, _raw: bytes, ratio: float, count: int) -> Guesses:
    """How a picture is filled in under so many random masks."""
    from viz_core.probe import mae

    base, how = mae_more.given(name, key, _raw), CATALOG[name].preprocessing
    masks = np.stack([masking.random(base.grid, ratio, seed) for seed in range(count)])
    with cached.FORWARD:
        return mae.variance(cached.network(name), base.pixels, masks, mean=how.mean, std=how.std)


@st.cache_resource(max_entries=1, show_spinner="Running the network as it was at each moment")
def learned(name: str, key: str, _raw: bytes, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Steps and shares of every saved moment (moment, 2), and its pictures (moment, S, S, 3)."""
    from models import film
    from viz_core.probe import mae

    base = mae_more.given(name, key, _raw)
    moments = film.frames(mae_film.path(name))
    mask = masking.random(base.grid, mae_film.RATIO, seed)
    with cached.FORWARD:
        states = [one.weights for one in moments]
        made = mae.film(cached.network(name), states, base.pixels, mask[None])[:, 0]
    return np.array([[one.step, one.share] for one in moments]), made


@st.cache_resource(max_entries=1, show_spinner=False)
def fields(name: str, key: str, _raw: bytes) -> np.ndarray:
    """How much each pixel of its window would change each token, (token, window, window)."""
    from viz_core.probe import compact as probe

    pixels = swin.prepared(name, key, _raw).pixels
    with cached.FORWARD:
        return probe.fields(cached.network(name), pixels, compact.edges(name))


def last_map(name: str, key: str, raw: bytes) -> np.ndarray:
    """The map of a compact transformer that becomes its tokens, (channel, row, column)."""
    from viz_core.probe import compact as probe

    return compact.look(name, key, raw).maps[probe.last_map(cached.network(name))]
