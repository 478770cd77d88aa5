"""What the components of the patches chapter get: a JSON header and binary parts.

    u32 length of the header | header, JSON padded with spaces | parts, each at a multiple of 4

The header's `parts` holds name -> [offset after the header, length]; `id` is a digest of all of
it. Little endian; `cutter/js/wire.js` reads it.
"""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int8, UInt8

from viz_core import patches
from viz_core.patches import Components

LEVELS, WITHIN = 127, 0.98
MOST_ROWS, MOST_COLUMNS = 96, 128


def pack(header: Mapping[str, Any], **parts: bytes) -> bytes:
    """One message for a component.

    Args:
        header: Anything JSON can hold; `parts` and `id` are added.
        parts: Binary parts by name.

    Raises:
        ValueError: If the header already has `parts` or `id`.
    """
    if {"parts", "id"} & header.keys():
        raise ValueError("a header gets its parts and id here")
    places, body = {}, b""
    for name, part in parts.items():
        places[name] = [len(body), len(part)]
        body += part + bytes(-len(part) % 4)
    core = json.dumps(header, sort_keys=True).encode()
    known = hashlib.sha256(core + body).hexdigest()[:16]
    return _joined({**header, "parts": places, "id": known}, body)


def with_view(message: bytes, view: Mapping[str, Any]) -> bytes:
    """The same message with another view to open with; its id stays.

    Args:
        message: From `pack`.
        view: What the component should show; it acts on it when `serial` changes.
    """
    (length,) = struct.unpack_from("<I", message)
    header = json.loads(message[4 : 4 + length])
    return _joined({**header, "view": dict(view)}, message[4 + length :])


def _joined(header: Mapping[str, Any], body: bytes) -> bytes:
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + body


def levels(
    values: Float[np.ndarray, "*shape"], within: float = 1.0
) -> tuple[Int8[np.ndarray, "*shape"], float]:
    """Signed numbers as bytes from -127 to 127, and the absolute value that 127 stands for.

    Args:
        values: Any numbers.
        within: Share of the numbers that keep their own level, in (0, 1]; the few that are
            larger get the last one, so that they do not leave all others pale.

    Raises:
        ValueError: If a value is not finite or `within` is out of its range.
    """
    if not np.isfinite(values).all() or not 0 < within <= 1:
        raise ValueError(f"values must be finite and within in (0, 1], got {within}")
    top = float(np.quantile(np.abs(values), within)) if values.size else 0.0
    scaled = values * (LEVELS / top if top > 0 else 0.0)
    return np.rint(np.clip(scaled, -LEVELS, LEVELS)).astype(np.int8), top


def thinned(values: Float[np.ndarray, "row column"]) -> Float[np.ndarray, "rows columns"]:
    """Every k-th row and column of a large matrix, so that it fits into a thumbnail.

    Left out, not averaged: the mean of signed numbers would look calmer than they are. The
    first row, which holds the class token, stays.

    Raises:
        ValueError: If there is nothing to show.
    """
    if not values.size:
        raise ValueError("a matrix without numbers cannot be shown")
    down, across = -(-len(values) // MOST_ROWS), -(-values.shape[1] // MOST_COLUMNS)
    return values[::down, ::across]


def input_bytes(
    image: Float[np.ndarray, "3 side side"], mean: Sequence[float], std: Sequence[float]
) -> UInt8[np.ndarray, "side side 3"]:
    """The network's input as the bytes it was before normalisation.

    Raises:
        ValueError: If mean or std are not three numbers.
    """
    if len(mean) != 3 or len(std) != 3:
        raise ValueError("mean and std need three numbers each")
    shares = image.transpose(1, 2, 0) * np.asarray(std) + np.asarray(mean)
    return np.rint(255 * np.clip(shares, 0, 1)).astype(np.uint8)


def cutter(
    *,
    picture_jpeg: bytes,
    pixels: UInt8[np.ndarray, "side side 3"],
    native: int,
    prefix: Sequence[str],
    tokens: Float[np.ndarray, "token width"],
) -> bytes:
    """The stage: picture, the network's pixels, and the tokens before their positions.

    Args:
        picture_jpeg: The crop at any resolution.
        pixels: The network's input as bytes.
        native: The network's own patch size in pixels.
        prefix: Names of the tokens before the first patch.
        tokens: Prefix and patches.

    Raises:
        ValueError: If there is not one token for each of the prefix and the patches.
    """
    side = len(pixels)
    if len(tokens) != len(prefix) + (side // native) ** 2:
        raise ValueError(f"{len(tokens)} tokens do not fit {side} pixels in {native}-pixel patches")
    level, top = levels(tokens, WITHIN)
    header = {
        "side": side, "native": native, "prefix": list(prefix), "width": tokens.shape[1],
        "top": top, "sizes": list(patches.sizes(side)), "view": {},
    }  # fmt: skip
    return pack(header, picture=picture_jpeg, pixels=pixels.tobytes(), tokens=level.tobytes())


def ribbon(
    facts: Mapping[str, Any],
    *,
    picture_jpeg: bytes,
    matrices: Mapping[str, Float[np.ndarray, "row column"]],
) -> bytes:
    """The ribbon of shapes: what the network is, and thumbnails of its tensors.

    Args:
        facts: Numbers and names for the stations, as `ribbon/js/stations.js` reads them.
        picture_jpeg: A small crop.
        matrices: Tensors by station; thinned; the colours end where 98 % of their numbers do.
    """
    shapes, parts = {}, {}
    for name, matrix in matrices.items():
        level, top = levels(thinned(matrix), WITHIN)
        shapes[name] = {"rows": level.shape[0], "columns": level.shape[1], "top": top}
        parts[name] = level.tobytes()
    return pack({**facts, "matrices": shapes}, picture=picture_jpeg, **parts)


def filters(
    found: Components,
    *,
    picture_jpeg: bytes,
    grid: int,
    answers: Float[np.ndarray, "patch component"],
    cosines: Float[np.ndarray, "patch component"],
) -> bytes:
    """Components of the kernels as small pictures, and how every patch answers them.

    Args:
        found: Components; each tile is scaled to its own largest absolute value.
        picture_jpeg: The crop.
        grid: Patches along a side.
        answers: Dot products.
        cosines: The same, normalised.

    Raises:
        ValueError: If there is not one row a patch and one column a component.
    """
    expected = (grid * grid, len(found.tiles))
    if answers.shape != expected or cosines.shape != expected:
        raise ValueError(f"answers must be {expected}, got {answers.shape}, {cosines.shape}")
    tops = np.abs(found.tiles).max(axis=(1, 2, 3), keepdims=True)
    tiles = np.rint(127.5 + 127.5 * found.tiles / tops).astype(np.uint8)
    header = {
        "grid": grid, "count": len(tiles), "patch": tiles.shape[-1],
        "shares": [round(float(share), 5) for share in found.shares],
    }  # fmt: skip
    return pack(
        header,
        picture=picture_jpeg,
        tiles=tiles.transpose(0, 2, 3, 1).tobytes(),
        answers=answers.T.astype("<f4").tobytes(),
        cosines=cosines.T.astype("<f4").tobytes(),
    )
