"""Turns unknown picture files into small squares, one after the other, in a process of its own.

A batch for `decode_worker`, whose limits and checks hold here for every single file. On stdin:
the side in pixels, then for each file its length, both as little-endian 32-bit numbers, and its
bytes. On stdout: for each file one byte, the verdict, and after a fine one the square's RGB rows.
`viz_core.squeeze.squares` starts it.
"""

import signal
import struct
import sys
import warnings
from typing import BinaryIO, NoReturn

from PIL import Image

from viz_core.decode_worker import (
    CPU_SECONDS,
    RefusedError,
    Verdict,
    limit_this_process,
    upright_rgb,
)

NUMBER = struct.Struct("<I")


def square(raw: bytes, side: int) -> bytes:
    """RGB rows of the central square of a picture, `side` x `side` pixels."""
    image = upright_rgb(raw)
    short = min(image.size)
    left, top = (image.width - short) / 2, (image.height - short) / 2
    box = (left, top, left + short, top + short)
    return image.resize((side, side), Image.Resampling.BICUBIC, box).tobytes()


def answer(raw: bytes, side: int) -> bytes:
    """What is said of one file."""
    if hasattr(signal, "setitimer"):  # every file has the time of one
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        return bytes([Verdict.FINE]) + square(raw, side)
    except RefusedError as refused:
        return bytes([refused.verdict])
    except MemoryError:
        return bytes([Verdict.TOO_HEAVY])
    except Exception:
        return bytes([Verdict.DAMAGED])


def number(stream: BinaryIO) -> int | None:
    """The next number; None at the end."""
    found = stream.read(NUMBER.size)
    return NUMBER.unpack(found)[0] if len(found) == NUMBER.size else None


def main() -> NoReturn:
    """All files, then the end of the process."""
    limit_this_process()
    warnings.simplefilter("ignore")
    side = number(sys.stdin.buffer) or 1
    while (length := number(sys.stdin.buffer)) is not None:
        sys.stdout.buffer.write(answer(sys.stdin.buffer.read(length), side))
        sys.stdout.buffer.flush()
    sys.exit(0)
