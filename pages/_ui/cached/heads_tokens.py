"""What the steps Lens, Norms and Knockout of the page Heads show; kept as `heads` keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached
from pages._ui.cached import attribution, breaking, heads
from pages._ui.cached.turns import Progress, polite
from viz_core.attribution import Target
from viz_core.heads import wire_tokens

if TYPE_CHECKING:
    from viz_core.probe.lens import Lens
    from viz_core.probe.norms import Depth

SETS = 7  # other places of the same shape
PART = 28  # patches of a map at once


@st.cache_resource(max_entries=4, show_spinner=False)
def lens_read(name: str, key: str, _raw: bytes) -> Lens:
    """Up to 10 MB of logits: an answer for every patch after every layer."""
    from viz_core.probe import lens

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return lens.read(model, image)


@st.cache_resource(max_entries=32, show_spinner=False)
def lens_frame(name: str, key: str, _raw: bytes, target: Target, how: str) -> bytes:
    """What the head reads after every layer."""
    found = lens_read(name, key, _raw)
    return wire_tokens.lens(
        heads.subject(name, key, _raw), target=target, reader=found.reader, places=found.places,
        first=found.first, how=how,
    )  # fmt: skip


@st.cache_resource(max_entries=32, show_spinner=False)
def depths(name: str, key: str, _raw: bytes) -> tuple[Depth, ...]:
    """How long every token is after every layer."""
    from viz_core.probe import norms

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return norms.measure(model, image)


@st.cache_resource(max_entries=32, show_spinner=False)
def norms_frame(name: str, key: str, _raw: bytes, target: Target) -> bytes:
    """The tokens after every layer, with what the head reads of them."""
    read = lens_read(name, key, _raw) if CATALOG[name].labels else None
    tokens = []
    for k, one in enumerate(depths(name, key, _raw)):
        says = None
        if read is not None and k >= read.first:
            logits = read.places[k - read.first]
            powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
            says = logits.argmax(axis=-1), (powers / powers.sum(axis=-1, keepdims=True)).max(-1)
        tokens.append(wire_tokens.Tokens(*one.grid, one.norms, one.received, says))
    return wire_tokens.norms(
        heads.subject(name, key, _raw), target=target, depths=tokens, prefix=heads.prefix(name)
    )


def each_patch(
    name: str, key: str, raw: bytes, first: int, progress: Progress | None = None
) -> np.ndarray:
    """Logits when nobody may read a patch from a layer on, for every patch.

    Computed in parts that are kept, so that what is stopped goes on later from there.
    """
    total = attribution.shape(name).cells ** 2
    parts = []
    for start in range(0, total, PART):

        def tell(done: int, _: int, before: int = start) -> None:
            if progress:
                progress(before + done, total)

        parts.append(_patches(name, key, raw, first, start, min(total, start + PART), tell))
    return np.concatenate(parts)


@st.cache_resource(max_entries=256, show_spinner=False)
def _patches(
    name: str, key: str, _raw: bytes, first: int, start: int, stop: int, _progress: Progress
) -> np.ndarray:
    """Of some patches; at most 0.1 MB."""
    from viz_core.probe import knockout

    tokens = range(heads.prefix(name) + attribution.shape(name).cells ** 2)
    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        found = knockout.each_patch(
            model, image, first, range(start, stop), tokens, heads.prefix(name), polite(_progress)
        )
    return heads.kept(found)[0]


@st.cache_resource(max_entries=128, show_spinner=False)
def cut(
    name: str,
    key: str,
    _raw: bytes,
    sources: tuple[int, ...],
    readers: tuple[int, ...],
    first: int,
    last: int,
) -> np.ndarray:
    """Logits when readers may not read sources, then for the same shape elsewhere; in tokens."""
    from viz_core.probe import knockout

    own = knockout.Cut(sources, readers, first, last)
    drawn = knockout.elsewhere(own, attribution.shape(name).cells, heads.prefix(name), SETS)
    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return heads.kept(knockout.cut(model, image, [own, *drawn]))[0]
