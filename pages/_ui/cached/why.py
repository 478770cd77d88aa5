"""What the page Why needs besides maps and curves, shared between visitors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from pages._ui import cached, samples
from pages._ui.cached import attribution, breaking
from viz_core import images, patch_frames
from viz_core.why import wire

GALLERY = Path(__file__).parents[3] / "assets" / "attribution_gallery.json"
PICTURE_PIXELS, TILE_PIXELS = 784, 168
# Other places of a shape that was painted; fewer for networks of many pixels.
DRAWS, FEWER_DRAWS, MANY_PIXELS = 8, 2, 112


@st.cache_resource(max_entries=16, show_spinner=False)
def labels(source: str) -> tuple[str, ...]:
    """Class names that are unique: ImageNet has two cranes, the second gets its number."""
    found = class_names(source)
    first = {label: k for k, label in reversed(list(enumerate(found)))}
    return tuple(label if first[label] == k else f"{label} ({k})" for k, label in enumerate(found))


def seconds(name: str) -> float:
    """Time of one forward pass on this machine, measured once on a sample."""
    return attribution.seconds(name, *cached.sample(samples.DEFAULT))


@st.cache_resource(max_entries=16, show_spinner=False)
def picture_jpeg(name: str, key: str, _raw: bytes, side: int = PICTURE_PIXELS) -> bytes:
    """The square that a network sees, for the browser."""
    how = CATALOG[name].preprocessing
    crop = images.prepare(
        cached.picture(key, _raw),
        size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std,
    ).crop  # fmt: skip
    return images.encode_jpeg(crop, side=side, quality=86)


@st.cache_resource(max_entries=32, show_spinner=False)
def filling(name: str, key: str, _raw: bytes, kind: str) -> np.ndarray:
    """What stands where something is erased, as bytes before normalisation, (size, size, 3)."""
    from viz_core.attribution.erasing import filling as filled

    how = CATALOG[name].preprocessing
    found = filled(breaking.pixels(name, key, _raw), kind)
    shown = patch_frames.input_bytes(found[0].astype(np.float32), how.mean, how.std)
    shown.flags.writeable = False
    return shown


@st.cache_resource(max_entries=64, show_spinner=False)
def painted(name: str, key: str, _raw: bytes, code: str, keep: bool, kind: str) -> np.ndarray:
    """What the head says of a painted picture, in logits: one pass.

    Args:
        name: Key of the catalog.
        key: Of the picture.
        code: The painted cells, see `wire.code`.
        keep: Whether they are what is kept; else they are what is erased.
        kind: What comes in their place.

    Raises:
        ValueError: If the code is none of this network's cells.
    """
    mask = wire.decoded(code, attribution.shape(name).cells ** 2)
    return _without(name, key, _raw, (mask != keep)[None], kind)[0]


@st.cache_resource(max_entries=64, show_spinner=False)
def elsewhere(name: str, key: str, _raw: bytes, code: str, keep: bool, kind: str) -> np.ndarray:
    """The same for the painted shape at random other places, (place, classes): one batch.

    What leaves the picture comes in at the other side. A shape that covers everything has no other
    place: none are returned.
    """
    cells, size = attribution.shape(name).cells, CATALOG[name].preprocessing.size
    moved = _moved(wire.decoded(code, cells**2).reshape(cells, cells))
    moved = moved[: DRAWS if size <= MANY_PIXELS else FEWER_DRAWS]
    if not len(moved):
        return np.zeros((0, len(labels(CATALOG[name].labels or ""))), np.float32)
    return _without(name, key, _raw, moved != keep, kind)


def _moved(mask: np.ndarray) -> np.ndarray:
    """Every other place of a shape, in a fixed random order, (place, cell)."""
    side = len(mask)
    order = np.random.default_rng(0).permutation(side**2)
    moved = [np.roll(mask, divmod(int(by), side), axis=(0, 1)) for by in order]
    kept = [one.ravel() for one in moved if (one != mask).any()]
    return np.array(kept, dtype=bool).reshape(-1, mask.size)


def _without(name: str, key: str, raw: bytes, gone: np.ndarray, kind: str) -> np.ndarray:
    from viz_core.attribution import curves

    cells, image = attribution.shape(name).cells, breaking.pixels(name, key, raw)
    pictures = curves.switched(image, gone, cells, curves.filling(image, kind))
    model = cached.network(name)
    with cached.FORWARD:
        said = curves.logits(model, pictures)
    said.flags.writeable = False
    return said


@dataclass(frozen=True)
class Measured:
    """How methods did on the gallery, see benchmarks/attribution_gallery.py.

    Attributes:
        summary: Method -> number -> (mean, standard error).
        pictures: How many samples.
        filling: What erased cells were filled with.
        made_by: The command that measured it.
    """

    summary: dict[str, dict[str, tuple[float, float]]]
    pictures: int
    filling: str
    made_by: str


@st.cache_resource(max_entries=16, show_spinner=False)
def gallery(name: str) -> Measured | None:
    """What was measured for a network; None if nothing was."""
    if not GALLERY.is_file():
        return None
    told = json.loads(GALLERY.read_text(encoding="utf-8"))
    found = told["networks"].get(name)
    if found is None:
        return None
    summary = {
        method: {number: (pair[0], pair[1]) for number, pair in numbers.items()}
        for method, numbers in found["summary"].items()
    }
    return Measured(summary, len(told["pictures"]), told["filling"], told["made_by"])
