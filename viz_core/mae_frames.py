"""What the components of the MAE chapter get: headers and sheets of small pictures.

A sheet is one JPEG with tiles of equal size: a row a mask or a moment, a column a way to fill in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from jaxtyping import Bool, Int, UInt8

from viz_core import images, inpaint, patch_frames

QUALITY = 92
HATCH, GROUND = (148, 163, 184), (71, 85, 105)  # the hidden patches of every page


def sheet(tiles: UInt8[np.ndarray, "row column side side 3"]) -> bytes:
    """Tiles side by side in one JPEG, read by `ratios/js/sheet.js`.

    Raises:
        ValueError: If there is no tile.
    """
    if not tiles.size:
        raise ValueError("a sheet has at least one tile")
    rows, columns, side = tiles.shape[:3]
    whole = tiles.transpose(0, 2, 1, 3, 4).reshape(rows * side, columns * side, 3)
    return images.encode_jpeg(
        np.ascontiguousarray(whole), side=max(whole.shape[:2]), quality=QUALITY
    )


def hatched(
    picture: UInt8[np.ndarray, "side side 3"], mask: Bool[np.ndarray, "rows cols"]
) -> UInt8[np.ndarray, "side side 3"]:
    """The picture with its hidden patches hatched.

    Raises:
        ValueError: If the picture does not divide into the mask's patches.
    """
    side = len(picture)
    hidden = inpaint.spread(mask, (side, side))
    patch = side // len(mask)
    cover = np.full(picture.shape, GROUND, np.uint8)
    for start in range(-side, side, max(2, patch // 2)):
        cv2.line(cover, (start, side), (start + side, 0), HATCH, max(1, side // 448), cv2.LINE_AA)
    return np.where(hidden[..., None], cover, picture)


def enlarged(
    picture: UInt8[np.ndarray, "side side 3"], pixels: int
) -> UInt8[np.ndarray, "large large 3"]:
    """A network's small picture for a large place, by the largest whole factor up to `pixels`.

    Raises:
        ValueError: If `pixels` is not positive.
    """
    if pixels < 1:
        raise ValueError(f"a picture has at least one pixel, got {pixels}")
    side = len(picture) * max(1, pixels // len(picture))
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC)


def ratios(facts: Mapping[str, Any], *, tiles: UInt8[np.ndarray, "ratio way side side 3"]) -> bytes:
    """Message of the component `ratios`.

    Args:
        facts: `ratios`, `visible` and the scores by name and way, one a ratio; see
            `ratios/js/component.js`.
        tiles: What each way makes of the picture at each ratio.

    Raises:
        ValueError: If there is not one row of tiles a ratio.
    """
    if len(tiles) != len(facts["ratios"]):
        raise ValueError(f"{len(facts['ratios'])} ratios but {len(tiles)} rows of pictures")
    return patch_frames.pack({**facts, "side": tiles.shape[2]}, sheet=sheet(tiles))


def asymmetry(
    facts: Mapping[str, Any],
    *,
    picture: UInt8[np.ndarray, "side side 3"],
    ranks: Int[np.ndarray, "rows cols"],
    outputs: UInt8[np.ndarray, "ratio side side 3"],
) -> bytes:
    """Message of the component `asymmetry`.

    Args:
        facts: Networks with their counts at each ratio; see `asymmetry/js/component.js`.
        picture: What the network gets.
        ranks: Patches are hidden from the largest rank on.
        outputs: The picture filled in at each ratio.

    Raises:
        ValueError: If the ranks are no permutation of the patches.
    """
    if sorted(ranks.ravel().tolist()) != list(range(ranks.size)):
        raise ValueError("every patch needs a rank of its own")
    header = {
        **facts, "side": len(picture), "grid": len(ranks), "total": ranks.size,
        "ranks": ranks.ravel().tolist(),
    }  # fmt: skip
    return patch_frames.pack(
        header, picture=sheet(picture[None, None]), outputs=sheet(outputs[:, None])
    )


def guesses(
    facts: Mapping[str, Any],
    *,
    picture: UInt8[np.ndarray, "side side 3"],
    filled: UInt8[np.ndarray, "guess side side 3"],
    masks: Bool[np.ndarray, "mask rows cols"],
) -> bytes:
    """Message of the component `guesses`: every pixel as it is, 0.04 MB a mask at 112 pixels.

    Args:
        facts: Anything else the component shows.
        picture: What the network gets.
        filled: What it predicts under each mask.
        masks: True where a patch was hidden.

    Raises:
        ValueError: If there is not one prediction a mask.
    """
    if len(filled) != len(masks):
        raise ValueError(f"{len(masks)} masks but {len(filled)} predictions")
    header = {**facts, "side": len(picture), "grid": masks.shape[1], "count": len(masks)}
    return patch_frames.pack(
        header,
        truth=picture.tobytes(),
        guesses=filled.tobytes(),
        masks=masks.astype(np.uint8).tobytes(),
    )


def film(
    moments: Sequence[Mapping[str, float | int | None]],
    *,
    raw: UInt8[np.ndarray, "moment side side 3"],
    pasted: UInt8[np.ndarray, "moment side side 3"],
    left: UInt8[np.ndarray, "side side 3"],
    picture: UInt8[np.ndarray, "side side 3"],
) -> bytes:
    """Message of the component `film`.

    Args:
        moments: Step and errors of each saved moment; see `film/js/component.js`.
        raw: What the decoder gives for all patches.
        pasted: The same with the visible patches as they are.
        left: What the network sees.
        picture: The truth.

    Raises:
        ValueError: If there is not one picture a moment, or the steps do not grow.
    """
    steps = [int(one["step"] or 0) for one in moments]
    if not len(moments) == len(raw) == len(pasted) or steps != sorted(set(steps)):
        raise ValueError(f"{len(moments)} growing steps and as many pictures, not {steps}")
    return patch_frames.pack(
        {"frames": [dict(one) for one in moments], "side": len(picture)},
        sheet=sheet(np.stack([raw, pasted], axis=1)),
        still=sheet(np.stack([left, picture])[None]),
    )
