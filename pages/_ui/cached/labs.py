"""What the labs of "Attention from zero" show, as JSON for their component."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached
from viz_core import images
from viz_core.labs import norms, payload

if TYPE_CHECKING:
    from viz_core.probe.labs import QueriesKeys


@st.cache_resource(max_entries=8, show_spinner=False)
def theory(n: int) -> dict[str, Any]:
    """Expected entropy and slope for n keys, see `payload.theory`."""
    return payload.theory(n)


@st.cache_resource(max_entries=32, show_spinner=False)
def random_row(n: int, seed: int) -> dict[str, Any]:
    """See `payload.random_row`."""
    return payload.random_row(n, seed)


@st.cache_resource(max_entries=8, show_spinner="Reading queries and keys")
def real_heads(name: str, key: str, _raw: bytes) -> dict[str, Any]:
    """Scores of the first token in every head of a network, see `payload.real_heads`."""
    found = _queries_keys(name, key, _raw)
    return payload.real_heads(found.queries, found.keys)


@st.cache_resource(max_entries=1, show_spinner=False)
def costs() -> bytes:
    """See `payload.costs`."""
    return payload.costs()


@st.cache_resource(max_entries=4, show_spinner="Running the network on a batch of pictures")
def norms_of_pictures(
    name: str, keys: tuple[str, ...], _raws: Sequence[bytes], _others: Sequence[tuple[str, bytes]]
) -> dict[str, Any]:
    """Residual streams of several pictures under both norms, see `norms.pictures`."""
    shown = [_residuals(name, key, raw) for key, raw in zip(keys, _raws, strict=True)]
    others = [_residuals(name, key, raw) for key, raw in _others]
    return norms.pictures(np.stack(shown), np.stack(others))


@st.cache_resource(max_entries=16, show_spinner=False)
def norms_of_sentences(text: str) -> dict[str, Any]:
    """Typed sentences under both norms. Raises ValueError with a sentence for people."""
    return norms.sentences(norms.words_of(text))


def _queries_keys(name: str, key: str, raw: bytes) -> QueriesKeys:
    from viz_core.probe import labs

    pixels = _prepared(name, key, raw)
    model = cached.network(name)
    with cached.FORWARD:
        return labs.queries_keys(model, pixels)


def _residuals(name: str, key: str, raw: bytes) -> np.ndarray:
    from viz_core.probe import labs

    pixels = _prepared(name, key, raw)
    model = cached.network(name)
    with cached.FORWARD:
        return labs.residuals(model, pixels)


def _prepared(name: str, key: str, raw: bytes) -> np.ndarray:
    how = CATALOG[name].preprocessing
    return images.prepare(
        cached.picture(key, raw),
        size=how.size,
        crop_share=how.crop_share,
        mean=how.mean,
        std=how.std,
    ).pixels
