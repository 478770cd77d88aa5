"""Patch values laid over a full-resolution picture, drawn on the server."""

import cv2
import numpy as np
from jaxtyping import Bool, Float, UInt8

from viz_core.colour import Sequential
from viz_core.colour import overlay as colours


def blend(
    picture: UInt8[np.ndarray, "height width 3"],
    values: Float[np.ndarray, "rows columns"],
    *,
    colour_map: Sequential = "magma",
    opacity: float = 0.85,
    smooth: bool = False,
) -> UInt8[np.ndarray, "height width 3"]:
    """The picture under its patch values; stronger values cover more of it.

    Args:
        picture: What the patches were cut from.
        values: One value a patch, at least 0; coloured relative to the largest.
        colour_map: Sequential colour map.
        opacity: Alpha of the largest value, in [0, 1].
        smooth: Blend between patch centres; otherwise every patch is one flat square, which
            is what the model sees.

    Raises:
        ValueError: If a value is negative or not finite, or `opacity` is outside [0, 1].
    """
    height, width = picture.shape[:2]
    how = cv2.INTER_CUBIC if smooth else cv2.INTER_NEAREST
    layer = cv2.resize(colours(values, colour_map, opacity), (width, height), interpolation=how)
    alpha = layer[..., 3:].astype(np.float32) / 255
    mixed = picture * (1 - alpha) + layer[..., :3] * alpha
    return np.round(mixed).astype(np.uint8)


def spotlight(
    picture: UInt8[np.ndarray, "height width 3"],
    mask: Bool[np.ndarray, "rows columns"],
    dim: float = 0.2,
) -> UInt8[np.ndarray, "height width 3"]:
    """The picture with only the chosen patches lit; the others keep `dim` of their light.

    Raises:
        ValueError: If `dim` is outside [0, 1].
    """
    if not 0 <= dim <= 1:
        raise ValueError(f"dim must be in [0, 1], got {dim}")
    height, width = picture.shape[:2]
    patches = np.where(mask, 1.0, dim).astype(np.float32)
    light = cv2.resize(patches, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.round(picture * light[..., None]).astype(np.uint8)
