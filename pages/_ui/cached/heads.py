"""What the page Heads shows, shared between visitors; kept by picture, network and parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from pages._ui import cached
from pages._ui.cached import attribution, breaking
from pages._ui.cached.turns import Progress, polite, shares
from viz_core.attribution import Target
from viz_core.heads import wire, wire_heads

if TYPE_CHECKING:
    from viz_core.probe.ablate import By
    from viz_core.probe.gaze import Gaze

DRAWS = 3  # random orders of heads
MOST_COUNTS = 33
SPARSE = 3  # random orders are measured at every third count only
Table = tuple[np.ndarray, ...]


@st.cache_resource(max_entries=64, show_spinner=False)
def sizes(name: str) -> tuple[int, ...]:
    """Heads of each layer, in the order of the network."""
    config: Any = CATALOG[name].config
    if isinstance(config.heads, tuple):  # Swin: one number a stage
        return tuple(
            n for n, depth in zip(config.heads, config.depths, strict=True) for _ in range(depth)
        )
    return (config.heads,) * config.depth


@st.cache_resource(max_entries=64, show_spinner=False)
def layer_names(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Layers as people call them, and as short as an axis wants it; both count from 1."""
    config: Any = CATALOG[name].config
    if not isinstance(config.heads, tuple):
        ticks = tuple(str(k + 1) for k in range(config.depth))
        return tuple(f"layer {tick}" for tick in ticks), ticks
    at = [(s + 1, b + 1) for s, depth in enumerate(config.depths) for b in range(depth)]
    return tuple(f"stage {s}, block {b}" for s, b in at), tuple(f"{s}.{b}" for s, b in at)


@st.cache_resource(max_entries=32, show_spinner=False)
def subject(name: str, key: str, _raw: bytes) -> wire.Subject:
    """One picture in one network."""
    entry = CATALOG[name]
    labels = class_names(entry.labels) if entry.labels else ()
    layers, ticks = layer_names(name)
    return wire.Subject(
        key=f"{name}-{key[:16]}", title=entry.title,
        picture=breaking.board_jpeg(name, key, _raw),
        labels=tuple(label.split(",")[0] for label in labels),
        logits=attribution.logits(name, key, _raw) if labels else np.zeros(0, np.float32),
        layers=layers, ticks=ticks,
    )  # fmt: skip


@st.cache_resource(max_entries=32, show_spinner=False)
def singles(name: str, key: str, _raw: bytes, by: By, _progress: Progress | None = None) -> Table:
    """Logits without each head, one array a layer."""
    from viz_core.probe import ablate

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return kept(*ablate.heads(model, image, by, polite(_progress)))


@st.cache_resource(max_entries=32, show_spinner=False)
def branches(name: str, key: str, _raw: bytes) -> np.ndarray:
    """Logits without attention, and without MLP, of each layer."""
    from viz_core.probe import ablate

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return kept(ablate.branches(model, image))[0]


@st.cache_resource(max_entries=32, show_spinner=False)
def looks(name: str, key: str, _raw: bytes) -> tuple[Gaze, ...]:
    """Where every head looks."""
    from viz_core.probe import gaze

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return gaze.look(model, image)


def unmeasured(name: str, key: str, raw: bytes, by: By, target: Target) -> bytes:
    """Where all heads look, before it is known what they do."""
    return wire_heads.ablate(
        subject(name, key, raw), effects=None, looks=looks(name, key, raw), by=by, target=target
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def board(name: str, key: str, _raw: bytes, by: By, target: Target) -> bytes:
    """The map of all heads; `singles` are computed by then."""
    return wire_heads.ablate(
        subject(name, key, _raw),
        effects=(singles(name, key, _raw, by), branches(name, key, _raw)),
        looks=looks(name, key, _raw), by=by, target=target,
    )  # fmt: skip


def counts(name: str) -> tuple[int, ...]:
    """How many heads are away at each point of the curves: every number of few, else some."""
    heads = sum(sizes(name))
    some = np.unique(np.linspace(0, heads, min(heads + 1, MOST_COUNTS)).round().astype(int))
    return tuple(int(count) for count in some)


def sparse(name: str) -> tuple[int, ...]:
    """Which of the counts are measured for random orders too: some, first and last included."""
    total = len(counts(name))
    return tuple(sorted({*range(0, total, SPARSE), total - 1}))


@st.cache_resource(max_entries=64, show_spinner=False)
def removed(
    name: str,
    key: str,
    _raw: bytes,
    by: By,
    order: tuple[tuple[int, int], ...],
    at: tuple[int, ...],
    _progress: Progress | None = None,
) -> np.ndarray:
    """Logits after so many heads of an order are away."""
    from viz_core.probe import ablate

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        found = ablate.removed(model, image, order, at, by, polite(_progress))
    return kept(found)[0]


def curves(
    name: str, key: str, raw: bytes, by: By, target: Target, progress: Progress | None = None
) -> dict[str, np.ndarray]:
    """Logits along every one of `orders`."""
    wanted, all_of_them = orders(name, key, raw, by, target), counts(name)
    some = tuple(all_of_them[k] for k in sparse(name))
    parts = shares(progress, len(wanted))
    return {
        which: removed(name, key, raw, by, order, some if which.isdigit() else all_of_them, part)
        for (which, order), part in zip(wanted.items(), parts, strict=True)
    }


def orders(
    name: str, key: str, raw: bytes, by: By, target: Target
) -> dict[str, tuple[tuple[int, int], ...]]:
    """Heads from the most helpful, from the most harmful, and in random orders "0", "1" ..."""
    from viz_core.probe import ablate

    whole = attribution.logits(name, key, raw)
    changes = np.concatenate(
        [ablate.change(layer, whole, target) for layer in singles(name, key, raw, by)]
    )
    known = [(k, h) for k, heads in enumerate(sizes(name)) for h in range(heads)]
    ranked = [known[k] for k in np.argsort(changes, kind="stable")]
    shuffled = {
        str(draw): tuple(known[k] for k in np.random.default_rng(draw).permutation(len(known)))
        for draw in range(DRAWS)
    }
    return {"helpful": tuple(ranked), "harmful": tuple(ranked[::-1]), **shuffled}


@st.cache_resource(max_entries=64, show_spinner=False)
def pairs(
    name: str, key: str, _raw: bytes, by: By, layer: int, _progress: Progress | None = None
) -> np.ndarray:
    """Logits without two heads of a layer at once."""
    from viz_core.probe import ablate

    model, image = cached.network(name), breaking.pixels(name, key, _raw)
    with cached.FORWARD:
        return kept(ablate.pairs(model, image, layer, by, polite(_progress)))[0]


@st.cache_resource(max_entries=32, show_spinner=False)
def together(name: str, key: str, _raw: bytes, by: By, target: Target, layer: int) -> bytes:
    """Curves and pairs, which are computed by then."""
    from viz_core.probe import ablate

    whole, made = attribution.logits(name, key, _raw), curves(name, key, _raw, by, target)
    known = orders(name, key, _raw, by, target)
    gone = ablate.change(pairs(name, key, _raw, by, layer), whole, target)
    return wire_heads.together(
        subject(name, key, _raw), target=target, by=by, counts=counts(name),
        curves={w: wire_heads.Curve(known[w], made[w]) for w in ("helpful", "harmful")},
        random=[made[str(draw)] for draw in range(DRAWS)], sparse=sparse(name),
        layer=layer, beyond=ablate.interaction(gone), alone=np.diagonal(gone),
    )  # fmt: skip


def prefix(name: str) -> int:
    """Tokens before the first patch; 0 for Swin."""
    return int(getattr(CATALOG[name].config, "prefix", 0))


def kept(*arrays: np.ndarray) -> Table:
    """Arrays that are shared, read-only."""
    for array in arrays:
        array.flags.writeable = False
    return arrays


def reads_class(name: str) -> bool:
    """Whether the head of the network reads a class token."""
    config: Any = CATALOG[name].config
    return prefix(name) > 0 and getattr(config, "pool", "class") == "class"


def here(name: str) -> bool:
    """Whether a network's weights are on this machine."""
    from models import weights

    return weights.is_local(CATALOG[name])
