"""What every message to the component `heads` shares; `cutter/js/wire.js` reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from viz_core.attribution import Target
from viz_core.prediction import softmax

GUESSES = 3


@dataclass(frozen=True)
class Subject:
    """One picture in one network: what every message says first.

    Attributes:
        key: Changes with picture or network.
        title: The network, as people call it.
        picture: The crop that it sees, as JPEG.
        labels: Names of the classes; none for a network without.
        logits: Of the whole network on the whole picture; empty without classes.
        layers: Names of the layers for people, "layer 3" or "stage 2, block 1".
        ticks: The same, as short as an axis wants it.
    """

    key: str
    title: str
    picture: bytes
    labels: Sequence[str]
    logits: Float[np.ndarray, " _classes"]
    layers: Sequence[str]
    ticks: Sequence[str]


def scores(
    logits: Float[np.ndarray, "*some classes"], target: Target
) -> Float[np.ndarray, "*some"]:
    """The target, in logits: a class, or by how much it is ahead of another."""
    chosen = logits[..., target.label]
    return np.asarray(chosen if target.against is None else chosen - logits[..., target.against])


def guesses(logits: Float[np.ndarray, " classes"], labels: Sequence[str]) -> list[list[Any]]:
    """The likeliest classes with their shares."""
    shares = softmax(logits)
    order = np.argsort(-shares, kind="stable")[:GUESSES]
    return [[labels[k], round(float(shares[k]), 4)] for k in order]


def header(kind: str, subject: Subject, target: Target) -> dict[str, Any]:
    """What every message says first."""
    return {
        "kind": kind, "subject": subject.key, "title": subject.title,
        "labels": list(subject.labels), "layers": list(subject.layers),
        "axis": list(subject.ticks), "target": [target.label, target.against], "view": {},
    }  # fmt: skip


def floats(*arrays: np.ndarray) -> bytes:
    """Arrays one after another, as 32-bit numbers."""
    return b"".join(np.asarray(array, dtype="<f4").tobytes() for array in arrays)


def short(values: np.ndarray) -> list[Any]:
    """Numbers for a header."""
    rounded: list[Any] = np.round(values.astype(np.float64), 4).tolist()
    return rounded
