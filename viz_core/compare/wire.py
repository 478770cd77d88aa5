"""What the component `compare` gets: `patch_frames` messages of four kinds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float32

from viz_core import patch_frames, similarity
from viz_core.compare.agreement import WHOLE, Box
from viz_core.compare.steady import Sweep
from viz_core.probe.similarity import Layer
from viz_core.similarity import Pairs
from viz_core.transforms import TRANSFORMS, Transform


@dataclass(frozen=True, eq=False)
class Panel:
    """One map of one network.

    Attributes:
        network: What people call it.
        method: What people call the method.
        answers: What the method answers, in a sentence.
        values: Square map, as the method gives it.
        signed: Whether values below 0 speak against.
        unit: What a value is counted in.
        explained: Name of the class that the map is about.
        explained_share: The network's share of that class.
        answer: What the network says first.
        share: Its share.
        box: Which square of the picture's middle square the map lies on.
        pending: Whether the map is still to be computed; `values` are 0 then.
    """

    network: str
    method: str
    answers: str
    values: Float32[np.ndarray, "side side"]
    signed: bool
    unit: str
    explained: str
    explained_share: float
    answer: str
    share: float
    box: Box = field(default=WHOLE)
    pending: bool = False

    @property
    def header(self) -> dict[str, Any]:
        """As the browser reads it, without the map itself."""
        known = {key: value for key, value in vars(self).items() if key != "values"}
        return {**known, "side": len(self.values)}


def panels(
    shown: Sequence[Panel],
    *,
    picture_jpeg: bytes,
    agreements: Mapping[tuple[int, int], tuple[float, int]],
    note: str = "",
) -> bytes:
    """Maps side by side on one picture.

    Args:
        shown: One to four.
        picture_jpeg: The picture's middle square.
        agreements: Rank correlation of two panels and the grid it was taken on, by their numbers.
        note: A sentence about the whole.

    Raises:
        ValueError: If there is no panel, a map is not square, or a value is not finite.
    """
    if not shown:
        raise ValueError("there is no panel to show")
    for one in shown:
        if one.values.shape[0] != one.values.shape[1] or not np.isfinite(one.values).all():
            raise ValueError(f"{one.method} of {one.network} is no finite square map")
    header = {
        "kind": "panels", "panels": [one.header for one in shown], "note": note,
        "agreements": [
            [i, j, None if np.isnan(value) else float(f"{value:.4g}"), cells]
            for (i, j), (value, cells) in agreements.items()
        ],
    }  # fmt: skip
    parts = {f"map{k}": one.values.astype("<f4").tobytes() for k, one in enumerate(shown)}
    return patch_frames.pack(header, picture=picture_jpeg, **parts)


@dataclass(frozen=True)
class Named:
    """A network as the doses step shows it.

    Attributes:
        key: Key of the catalog.
        title: What people call it.
        colour: Of its line and bars.
        labels: Names of its classes.
    """

    key: str
    title: str
    colour: str
    labels: Sequence[str]


def survive(
    networks: Sequence[Named],
    frames: Mapping[str, Sequence[bytes]],
    *,
    name: str,
    pixels: int,
    seed: int,
) -> bytes:
    """The board of doses: pictures of every dose, and which networks will be asked.

    Args:
        networks: At least one.
        frames: JPEG pictures of every dose, by transform.
        name: Under which the sweeps that follow find this board.
        pixels: Side of the picture that was changed.
        seed: Of what is random in the pictures.

    Raises:
        ValueError: If there is no network, or a transform has not one frame a dose.
    """
    if not networks:
        raise ValueError("a board needs a network")
    kinds, parts = [], {}
    for key, pictures in frames.items():
        transform = TRANSFORMS[key]
        if len(pictures) != len(transform.doses):
            raise ValueError(f"{len(pictures)} frames for {len(transform.doses)} doses of {key}")
        kinds.append({**described(transform), "lengths": [len(one) for one in pictures]})
        parts[f"frames_{key}"] = b"".join(pictures)
    header = {
        "kind": "survive", "name": name, "pixels": pixels, "seed": seed, "kinds": kinds,
        "networks": [{**vars(one), "labels": list(one.labels)} for one in networks],
    }  # fmt: skip
    return patch_frames.pack(header, **parts)


def described(transform: Transform) -> dict[str, Any]:
    """A transform as the browser reads it."""
    return {
        "name": transform.name, "title": transform.title, "unit": transform.unit,
        "start": transform.start, "still": list(transform.still), "rule": transform.rule,
        "random": transform.random,
        "doses": [told(transform, dose) for dose in transform.doses],
    }  # fmt: skip


def told(transform: Transform, dose: float) -> str:
    """A dose as people read it, without its unit; a scale is a factor."""
    value = 2**dose if transform.name == "scale" else transform.scale * dose
    return f"{value:.3g}"


def sweeps(transform: str, found: Mapping[str, Sweep], *, name: str) -> bytes:
    """What networks say over all doses of one transform.

    Args:
        transform: Key of TRANSFORMS.
        found: By key of the network.
        name: Of the board that it belongs to.
    """
    parts = {
        f"shares_{k}": one.shares.astype("<f4").tobytes() for k, one in enumerate(found.values())
    }
    header = {
        "kind": "sweep",
        "name": name,
        "transform": transform,
        "networks": list(found),
        "classes": [one.shares.shape[1] for one in found.values()],
    }
    return patch_frames.pack(header, **parts)


@dataclass(frozen=True)
class Matched:
    """One layer of two pictures.

    Attributes:
        one: Tokens of the first.
        other: Tokens of the second.
        mutual: Mutual nearest neighbours by cosine.
        centred: The same, without what all tokens of a picture share.
    """

    one: Layer
    other: Layer
    mutual: Pairs
    centred: Pairs


def matches(
    layers: Sequence[Matched],
    *,
    title: str,
    pictures: tuple[bytes, bytes],
    thumbnails: bytes,
    samples: Sequence[str],
    left_out: int = 0,
) -> bytes:
    """Tokens of two pictures in every layer, as whole numbers with a scale each.

    Args:
        layers: At least one.
        title: What people call the network.
        pictures: JPEG of what the network sees of each.
        thumbnails: JPEG strip of sample pictures to choose the second one from.
        samples: Their names, in the order of the strip.
        left_out: How many layers are too large to be sent.

    Raises:
        ValueError: If there is no layer.
    """
    if not layers:
        raise ValueError("there is no layer to match")
    parts, told_layers = {"one": pictures[0], "other": pictures[1], "strip": thumbnails}, []
    for k, layer in enumerate(layers):
        for which, tokens in (("one", layer.one), ("other", layer.other)):
            levels, scales = similarity.quantised(tokens.vectors)
            parts[f"{which}{k}"] = levels.astype("<i2").tobytes()
            parts[f"{which}{k}_scale"] = scales.astype("<f4").tobytes()
        for which, pairs in (("mutual", layer.mutual), ("centred", layer.centred)):
            ends = np.stack([pairs.one, pairs.other], axis=1)
            parts[f"{which}{k}"] = ends.astype("<u2").tobytes()
            parts[f"{which}{k}_cosine"] = pairs.cosine.astype("<f4").tobytes()
        told_layers.append(
            {
                "title": layer_title(layer.one.name), "side": layer.one.side,
                "width": layer.one.vectors.shape[1],
            }
        )  # fmt: skip
    header = {
        "kind": "match",
        "title": title,
        "layers": told_layers,
        "samples": list(samples),
        "left_out": left_out,
    }
    return patch_frames.pack(header, **parts)


_PLACES = (
    (re.compile(r"^(?:layers|stages)\.(\d+)\.blocks\.(\d+)\."), 1),
    (re.compile(r"^layer(\d+)\.(\d+)\."), 0),  # a ResNet counts its stages from 1
)
_LAYER = re.compile(r"(?:^|\.)blocks\.(\d+)\.")


def layer_title(tap: str) -> str:
    """What people call the layer that a tap belongs to, counted from 1."""
    for pattern, first in _PLACES:
        if found := pattern.match(tap):
            return f"stage {int(found[1]) + first}, block {int(found[2]) + 1}"
    if found := _LAYER.search(tap):
        return f"layer {int(found[1]) + 1}"
    return "embedding"
