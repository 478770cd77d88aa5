"""What the components `shift` and `seam` are sent; `js/wire.js` reads it. Little endian.

    offset  bytes  content
    0       4      u32 length h of the header
    4       h      header: JSON in UTF-8, padded with spaces to a multiple of 4
    4 + h   ...    parts, each padded with zeros to a multiple of 4

The header's `parts` says of each part, by name, where it starts after the header, its length
in bytes and the shape of its numbers; a picture has the shape [].
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np


def pack(header: Mapping[str, Any], parts: Mapping[str, bytes | np.ndarray]) -> bytes:
    """One frame: what is said about the view, and its pictures and numbers.

    Args:
        header: Anything that JSON can hold, except a field `parts`.
        parts: Encoded pictures, or arrays, which are sent as float32.

    Raises:
        ValueError: If the header has a field `parts`, or a number is not finite.
    """
    if "parts" in header:
        raise ValueError("`parts` is what the frame itself says")
    table, body, at = {}, [], 0
    for name, part in parts.items():
        if isinstance(part, np.ndarray) and not np.isfinite(part).all():
            raise ValueError(f"{name} holds numbers that are not finite")
        raw = part if isinstance(part, bytes) else part.astype("<f4").tobytes()
        shape = [] if isinstance(part, bytes) else list(part.shape)
        table[name] = {"at": at, "bytes": len(raw), "shape": shape}
        body.append(raw + bytes(-len(raw) % 4))
        at += len(body[-1])
    text = json.dumps({**header, "parts": table}, allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<I", len(text)) + text + b"".join(body)
