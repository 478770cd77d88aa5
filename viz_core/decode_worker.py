"""Turns the bytes of one unknown file into plain pixels, in a process of its own.

The file comes in on stdin. Two little-endian 32-bit numbers, width and height, and the RGB
rows go out on stdout. The exit status is the verdict, so nothing else that this process says
has to be believed. It imports Pillow alone (numpy would triple the start) and takes its own
limits before it reads the first byte. `viz_core.images.decode` starts it.
"""

import io
import math
import os
import signal
import struct
import sys
import warnings
from contextlib import suppress
from enum import IntEnum
from typing import NoReturn, cast

from PIL import ExifTags, Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
PIXEL_LIMIT = 40_000_000
WEBP_PIXEL_LIMIT = 14_000_000  # its decoder holds four copies: 18 bytes per pixel, measured
SHORTEST_SIDE = 16
LARGEST_ASPECT = 20
LONG_SIDE = 1536  # of the result
MEMORY_BYTES = 258 * 2**20  # on top of the interpreter and Pillow, which take 20 MiB
CPU_SECONDS = 1.6
BAND_PIXELS = 2**20
BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"II*\0", b"MM\0*")

TURNS = {  # EXIF 2.32, table "Orientation": what turns the stored rows upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Verdict(IntEnum):
    """Exit statuses; clear of 1 and 2, which Python itself uses, and of signals."""

    FINE = 0
    UNKNOWN_FORMAT = 64
    TOO_MANY_PIXELS = 65
    TOO_SMALL = 66
    TOO_NARROW = 67
    TOO_HEAVY = 68
    DAMAGED = 69


class RefusedError(Exception):
    """The picture is well formed as far as we looked, but outside the limits."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.name)
        self.verdict = verdict


def upright_rgb(raw: bytes) -> Image.Image:
    """First frame of the file: RGB, upright, on white, long side <= `LONG_SIDE`.

    Raises:
        RefusedError: If the header promises more, or less, than the limits allow.
        Exception: Whatever a decoder raises on bytes that it cannot read.
    """
    webp = raw[8:12] == b"WEBP"
    # Pillow raises above twice this number, and for WebP before it allocates.
    Image.MAX_IMAGE_PIXELS = (WEBP_PIXEL_LIMIT if webp else PIXEL_LIMIT) // 2
    try:
        image: Image.Image = Image.open(io.BytesIO(raw), formats=FORMATS)
    except Image.UnidentifiedImageError as error:
        broken = webp or raw.startswith(BEGINNINGS)
        raise RefusedError(Verdict.DAMAGED if broken else Verdict.UNKNOWN_FORMAT) from error
    except Image.DecompressionBombError as error:
        raise RefusedError(Verdict.TOO_HEAVY if webp else Verdict.TOO_MANY_PIXELS) from error
    check_header(image)
    share = min(1, LONG_SIDE / max(image.size))
    # JPEG alone listens: it can leave out the fine detail while it decodes.
    image.draft(None, (math.ceil(image.width * share), math.ceil(image.height * share)))
    image.load()
    return turned(shrunk(image), orientation(image))


def check_header(image: Image.Image) -> None:
    """Refuse by what the header says, before anything is decoded."""
    short, long = sorted(image.size)
    if short * long > PIXEL_LIMIT:
        raise RefusedError(Verdict.TOO_MANY_PIXELS)
    if short < SHORTEST_SIDE:
        raise RefusedError(Verdict.TOO_SMALL)
    if long > LARGEST_ASPECT * short:
        raise RefusedError(Verdict.TOO_NARROW)
    # A progressive JPEG is held as 16-bit coefficients until its last scan is in.
    held_bytes = 2 * short * long * len(image.getbands())
    if "progressive" in image.info and held_bytes > MEMORY_BYTES:
        raise RefusedError(Verdict.TOO_HEAVY)


def shrunk(image: Image.Image) -> Image.Image:
    """RGB on white, long side <= `LONG_SIDE`.

    Band by band, because a converted copy of 40 million pixels is another 160 MB. Whole
    blocks of pixels are averaged first; the last step is Lanczos from at most 2.5 times the size.
    """
    width, height = image.size
    scale = max(width, height) / LONG_SIDE
    factor = max(1, int(scale / 1.25))
    black, white = grey_ends(image)
    out = Image.new("RGB", (math.ceil(width / factor), math.ceil(height / factor)))
    rows = max(1, BAND_PIXELS // (width * factor)) * factor
    for top in range(0, height, rows):
        band = image.crop((0, top, width, min(height, top + rows)))
        rgb = on_white(eight_bits(band, black, white))
        out.paste(rgb.reduce(factor), (0, top // factor))
    if scale <= 1:
        return out
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    box = (0, 0, width / factor, height / factor)  # the last block may be a part of one
    return out.resize(size, Image.Resampling.LANCZOS, box)


def grey_ends(image: Image.Image) -> tuple[float, float]:
    """The numbers that mean black and white in a grey picture of more than 8 bits.

    65535 is white for integers. For floats 1 is, or 255 if any exceeds 1. Where the numbers fit
    no such convention, the darkest is black and the brightest white. (0, 255) in other modes.
    """
    if not deep_grey(image):
        return 0, 255
    if image.mode.startswith("I;16"):
        return 0, 65535
    low, high = cast("tuple[float, float]", image.getextrema())
    if not math.isfinite(low + high):
        raise RefusedError(Verdict.DAMAGED)
    for white in (1, 255) if image.mode == "F" else (65535,):
        if low >= 0 and high <= white:
            return 0, white
    return low, high


def deep_grey(image: Image.Image) -> bool:
    """Whether one number of more than 8 bits stands for a pixel."""
    return image.mode == "F" or image.mode.startswith("I")


def eight_bits(band: Image.Image, black: float, white: float) -> Image.Image:
    """Deep grey becomes L; every other mode passes unchanged."""
    if not deep_grey(band):
        return band
    if band.mode.startswith("I;"):
        band = band.convert("I")  # Pillow rescales only one of its four 16-bit modes
    scale = 255 / (white - black) if white > black else 0
    # Converting to L cuts the fraction off, so half a level is added.
    return band.point(lambda level: level * scale + (0.5 - black * scale)).convert("L")


def on_white(band: Image.Image) -> Image.Image:
    """RGB, with whatever is transparent showing white."""
    if not band.has_transparency_data:
        return band.convert("RGB")
    clear = band.convert("RGBA")
    white = Image.new("RGB", band.size, "white")
    white.paste(clear, mask=clear.getchannel("A"))
    return white


def orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8. Damaged EXIF is no reason to refuse a sound picture."""
    with suppress(Exception):
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Upright."""
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def limit_this_process() -> None:
    """Bound processor time and memory where the system can; the caller's clock always runs."""
    try:
        import resource
    except ImportError:  # Windows
        return
    # Its signal ends the process even inside a decoder. Unlike a clock, it is fair to an
    # ordinary picture on a busy machine.
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    limits = {resource.RLIMIT_CORE: 0}
    with suppress(OSError):  # macOS has no /proc, and does not honour RLIMIT_AS
        with open("/proc/self/statm", encoding="ascii") as statm:
            mapped_bytes = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        limits[resource.RLIMIT_AS] = mapped_bytes + MEMORY_BYTES
    for name, soft in limits.items():
        with suppress(ValueError, OSError):  # a tighter limit already holds
            resource.setrlimit(name, (soft, resource.getrlimit(name)[1]))


def main() -> NoReturn:
    """One picture, then the end of the process."""
    limit_this_process()
    warnings.simplefilter("ignore")
    try:
        image = upright_rgb(sys.stdin.buffer.read())
        pixels = image.tobytes()
    except RefusedError as refused:
        sys.exit(refused.verdict)
    except MemoryError:
        sys.exit(Verdict.TOO_HEAVY)
    except Exception:
        sys.exit(Verdict.DAMAGED)
    sys.stdout.buffer.write(struct.pack("<II", *image.size))
    sys.stdout.buffer.write(pixels)
    sys.stdout.buffer.flush()
    sys.exit(Verdict.FINE)
