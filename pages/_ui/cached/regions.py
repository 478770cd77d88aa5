"""What the page Regions computes, kept: one pass a picture, and one batch a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from pages._ui import cached
from pages._ui.cached import swin
from viz_core import attention, clusters, cuts, images, patch_frames, prediction, regions
from viz_core.cuts import Division
from viz_core.regions import Grid, Grouped
from viz_core.segment import wire

if TYPE_CHECKING:
    from viz_core.probe.tokens import TokenLook

PICTURE_PIXELS = 960
GUESSES = 3
BATCH = 8  # pictures in one pass
Way = Literal["clusters", "cut", "attention", "colours"]


@dataclass(frozen=True)
class Graph:
    """How tokens become a graph for the cut.

    Attributes:
        keys: Whether keys are compared; else what leaves the block.
        threshold: Least cosine of a link, in [-1, 1].
        centred: Whether the mean of all tokens is taken off first.
    """

    keys: bool = False
    threshold: float = cuts.THRESHOLD
    centred: bool = True


@dataclass(frozen=True)
class Shown:
    """Regions that somebody looks at.

    Attributes:
        way: How they were found.
        layer: Index of the layer; for attention, of the entry of `TokenLook.masses`.
        count: How many regions; for attention it is not used.
        graph: For the cut.
        head: For attention: index of the map, the mean of the heads last.
        share: For attention: share of it that the mask holds.
    """

    way: Way
    layer: int
    count: int = 2
    graph: Graph = Graph()
    head: int = 0
    share: float = 0.6


def of(name: str, key: str) -> str:
    """Name of a picture as a network sees it, for messages that belong together."""
    return f"{name} {key[:16]}"


@st.cache_resource(max_entries=6, show_spinner="Running the network")
def look(name: str, key: str, _raw: bytes) -> TokenLook:
    """One forward pass: tokens, keys and what the head looks at."""
    from viz_core.probe import tokens

    model, seen = cached.network(name), swin.prepared(name, key, _raw)
    with cached.FORWARD:
        return tokens.look(model, seen.pixels)


@st.cache_resource(max_entries=16, show_spinner=False)
def surface(name: str, key: str, _raw: bytes, grid: Grid) -> np.ndarray:
    """Mean colour of every place of a grid, (place, 3) in [0, 1]."""
    how, seen = CATALOG[name].preprocessing, swin.prepared(name, key, _raw)
    return regions.colours(patch_frames.input_bytes(seen.pixels[0], how.mean, how.std), grid)


@st.cache_resource(max_entries=6, show_spinner=False)
def grouped(name: str, key: str, _raw: bytes) -> tuple[tuple[Grouped, ...], dict[Grid, Grouped]]:
    """Clusters of every layer, and of the colours of every grid."""
    levels = look(name, key, _raw).levels
    raw_groups = [clusters.groupings(level.tokens) for level in levels]
    numbered = regions.steady(
        [(level.grid, group.labels) for level, group in zip(levels, raw_groups, strict=True)]
    )
    by_tokens = tuple(
        regions.graded(level.tokens, group.counts, labels)
        for level, group, labels in zip(levels, raw_groups, numbered, strict=True)
    )
    grids = list(dict.fromkeys(level.grid for level in levels))
    painted = {grid: surface(name, key, _raw, grid) for grid in grids}
    colours = {grid: clusters.groupings(painted[grid]) for grid in grids}
    last = {level.grid: group.labels for level, group in zip(levels, by_tokens, strict=True)}
    steady = regions.steady(
        [(grid, colours[grid].labels) for grid in grids], [(grid, last[grid]) for grid in grids]
    )
    return by_tokens, {
        grid: regions.graded(painted[grid], colours[grid].counts, labels)
        for grid, labels in zip(grids, steady, strict=True)
    }


def layer_names(name: str, key: str, raw: bytes) -> tuple[str, ...]:
    """What people call the layers of a network."""
    levels = look(name, key, raw).levels
    staged = any(level.stage for level in levels)
    return tuple(
        f"stage {one.stage + 1}, block {one.block + 1}" if staged else f"layer {one.block + 1}"
        for one in levels
    )


def maps(name: str, key: str, raw: bytes) -> tuple[wire.Looks, ...]:
    """Maps of the way “Attention”: each head, then their mean where there are several."""
    found = look(name, key, raw)
    grids = list(dict.fromkeys(level.grid for level in found.levels))
    shown = []
    for mass in found.masses:
        heads = mass.heads
        names = ["all"] if len(heads) == 1 else [*(str(k + 1) for k in range(len(heads))), "mean"]
        if len(heads) > 1:
            heads = np.concatenate([heads, heads.mean(axis=0, keepdims=True)])
        shown.append(wire.Looks(mass.level, grids.index(mass.grid), names, heads))
    return tuple(shown)


@st.cache_resource(max_entries=6, show_spinner=False)
def stage(name: str, key: str, _raw: bytes) -> bytes:
    """The message that opens the stage: everything but the cuts."""
    found = look(name, key, _raw)
    by_tokens, by_colours = grouped(name, key, _raw)
    grids = list(by_colours)
    surfaces = [
        wire.Surface(
            grid,
            np.rint(255 * surface(name, key, _raw, grid)).astype(np.uint8),
            by_colours[grid],
        )
        for grid in grids
    ]
    names = layer_names(name, key, _raw)
    layers = [
        wire.Layer(names[k], grids.index(level.grid), by_tokens[k], level.joined)
        for k, level in enumerate(found.levels)
    ]
    entry = CATALOG[name]
    grey = 255 * np.clip(entry.preprocessing.mean, 0, 1)
    return wire.pack_stage(
        surfaces, layers, maps(name, key, _raw),
        picture_jpeg=images.encode_jpeg(swin.prepared(name, key, _raw).crop, side=PICTURE_PIXELS),
        network=name, title=entry.title, of=of(name, key), reads=found.reads,
        keys=found.levels[0].keys is not None, names_classes=bool(entry.labels),
        grey=[round(float(value)) for value in grey],
    )  # fmt: skip


@st.cache_resource(max_entries=256, show_spinner=False)
def division(name: str, key: str, _raw: bytes, layer: int, graph: Graph) -> Division | None:
    """The cuts of one layer; None where all its tokens are alike. Up to 0.3 s for 784 tokens."""
    level = look(name, key, _raw).levels[layer]
    features = level.keys if graph.keys and level.keys is not None else level.tokens
    spread = np.abs(features - features.mean(axis=0)).max()
    if spread <= 1e-6 * max(float(np.abs(features).max()), 1e-12):
        return None
    weights = cuts.affinity(features, graph.threshold, centred=graph.centred)
    return cuts.division(weights)


@st.cache_resource(max_entries=32, show_spinner=False)
def cut_groups(name: str, key: str, _raw: bytes, graph: Graph) -> tuple[Grouped, ...]:
    """Regions of the cuts of every layer, numbered as the clusters are where they overlap."""
    levels = look(name, key, _raw).levels
    found = [division(name, key, _raw, k, graph) for k in range(len(levels))]
    none = np.zeros((0, 0), np.uint8)
    by_tokens = grouped(name, key, _raw)[0]
    numbered = regions.steady(
        [
            (level.grid, none if one is None else one.labels)
            for level, one in zip(levels, found, strict=True)
        ],
        [(level.grid, group.labels) for level, group in zip(levels, by_tokens, strict=True)],
    )
    return tuple(
        regions.graded(level.tokens, () if one is None else one.counts, labels)
        for level, one, labels in zip(levels, found, numbered, strict=True)
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def cut(name: str, key: str, _raw: bytes, graph: Graph) -> bytes:
    """The message with the cuts of every layer."""
    count = len(look(name, key, _raw).levels)
    found = [division(name, key, _raw, k, graph) for k in range(count)]
    return wire.pack_cuts(
        found, cut_groups(name, key, _raw, graph), of=of(name, key),
        graph=asdict(graph),
    )  # fmt: skip


def labels(name: str, key: str, raw: bytes, shown: Shown) -> tuple[np.ndarray, Grid]:
    """Regions that somebody looks at, and their grid.

    Raises:
        ValueError: If there are no such regions on this picture.
    """
    found = look(name, key, raw)
    if shown.way == "attention":
        if not 0 <= shown.layer < len(found.masses):
            raise ValueError("there is no such map")
        mass = found.masses[shown.layer]
        rows = maps(name, key, raw)[shown.layer].maps
        if not 0 <= shown.head < len(rows):
            raise ValueError("there is no such head")
        return attention.mass_mask(rows[shown.head], shown.share).astype(np.uint8), mass.grid
    if not 0 <= shown.layer < len(found.levels):
        raise ValueError("there is no such layer")
    grid = found.levels[shown.layer].grid
    by_tokens, by_colours = grouped(name, key, raw)
    if shown.way == "cut":
        groups = cut_groups(name, key, raw, shown.graph)[shown.layer]
    else:
        groups = by_tokens[shown.layer] if shown.way == "clusters" else by_colours[grid]
    if shown.count not in groups.counts:
        raise ValueError(f"there are no {shown.count} regions here")
    return groups.labels[groups.counts.index(shown.count)], grid


@st.cache_resource(max_entries=64, show_spinner=False)
def answers(
    name: str,
    key: str,
    _raw: bytes,
    shown: Shown,
    _progress: Callable[[int, int], None] | None = None,
) -> tuple[dict[str, Any], ...]:
    """What the network says of each region alone, and of the picture without it: one batch.

    Args:
        name: Key of the catalog, of a network with classes.
        key: Of the picture.
        shown: The regions.

    Returns:
        One row a region: guesses for it alone ("only") and for the rest ("without"), and the
        share of the whole picture's own class in both.

    Raises:
        ValueError: As `labels`.
    """
    from viz_core.probe import tokens

    parts, grid = labels(name, key, _raw, shown)
    count = int(parts.max()) + 1
    image, model = swin.prepared(name, key, _raw).pixels, cached.network(name)
    batch = np.concatenate([image, regions.apart(image, parts, grid, count)])
    with cached.FORWARD:
        logits = tokens.logits(model, batch, BATCH, _progress)
    known = class_names(CATALOG[name].labels or "")
    whole = int(logits[0].argmax())
    return tuple(
        {
            "only": _told(logits[1 + k], known),
            "without": _told(logits[1 + count + k], known),
            "whole": _told(logits[0], known),
            "only_share": float(prediction.softmax(logits[1 + k])[whole]),
            "without_share": float(prediction.softmax(logits[1 + count + k])[whole]),
        }
        for k in range(count)
    )


def _told(logits: np.ndarray, known: tuple[str, ...]) -> list[list[Any]]:
    return [[guess.label, guess.share] for guess in prediction.top(logits, known, GUESSES)]
