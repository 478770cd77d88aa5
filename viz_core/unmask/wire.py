"""What the component `unmask` is sent, in the canvas's envelope; `js/wire.js` reads it.

    kind      other header fields                          body
    unmask    id picture size grid baselines ...           JPEG, u8 truth[size][size][3]
    masks     id of seed strategies ratios                 u8 mask[strategies][ratios][patches]
    pictures  id of run by slots grid size scores          for each slot u8 mask[patches], then
                                                           u8 picture[size][size][3]

`of` is the id of the `unmask` frame that the others belong to. A run is a strategy with its seed,
or one mask by hand with its code; its slots number the ratios 0, 5, ... 95 %, a mask by hand has
slot 0 only. `by` says who painted: "network", or a baseline's name.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, UInt8

from viz_core.canvas.envelope import assemble
from viz_core.reconstruction import Score

PERCENTS = tuple(range(0, 100, 5))
NETWORK = "network"


def pack_stage(
    truth: UInt8[np.ndarray, "size size 3"],
    *,
    picture_jpeg: bytes,
    picture_size: tuple[int, int],
    grid: tuple[int, int],
    header: Mapping[str, Any],
) -> bytes:
    """The picture, in full and as the network sees it.

    Args:
        truth: RGB at the network's resolution.
        picture_jpeg: The same square at the picture's own resolution.
        picture_size: Its (width, height) in pixels.
        grid: Rows and columns of patches.
        header: What else is said: names, what the network predicts.

    Raises:
        ValueError: If the picture does not divide into the grid.
    """
    size = truth.shape[0]
    if size % grid[0] or size % grid[1]:
        raise ValueError(f"{size} pixels do not divide into {grid[0]} x {grid[1]} patches")
    width, height = picture_size
    picture = {"bytes": len(picture_jpeg), "width": width, "height": height}
    fields = {**header, "picture": picture, "size": size, "grid": list(grid)}
    return assemble({"kind": "unmask", **fields}, [picture_jpeg, truth.tobytes()])


def pack_masks(
    masks: Mapping[str, Bool[np.ndarray, "ratio row column"]], *, of: str, seed: int
) -> bytes:
    """Masks of several strategies at all ratios, so that the browser shows them at once.

    Args:
        masks: By strategy; True hides a patch.
        of: Id of the stage.
        seed: What they were drawn with.

    Raises:
        ValueError: If a strategy has not one mask for each of the ratios.
    """
    if wrong := [name for name, some in masks.items() if len(some) != len(PERCENTS)]:
        raise ValueError(f"{wrong[0]} must have {len(PERCENTS)} masks, has {len(masks[wrong[0]])}")
    body = np.stack([some.reshape(len(some), -1) for some in masks.values()]).astype(np.uint8)
    fields = {"of": of, "seed": seed, "strategies": list(masks), "ratios": list(PERCENTS)}
    return assemble({"kind": "masks", **fields}, [body.tobytes()])


def pack_pictures(
    pictures: UInt8[np.ndarray, "slot size size 3"],
    masks: Bool[np.ndarray, "slot row column"],
    scores: Sequence[Score | None],
    *,
    of: str,
    run: str,
    by: str = NETWORK,
    slots: Sequence[int] = (0,),
) -> bytes:
    """What the network, or a baseline, paints under some masks.

    Args:
        pictures: The network's raw output everywhere, or the baseline's filled picture.
        masks: True hides a patch.
        scores: Over the hidden patches; None where nothing is hidden.
        of: Id of the stage.
        run: Name of the run.
        by: Who painted.
        slots: Which ratio each picture is for, by its place in `PERCENTS`.

    Raises:
        ValueError: If pictures, masks, scores and slots are not equally many.
    """
    if not len(pictures) == len(masks) == len(scores) == len(slots):
        raise ValueError(
            f"{len(pictures)} pictures, {len(masks)} masks, {len(scores)} scores and "
            f"{len(slots)} slots do not fit"
        )
    body = [
        part.tobytes()
        for mask, picture in zip(masks, pictures, strict=True)
        for part in (mask.astype(np.uint8), picture)
    ]
    told = [None if score is None else _told(score) for score in scores]
    fields = {"slots": list(slots), "grid": list(masks.shape[1:]), "size": pictures.shape[1]}
    names = {"of": of, "run": run, "by": by}
    return assemble({"kind": "pictures", **names, **fields, "scores": told}, body)


def _told(score: Score) -> dict[str, float | None]:
    """JSON knows no infinity: the PSNR of a perfect copy is None."""
    psnr = score.psnr if np.isfinite(score.psnr) else None
    return {"mse": float(score.mse), "psnr": psnr, "ssim": float(score.ssim)}


def code(mask: Bool[np.ndarray, "row column"]) -> str:
    """A mask as hexadecimal digits, row by row, the first patch in the highest bit."""
    return np.packbits(mask.reshape(-1)).tobytes().hex()


def decoded(text: str, grid: tuple[int, int]) -> Bool[np.ndarray, "row column"]:
    """The mask that a browser told.

    Raises:
        ValueError: If the text is no code of a mask of this grid.
    """
    patches = grid[0] * grid[1]
    raw = bytes.fromhex(text)
    if len(raw) != (patches + 7) // 8:
        raise ValueError(f"the code of {patches} patches has {(patches + 7) // 8} bytes")
    bits = np.unpackbits(np.frombuffer(raw, np.uint8))
    if bits[patches:].any():
        raise ValueError("the code hides patches outside of the grid")
    return bits[:patches].astype(bool).reshape(grid)
