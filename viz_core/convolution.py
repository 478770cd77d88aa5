"""A depthwise convolution in plain numpy, kernels cut smaller or filled up, grey values."""

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

SIZES = (3, 5, 7, 9, 11)


def resized(
    kernels: Float[np.ndarray, "channel row column"], size: int
) -> Float32[np.ndarray, "channel size size"]:
    """The central `size` x `size` weights of each kernel, or the kernel with zeros around it.

    A crop of a trained kernel is not a kernel trained at that size.

    Raises:
        ValueError: If the size is even or below 1, or the kernels are not square and odd.
    """
    _, rows, columns = kernels.shape
    if size < 1 or size % 2 == 0 or rows != columns or rows % 2 == 0:
        raise ValueError(f"kernels with a centre need odd sides, got {rows}x{columns} and {size}")
    if size <= rows:
        from_ = (rows - size) // 2
        return kernels[:, from_ : from_ + size, from_ : from_ + size].astype(np.float32)
    around = (size - rows) // 2
    return np.pad(kernels, ((0, 0), (around, around), (around, around))).astype(np.float32)


def depthwise(
    maps: Float[np.ndarray, "channel row column"],
    kernels: Float[np.ndarray, "kernel size size"],
    bias: Float[np.ndarray, " number"],
) -> Float[np.ndarray, "channel row column"]:
    """Each channel with its own kernel; beyond the border there is nothing but zeros.

    As in all deep learning the kernel is not turned round: a cross-correlation.

    Raises:
        ValueError: If there is not one kernel with a centre and one bias a channel.
    """
    channels, size = kernels.shape[:2]
    if size % 2 == 0 or len(maps) != channels or len(bias) != channels:
        raise ValueError(f"{len(maps)} maps, {channels} kernels of {size}, {len(bias)} biases")
    around = size // 2
    padded = np.pad(maps.astype(np.float64), ((0, 0), (around, around), (around, around)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    return np.einsum("cyxij,cij->cyx", windows, kernels) + bias[:, None, None]


def luminance(
    picture: UInt8[np.ndarray, "height width 3"], side: int
) -> UInt8[np.ndarray, "side side"]:
    """Grey values of a square picture at `side` pixels, averaged down.

    Raises:
        ValueError: If the picture is not square or `side` is not positive.

    Source:
        Weights of Rec. 601, as OpenCV's RGB2GRAY.
    """
    if picture.shape[0] != picture.shape[1] or side < 1:
        raise ValueError(f"a square picture and a positive side, got {picture.shape} and {side}")
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)


def likeness(
    one: Float[np.ndarray, "row column channel"], other: Float[np.ndarray, "rows columns channels"]
) -> float:
    """Mean over the places of the cosine between two maps' vectors: 1 if nothing turned.

    Raises:
        ValueError: If the maps do not match.
    """
    if one.shape != other.shape:
        raise ValueError(f"maps of {one.shape} and {other.shape} cannot be compared")
    a, b = one.astype(np.float64), other.astype(np.float64)
    sizes = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    dots = (a * b).sum(axis=-1)
    cosines = np.where(sizes > 0, dots / np.where(sizes > 0, sizes, 1), (a == b).all(axis=-1))
    return float(cosines.mean())
