"""What the similarity tiles are sent: a JSON header, then numbers. Little endian.

    offset  bytes  content
    0       4      u32 length h of the header, a multiple of 4
    4       h      header: JSON in UTF-8, padded with spaces
    4 + h   ...    parts, each padded with zeros to a multiple of 4

A `board` holds a JPEG and, for each of its kinds that has a similarity, i16 cosine[2][n][n]: as
it is, then with the shared part taken out; 32767 is 1. `maps` holds f32 value[rows][columns] for
each signed map and u8 colour[rows][columns][3] for each one in colour.
"""

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

ONE = 32767


@dataclass(frozen=True)
class Kind:
    """One kind of positions on the board.

    Attributes:
        name: What links and Python call it.
        label: What people read.
        note: What it is, in one line.
        cosines: Similarity as it is and with the shared part taken out; None where there is
            nothing to compare.
    """

    name: str
    label: str
    note: str
    cosines: Float[np.ndarray, "2 patch patch"] | None


@dataclass(frozen=True)
class Map:
    """One map of a gallery.

    Attributes:
        label: Its title.
        values: Signed numbers a patch, or three bytes of colour.
        note: What stands below it while nothing is pointed at.
    """

    label: str
    values: Float[np.ndarray, "row column"] | UInt8[np.ndarray, "row column 3"]
    note: str = ""


def pack_board(
    kinds: Sequence[Kind],
    *,
    picture_jpeg: bytes,
    picture_size: tuple[int, int],
    grid: tuple[int, int],
) -> bytes:
    """Similarities of several kinds of positions over one picture.

    Args:
        kinds: What can be chosen, in order.
        picture_jpeg: The picture as the network sees it.
        picture_size: Its (width, height) in pixels.
        grid: Rows and columns of patches.

    Raises:
        ValueError: If a similarity is not one of the grid's patches, or outside -1 to 1.
    """
    patches = grid[0] * grid[1]
    body = [picture_jpeg]
    for kind in kinds:
        if kind.cosines is None:
            continue
        if kind.cosines.shape[1] != patches:
            raise ValueError(f"{kind.name} compares {kind.cosines.shape[1]} of {patches} patches")
        if not (np.abs(kind.cosines) <= 1).all():
            raise ValueError(f"cosines of {kind.name} must be -1 to 1")
        body.append(np.rint(kind.cosines * ONE).astype("<i2").tobytes())
    listed = [
        {"name": k.name, "label": k.label, "note": k.note, "empty": k.cosines is None}
        for k in kinds
    ]
    picture = {"bytes": len(picture_jpeg), "width": picture_size[0], "height": picture_size[1]}
    return _assembled({"kind": "board", "picture": picture, "grid": grid, "kinds": listed}, body)


def pack_maps(
    maps: Sequence[Map],
    *,
    unit: str,
    limit: float | None = None,
    columns: int = 6,
    signed: bool = True,
) -> bytes:
    """Maps side by side under one pointer; their grids may differ.

    Args:
        maps: At least one.
        unit: What the numbers are.
        limit: Size of the strongest colour; None scales each map to its own largest.
        columns: Maps beside each other on a wide screen.
        signed: Whether to use the diverging colours, centred on zero.

    Raises:
        ValueError: If there are no maps, or a value is not finite, or negative and not signed.
    """
    if not maps:
        raise ValueError("a gallery needs maps")
    if not all(np.isfinite(one.values).all() for one in maps):
        raise ValueError("maps must be finite")
    if not signed and any((one.values < 0).any() for one in maps):
        raise ValueError("maps that are not signed must be not negative")
    listed = [
        {
            "label": one.label,
            "note": one.note,
            "grid": one.values.shape[:2],
            "colour": one.values.ndim == 3,
        }
        for one in maps
    ]
    body = [one.values.astype("u1" if one.values.ndim == 3 else "<f4").tobytes() for one in maps]
    scale = {"unit": unit, "limit": limit, "signed": signed}
    return _assembled({"kind": "maps", **scale, "columns": columns, "maps": listed}, body)


def with_view(frame: bytes, view: Mapping[str, Any]) -> bytes:
    """The same frame with the view to open with in its header."""
    header, start = unpack(frame)
    return _raw({**header, "view": dict(view)}, frame[start:])


def unpack(frame: bytes) -> tuple[dict[str, Any], int]:
    """Header of a frame and where its parts start.

    Raises:
        ValueError: If it is cut short.
    """
    length = struct.unpack_from("<I", frame)[0] if len(frame) >= 4 else len(frame)
    if 4 + length > len(frame):
        raise ValueError("the tiles' frame is cut short")
    return json.loads(frame[4 : 4 + length]), 4 + length


def _assembled(header: dict[str, Any], body: list[bytes]) -> bytes:
    padded = b"".join(part + bytes(-len(part) % 4) for part in body)
    digest = hashlib.blake2b(json.dumps(header).encode() + padded, digest_size=8)
    return _raw({"id": digest.hexdigest(), **header}, padded)


def _raw(header: dict[str, Any], body: bytes) -> bytes:
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + body
