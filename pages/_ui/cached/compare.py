"""What the page Compare computes, kept: maps side by side, doses of change, tokens that match."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.catalog import CATALOG, DEFAULT
from models.entry import Preprocessing, Shipped
from models.labels import names as class_names
from pages._ui import cached, samples
from pages._ui.cached import breaking
from viz_core import images, prediction, sheet, similarity, transforms
from viz_core.compare import steady, wire
from viz_core.compare.agreement import Box
from viz_core.compare.steady import Sweep
from viz_core.transforms import TRANSFORMS

if TYPE_CHECKING:
    from viz_core.probe.similarity import Layer

# Every change is made to the picture's middle square at this side, whatever a network takes.
STAGE_PIXELS = 448
FRAME_PIXELS, PICTURE_PIXELS, TOKEN_PIXELS = 256, 640, 560
DOSES_AT_ONCE = 8
# Tokens along a side: 56 of 96 numbers are 1.2 MB for two pictures, 96 of 128 would be 4.7 MB.
LARGEST_MAP = 56


def here(name: str) -> bool:
    """Whether a network's weights are on this machine; finding out costs no download."""
    from models import weights

    return weights.is_local(CATALOG[name])


def box(name: str) -> Box:
    """Which part of the picture's middle square a network sees, in shares of its side."""
    share = CATALOG[name].preprocessing.crop_share
    return ((1 - share) / 2, (1 - share) / 2, share)


def labels(name: str) -> tuple[str, ...]:
    """What a network's classes are called; empty if it names none."""
    found = CATALOG[name].labels
    return class_names(found) if found else ()


@st.cache_resource(max_entries=128, show_spinner=False)
def shares(name: str, key: str, _raw: bytes) -> np.ndarray:
    """Softmax shares of the classes of a picture, as a network sees it on every page."""
    from viz_core.probe import robust

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return prediction.softmax(robust.logits(model, image)[0])


@st.cache_resource(max_entries=8, show_spinner=False)
def square(key: str, _raw: bytes) -> np.ndarray:
    """The picture's middle square at its own resolution, uint8; read-only."""
    picture = cached.picture(key, _raw)
    high, wide = picture.shape[:2]
    side = min(high, wide)
    top, left = (high - side) // 2, (wide - side) // 2
    found = picture[top : top + side, left : left + side]
    found.flags.writeable = False
    return found


@st.cache_resource(max_entries=8, show_spinner=False)
def square_jpeg(key: str, _raw: bytes, side: int) -> bytes:
    """The middle square for the browser."""
    return images.encode_jpeg(square(key, _raw), side=side)


# Survive


@st.cache_resource(max_entries=4, show_spinner=False)
def stage(key: str, _raw: bytes) -> np.ndarray:
    """What is changed: the middle square at `STAGE_PIXELS`, uint8; read-only."""
    found = sheet.square(cached.picture(key, _raw), STAGE_PIXELS)
    found.flags.writeable = False
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def frames(key: str, _raw: bytes, seed: int) -> dict[str, tuple[bytes, ...]]:
    """Every dose of every transform as a JPEG for the browser, by transform."""
    picture = stage(key, _raw)
    return {
        name: tuple(
            images.encode_jpeg(
                transforms.apply(name, picture, dose, seed), side=FRAME_PIXELS, quality=80
            )
            for dose in transform.doses
        )
        for name, transform in TRANSFORMS.items()
    }


@st.cache_resource(max_entries=16, show_spinner=False)
def inputs(
    how: Preprocessing, key: str, _raw: bytes, transform: str, seed: int, at: int
) -> np.ndarray:
    """Inputs of a network for `DOSES_AT_ONCE` doses from number `at`, (dose, 3, size, size)."""
    picture = stage(key, _raw)
    found = [
        images.prepare(
            transforms.apply(transform, picture, dose, seed),
            size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std,
        ).pixels
        for dose in TRANSFORMS[transform].doses[at : at + DOSES_AT_ONCE]
    ]  # fmt: skip
    return np.concatenate(found)


def parts(transform: str) -> range:
    """Where the doses of a transform are cut, so that a Stop is heard in between."""
    return range(0, len(TRANSFORMS[transform].doses), DOSES_AT_ONCE)


@st.cache_resource(max_entries=1024, show_spinner=False)
def doses(name: str, key: str, _raw: bytes, transform: str, seed: int, at: int) -> np.ndarray:
    """Logits of a network for `DOSES_AT_ONCE` doses from number `at`, (dose, classes)."""
    from viz_core.probe import robust

    model = cached.network(name)
    given = inputs(CATALOG[name].preprocessing, key, _raw, transform, seed, at)
    with cached.FORWARD:
        found = robust.logits(model, given)
    found.flags.writeable = False
    return found


@st.cache_resource(max_entries=256, show_spinner=False)
def sweep(name: str, key: str, _raw: bytes, transform: str, seed: int) -> Sweep:
    """A network over all doses of a transform."""
    found = [doses(name, key, _raw, transform, seed, at) for at in parts(transform)]
    return steady.sweep(np.concatenate(found), TRANSFORMS[transform].still)


# Match


@st.cache_resource(max_entries=8, show_spinner="Reading the tokens")
def tokens(name: str, key: str, _raw: bytes) -> tuple[Layer, ...]:
    """Tokens of every layer for a picture."""
    from viz_core.probe import similarity as probe

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return tuple(probe.tokens(model, image))


@st.cache_resource(max_entries=4, show_spinner="Matching tokens")
def matches(name: str, one: str, _raw: bytes, other: str, _other_raw: bytes) -> bytes:
    """The message of two pictures: tokens of all layers and their mutual neighbours."""
    layers = list(zip(tokens(name, one, _raw), tokens(name, other, _other_raw), strict=True))
    pairs = [(a, b) for a, b in layers if a.side <= LARGEST_MAP]
    found = [
        wire.Matched(
            a, b, similarity.mutual(a.vectors, b.vectors),
            similarity.mutual(*map(similarity.without_mean, (a.vectors, b.vectors))),
        )
        for a, b in pairs
    ]  # fmt: skip
    jpegs = (crop_jpeg(name, one, _raw), crop_jpeg(name, other, _other_raw))
    return wire.matches(
        found, title=CATALOG[name].title, pictures=jpegs,
        thumbnails=cached.thumbnails(), samples=list(samples.SAMPLES),
        left_out=len(layers) - len(pairs),
    )  # fmt: skip


@st.cache_resource(max_entries=16, show_spinner=False)
def crop_jpeg(name: str, key: str, _raw: bytes) -> bytes:
    """What a network sees of a picture, at the picture's own resolution, for the browser."""
    left, _, share = box(name)
    whole = square(key, _raw)
    start, side = round(left * len(whole)), max(1, round(share * len(whole)))
    return images.encode_jpeg(whole[start : start + side, start : start + side], side=TOKEN_PIXELS)


def everyday() -> list[str]:
    """Shipped networks that share the first one's classes, with their weights here."""
    first = CATALOG[DEFAULT].labels
    found = (n for n, e in CATALOG.items() if e.labels == first and isinstance(e.weights, Shipped))
    return [name for name in found if here(name)]


def present(classes: bool = True) -> list[str]:
    """Networks whose weights are here.

    Args:
        classes: Only those that name classes.
    """
    return [name for name, e in CATALOG.items() if (e.labels or not classes) and here(name)]
