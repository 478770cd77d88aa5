"""What the component `blocks` is sent: three messages for its three parts (see `patch_frames`)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float32, Integer

from viz_core import anatomy, patch_frames
from viz_core.anatomy import Op, Part, side_of


@runtime_checkable
class Reading(Protocol):
    """An operation and its tensor in numbers (`viz_core.probe.blocks.Reading`)."""

    @property
    def op(self) -> Op:
        """The operation."""

    @property
    def counts(self) -> Integer[np.ndarray, " bin"]:
        """How many numbers fall into each bin."""

    @property
    def strength(self) -> Float[np.ndarray, "row column"] | None:
        """Root mean square over the channels at every place."""


def usual_blocks(found: Sequence[Part]) -> dict[int, Part]:
    """One block of every stage that changes neither size nor width, by the side of its map.

    It is the second of its stage, or the first where there is no other.
    """
    stages = {part.stage for part in found if part.block is not None}
    usual = {}
    for stage in sorted(stage for stage in stages if stage is not None):
        blocks = [part for part in found if part.stage == stage and part.block is not None]
        part = blocks[min(1, len(blocks) - 1)]
        usual[side_of(part.main[-1])] = part
    return usual


def blocks(networks: Mapping[str, Sequence[Reading]], *, picture_jpeg: bytes) -> bytes:
    """Block against block: one of every stage of several networks, with live numbers.

    Args:
        networks: What one forward pass of the same picture showed, by the network's title.
        picture_jpeg: The picture as the networks see it.

    Raises:
        ValueError: If there is no network.
    """
    if not networks:
        raise ValueError("there is no network whose blocks could be shown")
    rows: list[dict[str, Any]] = []
    counts: list[np.ndarray] = []
    maps = bytearray()
    for title, found in networks.items():
        known = {id(reading.op): reading for reading in found}
        parts = anatomy.parts(reading.op for reading in found)
        columns = {}
        for side, part in usual_blocks(parts).items():
            ops = []
            for op in part.main:
                reading = known[id(op)]
                ops.append(_record(reading, len(counts), len(maps)))
                counts.append(np.asarray(reading.counts, "<u4"))
                if reading.strength is not None:
                    maps += _levels(reading.strength)
            columns[str(side)] = {
                "name": part.name, "ops": ops, "parameters": part.parameters, "macs": part.macs,
            }  # fmt: skip
        rows.append({"title": title, "columns": columns})
    sides = sorted({int(side) for row in rows for side in row["columns"]}, reverse=True)
    header = {"part": "blocks", "networks": rows, "sides": sides, "bins": len(counts[0])}
    return patch_frames.pack(
        header, picture=picture_jpeg, counts=np.stack(counts).tobytes(), maps=bytes(maps)
    )


def _record(reading: Reading, at: int, map_at: int) -> dict[str, Any]:
    told = {
        name: value
        for name, value in vars(reading).items()
        if name not in ("op", "counts", "strength")
    }
    strength = reading.strength
    return {
        **asdict(reading.op),
        **told,
        "at": at,
        "map": None if strength is None else [map_at, len(strength), float(strength.max())],
    }


def _levels(strength: Float[np.ndarray, "row column"]) -> bytes:
    top = float(strength.max())
    return np.rint(strength * (255 / top if top > 0 else 0)).astype(np.uint8).tobytes()


def norms(
    given: Mapping[str, Float32[np.ndarray, "_channel _row _column"]],
    moments: Mapping[
        str,
        tuple[Float32[np.ndarray, "_picture _channel"], Float32[np.ndarray, "_picture _channel"]],
    ],
    pictures: Sequence[str],
    where: Mapping[str, str],
) -> bytes:
    """Batch norm against layer norm: what a norm is given, and what a batch knows of it.

    Args:
        given: This picture's tensor, by a name for it.
        moments: Mean and mean square of every channel of every picture of the batch, this
            picture first.
        pictures: What the pictures are called.
        where: Which layer each tensor comes from.

    Raises:
        ValueError: If a tensor and its moments do not fit together.
    """
    parts, rows = {}, []
    for k, (name, tensor) in enumerate(given.items()):
        mean, square = moments[name]
        if mean.shape != square.shape or mean.shape != (len(pictures), len(tensor)):
            raise ValueError(f"moments of {mean.shape} do not fit {tensor.shape}")
        rows.append({"name": name, "where": where[name], "shape": list(tensor.shape)})
        parts[f"given{k}"] = tensor.astype("<f4").tobytes()
        parts[f"mean{k}"] = mean.astype("<f4").tobytes()
        parts[f"square{k}"] = square.astype("<f4").tobytes()
    header = {"part": "norms", "tensors": rows, "pictures": list(pictures)}
    return patch_frames.pack(header, **parts)


def activations(bent: Mapping[str, object]) -> bytes:
    """ReLU against GELU: histograms of what activations are given and make of it.

    Args:
        bent: `viz_core.probe.blocks.Bent` of several layers, by a name for them.
    """
    rows = []
    for name, one in bent.items():
        told = {
            key: value.tolist() if isinstance(value, np.ndarray) else value
            for key, value in vars(one).items()
        }
        rows.append({"name": name, **told})
    return patch_frames.pack({"part": "activations", "layers": rows})
