"""Attributions of pictures, shared between visitors and kept by everything they depend on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached
from pages._ui.cached import breaking
from pages._ui.cached.turns import polite
from viz_core.attribution import Attribution, Settings, Target
from viz_core.attribution.grid import side
from viz_core.attribution.methods import METHODS, Shape

if TYPE_CHECKING:
    from torch import Tensor


# Most passes run in batches, where a picture can cost less. What takes longer alone than this is
# large enough that a batch saves nothing.
SEVERAL, LARGE_SECONDS = 8, 0.06


def suits(name: str) -> bool:
    """Whether a network can be asked why at all: it names classes."""
    return CATALOG[name].labels is not None


@st.cache_resource(max_entries=64, show_spinner=False)
def shape(name: str) -> Shape:
    """What the cost of a method depends on, for a network of the catalog."""
    entry = CATALOG[name]
    config: Any = entry.config
    heads = getattr(config, "heads", 0)
    if isinstance(heads, tuple):  # Swin: one number a stage
        return Shape(
            cells=side(entry.preprocessing.size), layers=sum(config.depths), heads=max(heads)
        )
    # A token of a ViT or of a compact network is a patch of the picture.
    tokens = config.grid if heads else None
    if tokens and entry.architecture == "vit":
        tokens = entry.preprocessing.size // config.patch_size
    return Shape(
        cells=side(entry.preprocessing.size, tokens),
        layers=config.depth if heads else 0,
        heads=heads,
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def logits(name: str, key: str, _raw: bytes) -> np.ndarray:
    """What the head says of the picture."""
    from viz_core.attribution import run

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        said = run.logits(model, image)[0]
    said.flags.writeable = False
    return said


@st.cache_resource(max_entries=32, show_spinner=False)
def seconds(name: str, key: str, _raw: bytes) -> float:
    """Time of a picture in the passes of a network on this machine while nobody else wants it.

    Alone or in a small batch, whichever is less; the fastest of a few, in this thread's own time:
    it is kept, so a busy moment must not count.
    """
    import torch

    from viz_core.attribution.question import batch

    model, image = cached.network(name), torch.tensor(breaking.pixels(name, key, _raw))
    with cached.FORWARD, torch.inference_mode():
        model(image)  # the first pass pays for what later ones find ready
        once = min(_timed(model, image) for _ in range(2))
        several = min(SEVERAL, batch(image))
        if once > LARGE_SECONDS or several == 1:
            return once
        pictures = image.repeat(several, 1, 1, 1)
        return min(once, *(_timed(model, pictures) / several for _ in range(3)))


def _timed(model: Callable[[Tensor], object], images: Tensor) -> float:
    began = time.thread_time()
    model(images)
    return time.thread_time() - began


def attribution(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    _progress: Callable[[int, int], None] | None = None,
) -> Attribution:
    """What counted for a target in a picture, by one method.

    Between two passes whoever else waits for one gets a turn. What `_progress` raises stops it,
    and nothing is kept.

    Args:
        name: Key of the catalog, of a network with classes that the method suits.
        key: Of the picture.
        method: Key of `viz_core.attribution.methods.METHODS`.
        target: The class.
        settings: What some methods let one choose; what this one does not read makes no other map.
    """
    read = METHODS[method].only(settings)
    return _attribution(name, key, _raw, method, target, read, _progress)


@st.cache_resource(max_entries=256, show_spinner=False)
def _attribution(
    name: str,
    key: str,
    _raw: bytes,
    method: str,
    target: Target,
    settings: Settings,
    _progress: Callable[[int, int], None] | None,
) -> Attribution:
    from viz_core.attribution.run import attribute

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return attribute(method, model, image, target, settings, polite(_progress))
