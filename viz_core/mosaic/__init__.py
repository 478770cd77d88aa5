"""The board on which one breaks a picture, and the cards of what the networks say of it."""

import json
import struct
from typing import Any

_LENGTH = struct.Struct("<I")


def pack(header: dict[str, Any], body: bytes = b"") -> bytes:
    """What the component is sent: u32 length (little endian), a JSON header, then the body.

    Raises:
        ValueError: If the header holds a number that is not finite.
    """
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    return _LENGTH.pack(len(text)) + text + body


def unpack(frame: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and body of a frame.

    Raises:
        ValueError: If it is cut short.
    """
    end = _LENGTH.size + (_LENGTH.unpack_from(frame)[0] if len(frame) >= _LENGTH.size else 0)
    if not _LENGTH.size < end <= len(frame):
        raise ValueError("the frame of the mosaic is cut short")
    return json.loads(frame[_LENGTH.size : end]), frame[end:]
