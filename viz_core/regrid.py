"""The same square of a picture as a network's input of another size."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image


def squeezed(
    crop: UInt8[np.ndarray, "height width 3"], size: tuple[int, int]
) -> UInt8[np.ndarray, "rows columns 3"]:
    """A picture resized to (rows, columns) pixels, bicubic with antialiasing; no part is cut off.

    Raises:
        ValueError: If a side of `size` is below 1.
    """
    if min(size) < 1:
        raise ValueError(f"a picture needs sides of at least 1 pixel, got {size}")
    image = Image.fromarray(crop).resize((size[1], size[0]), Image.Resampling.BICUBIC)
    return np.asarray(image).copy()


def normalised(
    picture: UInt8[np.ndarray, "height width 3"], mean: Sequence[float], std: Sequence[float]
) -> Float32[np.ndarray, "1 3 height width"]:
    """Bytes as a network takes them: on the scale where white is 1, minus `mean`, over `std`.

    Raises:
        ValueError: If a `std` is not positive or there are not three numbers each.
    """
    if len(mean) != 3 or len(std) != 3 or min(std) <= 0:
        raise ValueError(f"mean and std need three numbers each, std > 0; got {mean}, {std}")
    shares = picture.astype(np.float32) / np.float32(255)
    values = (shares - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])
