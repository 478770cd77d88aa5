"""What every kind of canvas frame shares: its envelope, its picture, its levels.

`viz_core/canvas/wire.py` says byte for byte what stands in a frame.
"""

import hashlib
import json
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

MAGIC = b"SACC"
VERSION = 1
_HEAD = struct.Struct("<4sII")


def unpack_header(frame: bytes) -> tuple[dict[str, Any], int]:
    """Header of a frame and where its body starts.

    Raises:
        ValueError: If this is no frame, is of another version, or is cut short.
    """
    if len(frame) < _HEAD.size or frame[:4] != MAGIC:
        raise ValueError("this is not a canvas frame")
    _, version, length = _HEAD.unpack_from(frame)
    if version != VERSION:
        raise ValueError(f"canvas frame of version {version}, expected {VERSION}")
    if _HEAD.size + length > len(frame):
        raise ValueError("the canvas frame is cut short")
    return json.loads(frame[_HEAD.size : _HEAD.size + length]), _HEAD.size + length


def with_picture(kind: str, body: list[bytes], size: tuple[int, int], **fields: object) -> bytes:
    """A frame whose body starts with the picture, an encoded one of `size` (width, height)."""
    picture = {"bytes": len(body[0]), "width": size[0], "height": size[1]}
    return assemble({"kind": kind, "picture": picture, **fields}, body)


def assemble(header: dict[str, Any], body: Sequence[bytes]) -> bytes:
    """A frame from its header and the parts of its body; a digest of both becomes its id."""
    padded = b"".join(part + bytes(-len(part) % 4) for part in body)
    if "id" not in header and header["kind"] != "mount":
        digest = hashlib.blake2b(json.dumps(header).encode() + padded, digest_size=8)
        header = {"id": digest.hexdigest(), **header}
    return raw(header, padded)


def raw(header: dict[str, Any], body: bytes) -> bytes:
    """A frame from its header and a body that is padded already."""
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return _HEAD.pack(MAGIC, VERSION, len(text)) + text + body


def quantised(
    patterns: Float[np.ndarray, "*shape key"],
) -> tuple[Float[np.ndarray, "*shape"], UInt8[np.ndarray, "*shape key"]]:
    """Scale of every row (its largest value, float32) and the levels of its values.

    Raises:
        ValueError: If a value is negative or not finite.
    """
    if not np.isfinite(patterns).all() or (patterns < 0).any():
        raise ValueError("attention must be finite and not negative")
    scale = patterns.max(axis=-1).astype("<f4")
    shares = patterns / np.where(scale > 0, scale, 1)[..., None]
    return scale, np.floor(np.sqrt(shares) * 255 + 0.5).astype(np.uint8)


def restored(
    scale: Float[np.ndarray, "*shape"], levels: UInt8[np.ndarray, "*shape key"]
) -> Float[np.ndarray, "*shape key"]:
    """What `quantised` keeps of the values, as the browser computes it."""
    return (levels / 255) ** 2 * scale[..., None]
