"""Many small pictures as one: a strip of square thumbnails."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8


def square(
    picture: UInt8[np.ndarray, "height width 3"], side: int
) -> UInt8[np.ndarray, "side side 3"]:
    """The central square of a picture at `side` pixels, averaged down.

    Raises:
        ValueError: If `side` is not positive.
    """
    if side <= 0:
        raise ValueError(f"side must be positive, got {side}")
    height, width = picture.shape[:2]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    return cv2.resize(
        picture[top : top + short, left : left + short], (side, side), interpolation=cv2.INTER_AREA
    )


def own(path: Path) -> UInt8[np.ndarray, "height width 3"]:
    """One of our own sample files at its full size; never for a visitor's file.

    Raises:
        ValueError: If the file is no picture.
    """
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{path} is no picture")
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def strip(paths: Sequence[Path], side: int) -> UInt8[np.ndarray, "side width 3"]:
    """Thumbnails of our own sample files, left to right; never for a visitor's file.

    Raises:
        ValueError: If a file is no picture.
    """
    squares = []
    for path in paths:
        # A quarter of the size is plenty for a thumbnail, and JPEG decodes to it directly.
        picture = cv2.imread(str(path), cv2.IMREAD_REDUCED_COLOR_4)
        if picture is None:
            raise ValueError(f"{path} is no picture")
        squares.append(square(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), side))
    return np.concatenate(squares, axis=1)
