"""Feature maps as bytes for the browser, and the numbers that a wall of channels is sorted by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int, UInt8

LEVELS = 255


@dataclass(frozen=True)
class Place:
    """Where in a network a map was recorded.

    Attributes:
        stage: Counted from 0; -1 for what comes before the first stage.
        block: Counted from 0 within its stage.
        tap: What it is called in its block, such as "depthwise"; "output" is what leaves it.
        name: The tap's dotted name in the network.
    """

    stage: int
    block: int
    tap: str
    name: str


@dataclass(frozen=True)
class Levels:
    """A map of channels as bytes, each channel with its own scale.

    Attributes:
        levels: 0 stands for a channel's `low`, 255 for its `high`.
        low: Smallest value of each channel.
        high: Largest value of each channel.
    """

    levels: UInt8[np.ndarray, "channel row column"]
    low: Float32[np.ndarray, " channel"]
    high: Float32[np.ndarray, " channel"]


def quantised(maps: Float[np.ndarray, "row column channel"]) -> Levels:
    """Every channel from its smallest to its largest value as bytes.

    The value back is low + level / 255 (high - low): off by at most half a step, 0.2 % of the
    channel's range.

    Raises:
        ValueError: If a number is not finite.
    """
    if not np.isfinite(maps).all():
        raise ValueError("feature maps need finite numbers")
    flat = np.ascontiguousarray(np.moveaxis(maps, -1, 0), np.float32)
    low, high = flat.min(axis=(1, 2)), flat.max(axis=(1, 2))
    span = high - low
    unit = np.where(span > 0, LEVELS / np.where(span > 0, span, 1), 0).astype(np.float32)
    levels = np.rint((flat - low[:, None, None]) * unit[:, None, None])
    return Levels(np.clip(levels, 0, LEVELS).astype(np.uint8), low, high)


def strength(maps: Float[np.ndarray, "row column channel"]) -> Float32[np.ndarray, " channel"]:
    """Mean absolute value of each channel, in the units of the map.

    Raises:
        ValueError: If the map has no tokens.
    """
    if not maps.shape[0] * maps.shape[1]:
        raise ValueError("a map without tokens has no strength")
    return np.abs(maps).mean(axis=(0, 1)).astype(np.float32)


def contrast(maps: Float[np.ndarray, "row column channel"]) -> Float32[np.ndarray, " channel"]:
    """Spatial standard deviation of each channel, in the units of the map.

    Raises:
        ValueError: If the map has no tokens.
    """
    if not maps.shape[0] * maps.shape[1]:
        raise ValueError("a map without tokens has no contrast")
    return maps.std(axis=(0, 1), dtype=np.float64).astype(np.float32)


def drive(
    maps: Float[np.ndarray, "row column channel"],
    slopes: Float[np.ndarray, "_row _column _channel"],
) -> Float32[np.ndarray, " channel"]:
    """What each channel adds to a logit, to first order: activation times gradient, summed.

    Args:
        maps: Activations.
        slopes: Gradient of the logit by each of them.

    Returns:
        In units of the logit. It would be the logit's change if all of a channel were taken away
        and the rest of the network were linear.

    Raises:
        ValueError: If there is not one slope an activation.

    Source:
        Gradient times input of Shrikumar et al. 2016, arXiv:1605.01713, summed over a channel as
        in Molchanov et al. 2017, arXiv:1611.06440, equation 6 without its absolute value.
    """
    if maps.shape != slopes.shape:
        raise ValueError(f"activations {maps.shape} and slopes {slopes.shape} must match")
    return np.einsum("ijc,ijc->c", maps, slopes, dtype=np.float64).astype(np.float32)


@dataclass(frozen=True)
class Peaks:
    """Where each channel of a map is largest, for the best few of many pictures.

    Attributes:
        pictures: Index of a picture, strongest first.
        places: Row-major index of the token in that picture's map.
        values: The channel's value there.
    """

    pictures: Int[np.ndarray, "channel rank"]
    places: Int[np.ndarray, "channel rank"]
    values: Float32[np.ndarray, "channel rank"]


def peaks(
    values: Float[np.ndarray, "picture channel"],
    places: Int[np.ndarray, "_picture _channel"],
    count: int,
) -> Peaks:
    """The pictures that excite each channel most, each by its one strongest token.

    Args:
        values: Largest value of each channel in each picture.
        places: Where that is.
        count: Pictures to keep; fewer if there are fewer.

    Raises:
        ValueError: If the two do not match or `count` is below 1.
    """
    if values.shape != places.shape or count < 1:
        raise ValueError(f"{values.shape} values and {places.shape} places, {count} to keep")
    order = np.argsort(-values, axis=0, kind="stable")[:count]
    return Peaks(
        pictures=order.T,
        places=np.take_along_axis(places, order, axis=0).T,
        values=np.take_along_axis(values, order, axis=0).T.astype(np.float32),
    )


def chosen(
    places: Sequence[Place], sizes: Mapping[str, int], budget: int, inside: tuple[int, int]
) -> list[Place]:
    """What to send: everything if it fits, else what leaves each block and the inside of one.

    Args:
        places: All there are, in order.
        sizes: Bytes of each, by tap name.
        budget: Bytes that may be sent at once.
        inside: (stage, block) whose inside is wanted.

    Raises:
        ValueError: If a place has no size.
    """
    if missing := [place.name for place in places if place.name not in sizes]:
        raise ValueError(f"no size for {missing}")
    if sum(sizes[place.name] for place in places) <= budget:
        return list(places)
    return [p for p in places if p.tap == "output" or (p.stage, p.block) == inside]


def field(layers: Sequence[tuple[int, int]]) -> int:
    """Side in pixels of what one value can see at most, after convolutions one upon another.

    Args:
        layers: Kernel and step of each, from the picture on.

    Raises:
        ValueError: If a kernel or step is below 1.

    Source:
        Araujo, Norris & Sim 2019, Computing receptive fields of convolutional neural networks,
        Distill, equation 2, doi:10.23915/distill.00021.
    """
    side, jump = 1, 1
    for kernel, step in layers:
        if kernel < 1 or step < 1:
            raise ValueError(f"a kernel of {kernel} with a step of {step} is no layer")
        side += (kernel - 1) * jump
        jump *= step
    return side
