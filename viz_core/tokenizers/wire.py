"""What the component `tokenizers` gets: `patch_frames` messages of three kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, Int, Int8, UInt8

from viz_core import patch_frames, pooling
from viz_core.compact_paper import Family
from viz_core.patch_frames import LEVELS, WITHIN


@dataclass(frozen=True)
class Named:
    """A network as people call it.

    Attributes:
        key: Key of the catalog.
        title: What a reader is shown.
        family: Which of the three it is.
        guesses: Its likeliest classes with their shares.
    """

    key: str
    title: str
    family: Family
    guesses: Sequence[tuple[str, float]]

    @property
    def header(self) -> dict[str, Any]:
        """As the browser reads it."""
        return {**vars(self), "guesses": [list(guess) for guess in self.guesses]}


@dataclass(frozen=True)
class Tokens:
    """A tokenizer at work.

    Attributes:
        network: Whose it is.
        kernel: Side of its kernels.
        step: Places from one value of a convolution to the next.
        edges: First pixel that each token of a row reads, and the one after its last.
        fields: What the pixels of each token's window do to it.
        maps: Every step by tap name, (channel, row, column).
    """

    network: Named
    kernel: int
    step: int
    edges: Int[np.ndarray, "place 2"]
    fields: Float32[np.ndarray, "token window window"]
    maps: Mapping[str, Float32[np.ndarray, "_channel _row _column"]]


def tokens(
    found: Sequence[Tokens], *, pixels: UInt8[np.ndarray, "side side 3"], picture_jpeg: bytes
) -> bytes:
    """The stage: tokenizers of several networks on one picture.

    Args:
        found: At least one.
        pixels: What all of them are given, as bytes.
        picture_jpeg: The same square of the picture at its own resolution.

    Raises:
        ValueError: If there is no network.
    """
    if not found:
        raise ValueError("a stage needs a network")
    parts = {"picture": picture_jpeg, "pixels": pixels.tobytes()}
    networks = []
    for k, one in enumerate(found):
        steps = []
        for at, (name, values) in enumerate(one.maps.items()):
            level, tops = own_levels(values)
            _, kind, layer = name.split(".")
            order = np.argsort(-values.std(axis=(1, 2)), kind="stable")
            steps.append(
                {
                    "kind": kind, "layer": int(layer), "channels": len(values),
                    "side": values.shape[-1], "tops": _short(tops), "order": order.tolist(),
                }
            )  # fmt: skip
            parts[f"maps{k}_{at}"] = level.tobytes()
        parts[f"fields{k}"] = roots(one.fields).tobytes()
        networks.append(
            {
                **one.network.header, "kernel": one.kernel, "step": one.step, "steps": steps,
                "edges": one.edges.tolist(), "window": one.fields.shape[-1],
            }
        )  # fmt: skip
    return patch_frames.pack({"kind": "tokens", "side": len(pixels), "networks": networks}, **parts)


@dataclass(frozen=True)
class Shifted:
    """What shifts of the picture do to one network.

    Attributes:
        network: Which.
        change: Of each token, as `shift.change` gives it.
        logits: Of every shift.
    """

    network: Named
    change: Float32[np.ndarray, "shift token"]
    logits: Float32[np.ndarray, "shift classes"]


def shifts(
    found: Sequence[Shifted],
    *,
    reach: int,
    pixels: UInt8[np.ndarray, "side side 3"],
    labels: Sequence[str],
) -> bytes:
    """The lab of shifts: all of them at once, so that dragging needs no server.

    `top` is where the colours end: 98 % of all changes are below it.

    Args:
        found: At least one.
        reach: Pixels either way.
        pixels: What all networks are given, as bytes.
        labels: Names of the classes.

    Raises:
        ValueError: If a network was not given every shift.
    """
    count = (2 * reach + 1) ** 2
    if not found or any(len(one.change) != count for one in found):
        raise ValueError(f"{count} shifts are needed of each network")
    top = float(np.quantile(np.concatenate([one.change.ravel() for one in found]), WITHIN))
    parts, networks = {"pixels": pixels.tobytes()}, []
    for k, one in enumerate(found):
        parts[f"change{k}"] = one.change.astype("<f4").tobytes()
        parts[f"shares{k}"] = pooling.shares(one.logits).astype("<f4").tobytes()
        networks.append({**one.network.header, "mean": _short(one.change.mean(axis=1))})
    header = {
        "kind": "shift", "side": len(pixels), "reach": reach, "top": top, "labels": list(labels),
        "networks": networks,
    }  # fmt: skip
    return patch_frames.pack(header, **parts)


@dataclass(frozen=True)
class Read:
    """What the head of one network reads.

    Attributes:
        network: Which.
        weights: Of every place.
        logits: As the network gives them.
        without: With each place left out.
        mean: With all tokens weighted alike; None for a class token.
        votes: What each place adds to each logit; None for a class token.
    """

    network: Named
    weights: Float32[np.ndarray, " place"]
    logits: Float32[np.ndarray, " classes"]
    without: Float32[np.ndarray, "place classes"]
    mean: Float32[np.ndarray, " classes"] | None
    votes: Float32[np.ndarray, "place classes"] | None


def pools(
    found: Sequence[Read],
    *,
    pixels: UInt8[np.ndarray, "side side 3"],
    picture_jpeg: bytes,
    labels: Sequence[str],
) -> bytes:
    """What heads read: weights on the picture, and the answer without each place.

    Args:
        found: At least one.
        pixels: What all networks are given, as bytes.
        picture_jpeg: The same square of the picture at its own resolution.
        labels: Names of the classes.

    Raises:
        ValueError: If a network has not as many logits as there are labels.
    """
    parts, networks = {"picture": picture_jpeg, "pixels": pixels.tobytes()}, []
    for k, one in enumerate(found):
        if len(one.logits) != len(labels):
            raise ValueError(f"{one.network.title}: {len(one.logits)} logits, {len(labels)} labels")
        parts[f"weights{k}"] = one.weights.astype("<f4").tobytes()
        parts[f"without{k}"] = pooling.shares(one.without).astype("<f4").tobytes()
        if one.votes is not None:
            parts[f"votes{k}"] = one.votes.astype("<f4").tobytes()
        networks.append(
            {
                **one.network.header,
                "grid": round(len(one.weights) ** 0.5),
                "reading": "class token" if one.votes is None else "pool",
                "shares": _short(pooling.shares(one.logits)),
                "mean": None if one.mean is None else _short(pooling.shares(one.mean)),
            }
        )
    header = {
        "kind": "pooling", "side": len(pixels), "labels": list(labels), "networks": networks
    }  # fmt: skip
    return patch_frames.pack(header, **parts)


def own_levels(
    values: Float32[np.ndarray, "channel row column"],
) -> tuple[Int8[np.ndarray, "channel row column"], Float[np.ndarray, " channel"]]:
    """Each channel as bytes from -127 to 127, and the absolute value that 127 stands for."""
    tops = np.abs(values).max(axis=(1, 2))
    unit = np.where(tops > 0, LEVELS / np.where(tops > 0, tops, 1), 0)
    return np.rint(values * unit[:, None, None]).astype(np.int8), tops


def roots(
    fields: Float32[np.ndarray, "token window window"],
) -> UInt8[np.ndarray, "token window window"]:
    """Square roots of each field over its largest value, as bytes: the root keeps faint pixels."""
    tops = fields.max(axis=(1, 2), keepdims=True)
    return np.rint(255 * np.sqrt(fields / np.where(tops > 0, tops, 1))).astype(np.uint8)


def _short(values: Float[np.ndarray, " n"]) -> list[float]:
    return [float(f"{value:.5g}") for value in values]
