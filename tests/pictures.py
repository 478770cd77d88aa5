"""Small pictures with known pixels, and files made by hand that no encoder would write."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (100, 100, 100)


def file_of(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def quarters(height=48, width=64):
    """Red, green over blue, grey: no turn or flip maps it onto itself."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = RED
    picture[: height // 2, width // 2 :] = GREEN
    picture[height // 2 :, : width // 2] = BLUE
    picture[height // 2 :, width // 2 :] = GREY
    return picture


def noise(seed, height, width):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def tiff(values, endian, sample_format):
    """A grey TIFF of one strip; Pillow writes neither big-endian 16 bits nor 32-bit integers."""
    height, width = values.shape
    bits, data = values.itemsize * 8, values.astype(values.dtype.newbyteorder(endian)).tobytes()
    tags = {256: width, 257: height, 258: bits, 259: 1, 262: 1, 273: 8 + 2 + 120 + 4}
    tags |= {277: 1, 278: height, 279: len(data), 339: sample_format}
    out = {"<": b"II*\0", ">": b"MM\0*"}[endian] + struct.pack(endian + "IH", 8, len(tags))
    out += b"".join(struct.pack(endian + "HHII", t, 4, 1, v) for t, v in tags.items())
    return out + b"\0\0\0\0" + data


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, channels, rows=None):
    """A zero-filled 8-bit PNG that says `height` and holds `rows`, built without its pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2, 4: 6}[channels], 0, 0, 0)
    packer = zlib.compressobj(1)
    row = bytes(1 + width * channels)
    data = b"".join(packer.compress(row) for _ in range(height if rows is None else rows))
    parts = (b"IHDR", header), (b"IDAT", data + packer.flush()), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def many_scans(side, scans):
    """A progressive JPEG whose last small scan is repeated: each one costs a whole pass."""
    whole = file_of(Image.new("L", (side, side), 120), "JPEG", progressive=True)
    *_, scan, last = whole.removesuffix(b"\xff\xd9").split(b"\xff\xda")
    scan = b"\xff\xda" + min(scan, last, key=len)
    return whole[:-2] + scan * scans + whole[-2:]
