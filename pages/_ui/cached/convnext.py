"""Feature maps of a picture for the step “Features”, and what the gallery does to each channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from pages._ui import cached, samples
from pages._ui.cached import swin
from viz_core import clusters, feature_maps, images, prediction, sheet
from viz_core.channels import wire
from viz_core.feature_maps import Place

if TYPE_CHECKING:
    from viz_core.probe.conv import Summits

BUDGET = 6 * 2**20  # bytes of maps that are sent at once
EXPLAINED = 3  # classes
MOST_TOKENS = 784  # a larger map falls into regions only where it ends a stage
PICTURE_PIXELS, STRIP_PIXELS = 960, 176
RANKS = 8
Inside = tuple[int, int]  # stage and block


def here(name: str) -> bool:
    """Whether a network's weights are on this machine."""
    from models import weights

    return name in CATALOG and weights.is_local(CATALOG[name])


@st.cache_resource(max_entries=8, show_spinner=False)
def places(name: str) -> tuple[Place, ...]:
    """Every map of a network."""
    from viz_core.probe import conv

    return conv.places(cached.network(name))


@st.cache_resource(max_entries=8, show_spinner=False)
def sizes(name: str) -> dict[str, tuple[int, int, int]]:
    """Rows, columns and channels of every map."""
    from viz_core.probe import conv

    with cached.FORWARD:
        return conv.sizes(cached.network(name), CATALOG[name].preprocessing.size, places(name))


def complete(name: str) -> bool:
    """Whether all maps of a network are sent at once."""
    return sum(int(np.prod(shape)) for shape in sizes(name).values()) <= BUDGET


@st.cache_resource(max_entries=4, show_spinner="Running the network")
def wall(name: str, key: str, _raw: bytes, inside: Inside) -> bytes:
    """The message of the wall: one forward pass, and one backward pass for each explained class.

    Args:
        name: Key of the catalog.
        key: Key of the picture.
        inside: Block whose inner maps are sent too where not all of them fit into `BUDGET`.
    """
    from viz_core.probe import conv

    shapes = sizes(name)
    bytes_of = {tap: int(np.prod(shape)) for tap, shape in shapes.items()}
    wanted = feature_maps.chosen(places(name), bytes_of, BUDGET, inside)
    model, seen, labels = cached.network(name), swin.prepared(name, key, _raw), CATALOG[name].labels
    with cached.FORWARD:
        look = conv.look(model, seen.pixels, wanted, EXPLAINED if labels else 0)
    classes = []
    if labels:
        known, shares = class_names(labels), prediction.softmax(look.logits)
        classes = [{"label": known[k], "share": float(shares[k])} for k in look.classes]
    ends = {place.stage: place.name for place in wanted if place.tap == "output"}
    sent = []
    for place in wanted:
        maps = look.maps[place.name]
        tokens = maps.reshape(-1, maps.shape[-1])
        few = len(tokens) <= MOST_TOKENS or place.name == ends[place.stage]
        regions = clusters.groupings(tokens) if place.tap == "output" and few else None
        sent.append(wire.Sent(place, maps, look.drives[place.name], regions))
    return wire.pack(
        sent,
        title=CATALOG[name].title,
        side=CATALOG[name].preprocessing.size,
        picture_jpeg=images.encode_jpeg(seen.crop, side=PICTURE_PIXELS),
        classes=classes,
        taps=_taps(places(name)),
    )


def _taps(found: tuple[Place, ...]) -> list[dict[str, object]]:
    by: dict[Inside, list[str]] = {}
    for place in found:
        by.setdefault((place.stage, place.block), []).append(place.tap)
    return [{"stage": s, "block": b, "names": names} for (s, b), names in by.items()]


@dataclass(frozen=True)
class Answer:
    """What a network makes of one picture of the gallery.

    Attributes:
        summits: The largest value of every channel, by tap name.
        tile: The crop that it sees, small.
    """

    summits: dict[str, Summits]
    tile: np.ndarray


@st.cache_resource(max_entries=4 * len(samples.SAMPLES), show_spinner=False)
def answer(name: str, sample: str) -> Answer:
    """The largest value of every channel of every map for one picture of the gallery.

    The file is read here and not by `cached.picture`, which holds visitors' pictures.
    """
    from viz_core.probe import conv

    how = CATALOG[name].preprocessing
    seen = images.prepare(
        sheet.own(samples.path(sample)),
        size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std,
    )  # fmt: skip
    with cached.FORWARD:
        found = conv.summits(cached.network(name), seen.pixels, places(name))
    return Answer(found, sheet.square(seen.crop, STRIP_PIXELS))


@st.cache_resource(max_entries=4, show_spinner=False)
def gallery(name: str) -> bytes:
    """The samples that excite each channel most: quick once `answer` was asked for all of them."""
    found = [answer(name, sample) for sample in samples.SAMPLES]
    shapes = sizes(name)
    best = {
        tap: feature_maps.peaks(
            np.stack([one.summits[tap].values for one in found]),
            np.stack([one.summits[tap].places for one in found]),
            RANKS,
        )
        for tap in shapes
    }
    strip = np.concatenate([one.tile for one in found], axis=1)
    return wire.pack_gallery(
        best,
        title=CATALOG[name].title,
        strip_jpeg=images.encode_jpeg(strip, side=strip.shape[1], quality=82),
        names=[sample.replace("-", " ") for sample in samples.SAMPLES],
        side=CATALOG[name].preprocessing.size,
        grids={tap: shape[:2] for tap, shape in shapes.items()},
        fields=_fields(name),
    )


def _fields(name: str) -> dict[str, int]:
    from viz_core.probe import conv

    model, side = cached.network(name), CATALOG[name].preprocessing.size
    return {place.name: conv.field(model, place, side) for place in places(name)}
