"""The canvas's wire format: Python packs, `js/frame.js` unpacks. Version 1, little endian.

    offset  bytes  content
    0       4      the letters SACC
    4       4      u32 version, 1
    8       4      u32 length h of the header, a multiple of 4
    12      h      header: JSON in UTF-8, padded with spaces
    12 + h  ...    body; each of its parts starts at a multiple of 4 and is padded with zeros

The header's `kind` says what the body holds. `picture` is {bytes, width, height}, `grid` is
[rows, columns] of patches, tokens are the prefix followed by the patches row by row.

    kind       other header fields                         body
    attention  id picture grid prefix layers heads         JPEG, then for each layer of `present`
               tokens present                              f32 scale[heads][tokens] and
                                                           u8 level[heads][tokens][tokens]
    regions    id picture grid labels steps                JPEG, u16 region[steps][rows][columns],
                                                           65535 where no region is
    windowed   id picture layers blocks present            JPEG, then each block of `present`:
                                                           see `wire_windows.py`
    mask       id picture grid                             JPEG, u8 mask[rows][columns], 0 or 1
    maps       id picture grid labels unit signed          JPEG, f32 value[labels][rows][columns]
    compare    id labels parts                             frames, `parts` holds their lengths
    mount      view parts                                  one frame, with the view to show it in

Attention of query i on key j is (level[i][j] / 255)**2 * scale[i]; the scale is the row's
largest value. The square keeps the many small weights of a softmax: an error is at most 1/255 of
the largest and shrinks with the weight, where evenly spaced levels would round the tail to zero
and rollout would lose it in every layer. Layers may come in several frames of the same id:
`split` makes a small one that is drawn at once and one that follows.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Integer

from viz_core.canvas import wire_windows
from viz_core.canvas.envelope import assemble, quantised, raw, restored, unpack_header, with_picture

__all__ = [
    "NO_REGION", "pack_attention", "pack_compare", "pack_maps", "pack_mask", "pack_mount",
    "pack_regions", "split", "unpack_attention", "unpack_header",
]  # fmt: skip

NO_REGION = 0xFFFF
COMPARABLE = {"attention", "windowed"}


def pack_attention(
    patterns: Float[np.ndarray, "layer head token token"],
    *,
    picture_jpeg: bytes,
    picture_size: tuple[int, int],
    grid: tuple[int, int],
    prefix: tuple[str, ...] = ("class token",),
) -> bytes:
    """Attention of all layers and heads over one picture.

    Args:
        patterns: Softmax weights: each row sums to 1, or to less where tokens were left out.
        picture_jpeg: The picture as the model sees it (cropped), in any resolution.
        picture_size: Its (width, height) in pixels.
        grid: (rows, columns) of patches.
        prefix: Names of the tokens before the first patch, e.g. ("class token",).

    Returns:
        An `attention` frame with all layers. 5.8 MB for ViT-B/16 at 224 pixels.

    Raises:
        ValueError: If the token count is not prefix + rows * columns, or a value is negative
            or not finite.
    """
    layers, heads, tokens, _ = patterns.shape
    if tokens != len(prefix) + math.prod(grid):
        raise ValueError(f"{tokens} tokens are not {len(prefix)} + {grid[0]} x {grid[1]}")
    scale, levels = quantised(patterns)
    body = [picture_jpeg]
    for layer in range(layers):
        body += [scale[layer].tobytes(), levels[layer].tobytes()]
    shape = {"layers": layers, "heads": heads, "tokens": tokens, "present": [*range(layers)]}
    return _frame("attention", body, picture_size, grid, prefix=list(prefix), **shape)


def pack_regions(
    regions: Integer[np.ndarray, "step row column"],
    labels: Sequence[str],
    *,
    picture_jpeg: bytes,
    picture_size: tuple[int, int],
    steps: Sequence[str] = ("",),
) -> bytes:
    """Labelled regions of patches, in one or several steps (e.g. before and after a shift).

    Args:
        regions: Index into `labels` for each patch, -1 where it belongs to none.
        labels: What each region is called.
        picture_jpeg: The picture.
        picture_size: Its (width, height) in pixels.
        steps: What each step is called.

    Returns:
        A `regions` frame.

    Raises:
        ValueError: If an index has no label or a step no name.
    """
    if len(steps) != len(regions):
        raise ValueError(f"{len(regions)} steps but {len(steps)} names")
    if regions.min() < -1 or regions.max() >= len(labels):
        raise ValueError(f"region indices must be -1 to {len(labels) - 1}")
    body = [picture_jpeg, np.where(regions < 0, NO_REGION, regions).astype("<u2").tobytes()]
    names = {"labels": list(labels), "steps": list(steps)}
    return _frame("regions", body, picture_size, regions.shape[1:], **names)


def pack_mask(
    mask: Bool[np.ndarray, "row column"], *, picture_jpeg: bytes, picture_size: tuple[int, int]
) -> bytes:
    """A mask to paint on: True hides a patch. Returns a `mask` frame."""
    body = [picture_jpeg, mask.astype(np.uint8).tobytes()]
    return _frame("mask", body, picture_size, mask.shape)


def pack_maps(
    maps: Float[np.ndarray, "map row column"],
    labels: Sequence[str],
    *,
    picture_jpeg: bytes,
    picture_size: tuple[int, int],
    unit: str = "",
    signed: bool = False,
) -> bytes:
    """Maps that do not depend on a query, one panel each, under one pointer.

    Args:
        maps: Values per patch, shown as they are with their unit.
        labels: Title of each map.
        picture_jpeg: The picture.
        picture_size: Its (width, height) in pixels.
        unit: Unit of the values; "%" if they are percentages.
        signed: Whether to use the diverging colours, centred on zero.

    Returns:
        A `maps` frame.

    Raises:
        ValueError: If a map has no label, a value is not finite, or negative and not signed.
    """
    if len(labels) != len(maps):
        raise ValueError(f"{len(maps)} maps but {len(labels)} labels")
    if not np.isfinite(maps).all():
        raise ValueError("maps must be finite")
    if not signed and (maps < 0).any():
        raise ValueError("maps that are not signed must be not negative")
    body = [picture_jpeg, maps.astype("<f4").tobytes()]
    fields = {"labels": list(labels), "unit": unit, "signed": signed}
    return _frame("maps", body, picture_size, maps.shape[1:], **fields)


def pack_compare(frames: Sequence[bytes], labels: Sequence[str]) -> bytes:
    """A `compare` frame: attention of several networks side by side, under one pointer.

    Grids may differ, and `attention` may stand beside `windowed`.

    Raises:
        ValueError: If there are no frames, a label is missing, or a frame is of another kind.
    """
    if not frames or len(labels) != len(frames):
        raise ValueError(f"{len(frames)} frames and {len(labels)} labels")
    kinds = {unpack_header(frame)[0]["kind"] for frame in frames}
    if kinds - COMPARABLE:
        raise ValueError(f"only attention frames can be compared, got {sorted(kinds)}")
    parts = [len(frame) for frame in frames]
    return assemble({"kind": "compare", "labels": list(labels), "parts": parts}, frames)


def split(frame: bytes, layer: int) -> tuple[bytes, bytes | None]:
    """What must be drawn at once, and what may follow.

    Args:
        frame: Any frame.
        layer: The layer to show first, from 0.

    Returns:
        A frame with the picture and this layer alone, and one of the same id with the other
        layers and no picture. Frames without layers, or with one, come back whole with None.

    Raises:
        ValueError: If the layer is not in the frame.
    """
    header, start = unpack_header(frame)
    if header["kind"] == "compare":
        pairs = [split(part, min(layer, _last(part))) for part in _parts(frame, header, start)]
        first = _regroup(header, [pair[0] for pair in pairs])
        if all(rest is None for _, rest in pairs):
            return first, None
        return first, _regroup(header, [rest or first for first, rest in pairs])
    if header["kind"] not in COMPARABLE or len(header["present"]) == 1:
        return frame, None
    if layer not in header["present"]:
        raise ValueError(f"layer {layer} is not one of {header['present']}")
    blocks = start + header["picture"]["bytes"] + -header["picture"]["bytes"] % 4
    before = header["present"][: header["present"].index(layer)]
    here = blocks + sum(_layer_bytes(header, k) for k in before)
    there = here + _layer_bytes(header, layer)
    first = raw(header | {"present": [layer]}, frame[start:blocks] + frame[here:there])
    others = [k for k in header["present"] if k != layer]
    bare = header | {"present": others, "picture": header["picture"] | {"bytes": 0}}
    return first, raw(bare, frame[blocks:here] + frame[there:])


def pack_mount(frame: bytes, view: dict[str, Any]) -> bytes:
    """One frame together with the view to show it in: what a Streamlit mount sends."""
    return assemble({"kind": "mount", "view": view, "parts": [len(frame)]}, [frame])


def unpack_attention(
    frame: bytes,
) -> tuple[bytes, dict[int, Float[np.ndarray, "head token token"]]]:
    """Picture and attention of the layers that an `attention` frame holds, by layer.

    Raises:
        ValueError: If it is no attention frame or its length is not what the header says.
    """
    header, start = unpack_header(frame)
    if header["kind"] != "attention":
        raise ValueError(f"this is a frame of kind {header['kind']!r}")
    heads, tokens = header["heads"], header["tokens"]
    jpeg = header["picture"]["bytes"]
    offset = start + jpeg + -jpeg % 4
    if len(frame) != offset + sum(_layer_bytes(header, k) for k in header["present"]):
        raise ValueError("the canvas frame is cut short")
    layers = {}
    for layer in header["present"]:
        scale = np.frombuffer(frame, "<f4", heads * tokens, offset).reshape(heads, tokens)
        levels = np.frombuffer(frame, np.uint8, heads * tokens**2, offset + scale.nbytes)
        layers[layer] = restored(scale, levels.reshape(heads, tokens, tokens))
        offset += _layer_bytes(header, layer)
    return frame[start : start + jpeg], layers


def _layer_bytes(header: dict[str, Any], layer: int) -> int:
    if header["kind"] == "windowed":
        return wire_windows.block_bytes(header, layer)
    cells = header["heads"] * header["tokens"]
    levels = cells * header["tokens"]
    return 4 * cells + levels + -levels % 4


def _last(frame: bytes) -> int:
    return unpack_header(frame)[0]["present"][-1]


def _parts(frame: bytes, header: dict[str, Any], start: int) -> list[bytes]:
    found = []
    for length in header["parts"]:
        found.append(frame[start : start + length])
        start += length + -length % 4
    return found


def _regroup(header: dict[str, Any], frames: list[bytes]) -> bytes:
    return assemble(header | {"parts": [len(frame) for frame in frames]}, frames)


def _frame(
    kind: str, body: list[bytes], size: tuple[int, int], grid: Sequence[int], **fields: object
) -> bytes:
    return with_picture(kind, body, size, grid=[int(k) for k in grid], **fields)
