"""Pictures: from the bytes that a person chose to pixels, to a model's input, to the browser."""

import hashlib
import math
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import PIL
from jaxtyping import Float32, UInt8
from PIL import Image

from viz_core.decode_worker import LARGEST_ASPECT, LONG_SIDE, PIXEL_LIMIT, SHORTEST_SIDE, Verdict

UPLOAD_BYTES = 12 * 2**20
# By the clock, and only for what the worker's own limit of 1.6 s of processor time misses: a
# picture that waits for a busy machine is not a slow picture.
WORKER_SECONDS = 2.5
HEADER = struct.Struct("<II")

# No environment variable, site hook or file beside ours reaches the worker, and it starts in
# 60 ms: -I and -S, then the two folders that it needs, behind the standard library.
START = "import sys; sys.path += sys.argv[1:]; from decode_worker import main; main()"
FOLDERS = (str(Path(PIL.__file__).parents[1]), str(Path(__file__).parent))
# Two at a time, so that many uploads at once stay below 600 MB and do not slow each other
# beyond the time limit.
_free_workers = threading.BoundedSemaphore(2)

SENTENCES: dict[int, str] = {
    Verdict.UNKNOWN_FORMAT: "This file is not a JPEG, PNG, WebP, GIF, BMP or TIFF picture; "
    "choose another file.",
    Verdict.TOO_MANY_PIXELS: f"This picture has more than {PIXEL_LIMIT // 10**6} megapixels; "
    "save it smaller and choose it again.",
    Verdict.TOO_SMALL: f"This picture has a side of fewer than {SHORTEST_SIDE} pixels; "
    "choose a larger one.",
    Verdict.TOO_NARROW: f"This picture is more than {LARGEST_ASPECT} times as long as it is wide; "
    "crop it and choose it again.",
    Verdict.TOO_HEAVY: "This picture takes too much memory to open; "
    "save it smaller, or as an ordinary JPEG, and choose it again.",
    Verdict.DAMAGED: "This file is damaged or cut short; "
    "export it again or choose another picture.",
    -getattr(signal, "SIGPROF", 27): "This picture takes too long to open; "
    "save it again as an ordinary JPEG or PNG.",
}
EMPTY = "This file is empty; choose another picture."
TOO_LONG = f"This file is larger than {UPLOAD_BYTES // 2**20} MB; save the picture smaller."
STALLED = (
    "This picture could not be opened in time; "
    "try again in a moment, or save it as an ordinary JPEG."
)


class ImageError(ValueError):
    """Why a picture was refused and what to do: one sentence for the person who chose it."""


@dataclass(frozen=True)
class Prepared:
    """What a model is given, and the part of the picture that this is."""

    pixels: Float32[np.ndarray, "1 3 size size"]
    crop: UInt8[np.ndarray, "side side 3"]


def decode(raw: bytes) -> UInt8[np.ndarray, "height width 3"]:
    """The picture in a file that nobody vouches for; read-only, since sessions may share it.

    Every file goes through a process of its own, ours too: starting it costs less than decoding
    a photograph, a decoder that hangs or crashes takes nothing with it, and one path is tested.

    Args:
        raw: A JPEG, PNG, WebP, GIF, BMP or TIFF file, whatever its name says.

    Returns:
        The first frame, upright, on white; its long side has at most 1536 pixels.

    Raises:
        ImageError: If the file is no such picture, is damaged, or costs too much to open.
        RuntimeError: If the worker does not start, which is our fault and not the file's.
    """
    if not raw:
        raise ImageError(EMPTY)
    if len(raw) > UPLOAD_BYTES:
        raise ImageError(TOO_LONG)
    status, answer = _ask_worker(raw)
    if status in (1, 2):  # Python's own: an import failed, or the command line is wrong
        raise RuntimeError(f"the picture decoder does not start (status {status})")
    if status != Verdict.FINE:
        # A crash of the decoder itself ends in a signal: damaged, as far as anybody can tell.
        raise ImageError(SENTENCES.get(status, SENTENCES[Verdict.DAMAGED]))
    # A decoder may have been talked into anything: believe the sizes only if they add up.
    width, height = HEADER.unpack(answer[: HEADER.size].ljust(HEADER.size, b"\0"))
    expected_bytes = HEADER.size + 3 * width * height
    if not 0 < max(width, height) <= LONG_SIDE or len(answer) != expected_bytes:
        raise ImageError(SENTENCES[Verdict.DAMAGED])
    return np.frombuffer(answer, np.uint8, offset=HEADER.size).reshape(height, width, 3)


def _ask_worker(raw: bytes) -> tuple[int, bytes]:
    """Exit status and output of one worker, which is dead when this returns."""
    # The server may be told to keep freed memory (see the Makefile); the worker must not.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")}
    with _free_workers:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-c", START, *FOLDERS],
                input=raw,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                timeout=WORKER_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise ImageError(STALLED) from None
    return done.returncode, done.stdout


def prepare(
    picture: UInt8[np.ndarray, "height width 3"],
    *,
    size: int,
    crop_share: float,
    mean: Sequence[float],
    std: Sequence[float],
) -> Prepared:
    """The central square of a picture as a network was evaluated on it.

    Args:
        picture: RGB.
        size: Side of the network's input in pixels.
        crop_share: Side of the crop as a share of the picture's shorter side, in (0, 1].
        mean: Subtracted from each channel, on the scale where white is 1.
        std: What each channel is then divided by.

    Returns:
        The input, and the same square of `picture` at its own resolution, to half a pixel.

    Raises:
        ValueError: If `size` is below 1, `crop_share` outside (0, 1], or a `std` is not positive.

    Source:
        timm 1.0.31, `transforms_imagenet_eval` with crop_mode "center": resize the shorter side
        to floor(size / crop_share), bicubic with antialiasing, then torchvision's CenterCrop.
    """
    if size < 1 or not 0 < crop_share <= 1:
        raise ValueError(f"size must be >= 1, crop_share in (0, 1]; got {size}, {crop_share}")
    if len(mean) != 3 or len(std) != 3 or min(std) <= 0:
        raise ValueError(f"mean and std need three numbers each, std > 0; got {mean}, {std}")
    height, width = picture.shape[:2]
    short, resized_short = min(height, width), math.floor(size / crop_share)
    resized = [int(resized_short * side / short) for side in (height, width)]
    top, left = (round((side - size) / 2) for side in resized)
    small = Image.fromarray(picture).resize((resized[1], resized[0]), Image.Resampling.BICUBIC)
    window = np.asarray(small, np.float32)[top : top + size, left : left + size] / np.float32(255)
    pixels = (window - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)

    side = max(1, round(size * short / resized_short))
    y = min(round(top * height / resized[0]), height - side)
    x = min(round(left * width / resized[1]), width - side)
    return Prepared(
        pixels=np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]),
        crop=picture[y : y + side, x : x + side].copy(),
    )


def encode_jpeg(
    picture: UInt8[np.ndarray, "height width 3"], *, side: int, quality: int = 90
) -> bytes:
    """A JPEG file for the browser.

    Args:
        picture: RGB.
        side: The longest side of the file's picture in pixels; a smaller one is not enlarged.
        quality: libjpeg's scale, 1 to 100.

    Raises:
        ValueError: If `side` is below 1 or `quality` outside 1 to 100.
    """
    if side < 1 or not 1 <= quality <= 100:
        raise ValueError(f"side must be >= 1, quality 1 to 100; got {side}, {quality}")
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return _encoded(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])


def encode_png(picture: UInt8[np.ndarray, "height width 3"]) -> bytes:
    """A PNG file for the browser: every pixel exact, packed lightly because it is sent once.

    Raises:
        ValueError: If the picture has no pixels.
    """
    return _encoded(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])


def _encoded(suffix: str, picture: UInt8[np.ndarray, "height width 3"], flags: list[int]) -> bytes:
    if not picture.size:
        raise ValueError(f"a picture needs pixels, got the shape {picture.shape}")
    return cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), flags)[1].tobytes()


def digest(raw: bytes) -> str:
    """SHA-256 of a file's bytes, 64 hexadecimal digits: the key of everything made from it.

    Raises:
        TypeError: If `raw` is no bytes.
    """
    return hashlib.sha256(raw).hexdigest()
