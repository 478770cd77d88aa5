"""What the component `kernels` is sent; `cutter/js/wire.js` reads it (see `patch_frames`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, Int16, UInt8

from viz_core import convolution, patch_frames
from viz_core.prediction import Guess
from viz_core.pyramid import features

FINE = 32767


@dataclass(frozen=True)
class Bank:
    """The kernels of one convolution, and what they read.

    Attributes:
        label: What people call it.
        stage: From 0; -1 for a stem.
        block: From 0 within its stage.
        kernels: (channel, 1 or 3 planes, row, column).
        bias: One a channel.
        maps: What the kernels read, (channel, row, column); of a stem the picture's three planes.
        step: Places of the input from one value to the next.
        padding: Places of nothing around the input.
    """

    label: str
    stage: int
    block: int
    kernels: Float32[np.ndarray, "_channel _plane _size _size"]
    bias: Float32[np.ndarray, " _channel"]
    maps: Float32[np.ndarray, "_map _row _column"]
    step: int = 1
    padding: int = 0


@dataclass(frozen=True)
class Variant:
    """What the network makes of the picture with kernels of one size.

    Attributes:
        size: Side of the kernels.
        guesses: The likeliest classes.
        maps: What leaves each stage, (row, column, channel).
    """

    size: int
    guesses: tuple[Guess, ...]
    maps: tuple[Float32[np.ndarray, "_row _column _channel"], ...]


def fine(
    values: Float[np.ndarray, "channel *rest"],
) -> tuple[Int16[np.ndarray, "channel *rest"], Float32[np.ndarray, " channel"]]:
    """Numbers as 16-bit levels, each channel up to its own largest absolute value.

    The value back is level / 32767 times that; off by at most 0.002 % of it.

    Raises:
        ValueError: If a number is not finite.
    """
    if not np.isfinite(values).all():
        raise ValueError("kernels and maps need finite numbers")
    top = np.abs(values).reshape(len(values), -1).max(axis=1).astype(np.float32)
    unit = np.where(top > 0, FINE / np.where(top > 0, top, 1), 0)
    scaled = values * unit.reshape(-1, *[1] * (values.ndim - 1))
    return np.rint(scaled).astype(np.int16), top


def pack(
    banks: Sequence[Bank],
    variants: Sequence[Variant],
    *,
    own: int,
    title: str,
    picture_jpeg: bytes,
    grey: UInt8[np.ndarray, "side side"],
    view: Mapping[str, Any],
) -> bytes:
    """One message: kernels, maps and biases of every bank, and the network at other sizes.

    Args:
        banks: Stems and blocks in the order of the network.
        variants: One for each size; one of them is the network as it was trained.
        own: Size of the kernels as they were trained.
        title: The network, as people call it.
        picture_jpeg: The crop that it sees.
        grey: Its grey values.
        view: What to show first.

    Raises:
        ValueError: If no variant is the trained one, or a bank's parts do not fit each other.
    """
    numbers, levels = _Joined(), _Joined()
    sent = []
    for bank in banks:
        channels, planes, size = bank.kernels.shape[:3]
        if len(bank.bias) != channels or len(bank.maps) != (channels if planes == 1 else planes):
            raise ValueError(f"{channels} kernels, {len(bank.bias)} biases, {len(bank.maps)} maps")
        kernels, kernel_tops = fine(bank.kernels)
        maps, map_tops = fine(bank.maps)
        told = np.concatenate([kernel_tops, bank.bias, map_tops]).astype("<f4")
        sent.append(
            {"label": bank.label, "stage": bank.stage, "block": bank.block, "channels": channels,
             "planes": planes, "size": size, "step": bank.step, "padding": bank.padding,
             "rows": bank.maps.shape[1], "columns": bank.maps.shape[2],
             "kernels": levels.add(kernels.astype("<i2")), "maps": levels.add(maps.astype("<i2")),
             "numbers": numbers.add(told)}
        )  # fmt: skip
    colours = _Joined()
    header = {
        "title": title, "own": own, "banks": sent, "grey": grey.shape[0], "view": dict(view),
        "variants": _variants(variants, own, colours),
    }  # fmt: skip
    return patch_frames.pack(
        header, picture=picture_jpeg, grey=grey.tobytes(), levels=levels.bytes(),
        numbers=numbers.bytes(), colours=colours.bytes(),
    )  # fmt: skip


def _variants(variants: Sequence[Variant], own: int, colours: "_Joined") -> list[dict[str, Any]]:
    trained = [one for one in variants if one.size == own]
    if variants and not trained:
        raise ValueError(f"no variant has the trained size {own}")
    sent: list[dict[str, Any]] = [
        {
            "size": one.size,
            "guesses": [[g.label, round(g.share, 4)] for g in one.guesses],
            "stages": [],
        }
        for one in variants
    ]
    for stage in range(len(trained[0].maps) if trained else 0):
        # One basis for all sizes: the same colour is the same direction.
        stacked, _ = features.principal_colours(np.concatenate([v.maps[stage] for v in variants]))
        parts = np.split(stacked, len(variants))
        for entry, one, part in zip(sent, variants, parts, strict=True):
            like = convolution.likeness(one.maps[stage], trained[0].maps[stage])
            at = colours.add(part)
            entry["stages"].append({"side": part.shape[0], "at": at, "likeness": round(like, 4)})
    return sent


class _Joined:
    """Arrays one after another, each at a multiple of 4 bytes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def add(self, part: np.ndarray) -> int:
        """Offset in bytes at which the part starts."""
        at, data = self._length, part.tobytes()
        data += bytes(-len(data) % 4)
        self._parts.append(data)
        self._length += len(data)
        return at

    def bytes(self) -> bytes:
        """All parts."""
        return b"".join(self._parts)
