"""Messages of the steps Lens, Norms and Knockout: what single tokens hold and do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from viz_core import patch_frames
from viz_core.attribution import Target
from viz_core.heads import wire

MOST_NUMBERS = 200_000  # of the maps of single classes: 0.8 MB
LENS_CLASSES = 12  # of a network with so many classes that not all maps are sent


@dataclass(frozen=True)
class Tokens:
    """The tokens after one layer, or after the embedding.

    Attributes:
        rows: Of the grid of patches.
        columns: Of the grid.
        norms: Prefix first.
        received: Attention as a multiple of the even share; None where no layer reads them.
        says: Class that the lens reads of each patch, and its share; None without a lens.
    """

    rows: int
    columns: int
    norms: Float[np.ndarray, " _token"]
    received: Float[np.ndarray, " _token"] | None = None
    says: tuple[Int[np.ndarray, " _patch"], Float[np.ndarray, " _patch"]] | None = None


@dataclass(frozen=True)
class Blow:
    """What a person painted and what it did, in logits of the target.

    Attributes:
        asked: The question as the browser put it, given back so that it knows the answer.
        change: Of the target.
        elsewhere: The same for the same shape of patches in other places; empty if it has none.
        logits: Of all classes.
    """

    asked: Mapping[str, Any]
    change: float
    elsewhere: Sequence[float]
    logits: Float[np.ndarray, " _classes"]


@dataclass(frozen=True)
class Reader:
    """Who may be kept from reading: a name for people and for the server.

    Attributes:
        name: "class", "all" or "painted".
        title: On its button.
    """

    name: str
    title: str


def lens(
    subject: wire.Subject,
    *,
    target: Target,
    reader: Float[np.ndarray, "_depth _classes"],
    places: Float[np.ndarray, "_depth _place _classes"],
    first: int,
    how: str,
) -> bytes:
    """What the head reads of its own token and of every patch, after every layer.

    Args:
        subject: Picture and network.
        target: What the server takes the class to be.
        reader: Logits of what the head reads.
        places: Logits of every patch.
        first: Depth of the first row; 0 is the embedding.
        how: Which way of reading the page explains: "class", "average", "pooled" or "windows".
    """
    powers = np.exp(places - places.max(axis=-1, keepdims=True))
    shares = powers / powers.sum(axis=-1, keepdims=True)
    best = np.argsort(-places, axis=-1, kind="stable")[..., : wire.GUESSES]
    mapped = mapped_classes(reader, best[..., 0])
    side = round(places.shape[1] ** 0.5)
    names = ["embedding", *subject.layers][first:]
    top = wire.header("lens", subject, target) | {
        "depths": names, "ticks": ["0", *subject.ticks][first:], "rows": side, "columns": side,
        "first": first, "how": how, "mapped": mapped, "count": best.shape[-1],
    }  # fmt: skip
    return patch_frames.pack(
        top, picture=subject.picture, reader=wire.floats(reader), best=best.astype("<u2").tobytes(),
        shares=wire.floats(np.take_along_axis(shares, best, axis=-1)),
        maps=wire.floats(shares[..., mapped].swapaxes(1, 2)),
    )  # fmt: skip


def norms(subject: wire.Subject, *, target: Target, depths: Sequence[Tokens], prefix: int) -> bytes:
    """How long every token is after every layer.

    Args:
        subject: Picture and network.
        target: What the server takes the class to be; of no account here.
        depths: The embedding, then one a layer.
        prefix: Tokens before the first patch: class token, then registers.

    Raises:
        ValueError: If there is not one more than there are layers.
    """
    if len(depths) != len(subject.layers) + 1:
        raise ValueError(f"{len(subject.layers)} layers need one more depth, got {len(depths)}")
    parts, sent = [], []
    for one in depths:
        patches = one.rows * one.columns
        says, sure = one.says or (np.full(patches, -1), np.zeros(patches))
        received = np.full(prefix + patches, -1.0) if one.received is None else one.received
        parts.append(np.concatenate([one.norms, received, says, sure]))
        sent.append({
            "rows": one.rows, "columns": one.columns, "read": one.received is not None,
            "lens": one.says is not None,
        })  # fmt: skip
    top = wire.header("norms", subject, target) | {
        "depths": sent, "names": ["embedding", *subject.layers], "ticks": ["0", *subject.ticks],
        "prefix": ["class token", *(f"register {k}" for k in range(1, prefix))][:prefix],
    }  # fmt: skip
    return patch_frames.pack(top, picture=subject.picture, numbers=wire.floats(*parts))


def knockout(
    subject: wire.Subject,
    *,
    target: Target,
    grid: int,
    first: int,
    readers: Sequence[Reader],
    blow: Blow | None,
) -> bytes:
    """The picture to paint on, and what was painted.

    Args:
        subject: Picture and network.
        target: What is asked about.
        grid: Patches along one side.
        first: Layer from which the map closes its patches, from 0.
        readers: Who can be kept from reading.
        blow: Of what is painted; None before anything is.
    """
    told = blow and {
        "asked": dict(blow.asked), "change": blow.change,
        "elsewhere": wire.short(np.asarray(blow.elsewhere)),
        "guesses": wire.guesses(blow.logits, subject.labels),
    }  # fmt: skip
    top = wire.header("knockout", subject, target) | {
        "grid": grid, "first": first, "blow": told,
        "readers": [[one.name, one.title] for one in readers],
        "guesses": wire.guesses(subject.logits, subject.labels),
    }  # fmt: skip
    return patch_frames.pack(top, picture=subject.picture, whole=wire.floats(subject.logits))


def edges(
    subject: wire.Subject, *, target: Target, first: int, changes: Float[np.ndarray, " _patch"]
) -> bytes:
    """The map of the step Knockout, which comes after its picture.

    Args:
        subject: Picture and network.
        target: What is asked about.
        first: Layer from which nobody may read a patch, from 0.
        changes: Of the target, for every patch.

    Raises:
        ValueError: If a change is not finite.
    """
    if not np.isfinite(changes).all():
        raise ValueError("changes of the target are finite")
    top = wire.header("edges", subject, target) | {"first": first}
    return patch_frames.pack(top, changes=wire.floats(changes))


def mapped_classes(
    reader: Float[np.ndarray, "depth classes"], best: Int[np.ndarray, "depth place"]
) -> list[int]:
    """Classes whose maps are sent: all of few, else the likeliest and those read most often."""
    classes = reader.shape[1]
    if best.size * classes <= MOST_NUMBERS:
        return list(range(classes))
    often = np.bincount(best.ravel(), minlength=classes)
    order = [*np.argsort(-reader[-1], kind="stable")[:5], *np.argsort(-often, kind="stable")]
    return sorted(dict.fromkeys(int(k) for k in order[: LENS_CLASSES + 5]))
