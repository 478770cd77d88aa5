"""Compact transformers while they trained, run on one picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from models import weights
from models.catalog import CATALOG, build
from models.labels import names as class_names
from pages._ui import cached
from viz_core import images
from viz_core.growth import wire
from viz_core.growth_reading import Growth

ARCHITECTURE = "compact"
SCORES = ("top1", "nats")
PICTURE_PIXELS = 768


def path(name: str) -> Path:
    """Where the film of a network stands, if it has one."""
    return weights.FOLDER / f"{name}.film.safetensors"


def networks() -> tuple[str, ...]:
    """The catalog's compact transformers: a film of any of them can be shown."""
    return tuple(name for name, one in CATALOG.items() if one.architecture == ARCHITECTURE)


def runs() -> tuple[str, ...]:
    """Networks whose training can be shown here, in the catalog's order."""
    return tuple(name for name in networks() if path(name).is_file())


def title(name: str) -> str:
    """What people call a run: its network without the input size."""
    return CATALOG[name].title.partition(" at ")[0]


@st.cache_resource(max_entries=8, show_spinner=False)
def moments(name: str) -> tuple[dict[str, Any], ...]:
    """Step, share and scores of each saved moment of a run."""
    from models import film

    keep = ("step", "share", *SCORES)
    return tuple(
        {key: row[key] for key in keep if key in row} for row in film.about(path(name))["frames"]
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def grown(name: str, key: str, _raw: bytes) -> tuple[Growth, bytes]:
    """A picture through every moment of a run, and the square of it that the network gets."""
    from models import film
    from viz_core.probe import growth

    entry = CATALOG[name]
    how = entry.preprocessing
    prepared = images.prepare(
        cached.picture(key, _raw), size=how.size, crop_share=how.crop_share, mean=how.mean,
        std=how.std,
    )  # fmt: skip
    states = [moment.weights for moment in film.frames(path(name))]
    with cached.FORWARD:
        found = growth.watch(build(entry), states, prepared.pixels)
    return found, images.encode_jpeg(prepared.crop, side=PICTURE_PIXELS)


@st.cache_resource(max_entries=8, show_spinner=False)
def message(name: str, others: tuple[str, ...], key: str, _raw: bytes) -> bytes:
    """Message of the component `growth`: one run on one picture, about 1 MB.

    Args:
        name: The run.
        others: Runs whose scores are drawn beside it.
        key: SHA-256 of the picture's bytes.
    """
    found, jpeg = grown(name, key, _raw)
    labels = CATALOG[name].labels
    facts = {
        "run": name,
        "title": title(name),
        "labels": list(class_names(labels)) if labels else [],
        "others": [{"title": title(other), "moments": list(moments(other))} for other in others],
    }
    return wire.pack(found, facts, moments(name), picture_jpeg=jpeg)
