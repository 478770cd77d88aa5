"""What the pixels of stored pictures went through, and what they were before."""

import io
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from PIL.JpegImagePlugin import get_sampling
from torch import Tensor

SAMPLING = {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}


@dataclass(frozen=True)
class Exact:
    """Validation pictures whose original pixels are known.

    Attributes:
        images: The original pixels (n, 3, S, S), uint8.
        labels: Their classes (n,), int64.
        places: Which pictures of the validation split they are, (n,).
    """

    images: Tensor
    labels: Tensor
    places: Tensor


def exact(pack: Path, size: int) -> Exact | None:
    """Original pixels that lie beside a validation pack, if there are any at `size` pixels.

    A file `*_lossless_*.npz` holds `x_test` (n, S, S, 3), `y_test`, and in `jpeg_name_test` the
    path that the pack's `names_z` has for the same picture.
    """
    found = sorted(pack.parent.glob("*_lossless_*.npz"))
    if not found:
        return None
    with np.load(found[0]) as file, np.load(pack) as packed:
        images, labels = file["x_test"], file["y_test"]
        wanted = file["jpeg_name_test"].tolist()
        names = zlib.decompress(packed["names_z"].tobytes()).decode().split("\n")
    if images.shape[1:] != (size, size, 3):
        return None
    at = {name: i for i, name in enumerate(names)}
    places = torch.tensor([at[name] for name in wanted])
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    return Exact(pixels, torch.from_numpy(labels.astype(np.int64)), places)


def described(image: Image.Image) -> str:
    """A picture's format; of a JPEG, the quality on Pillow's scale and the colours' grid."""
    if image.format != "JPEG":
        return str(image.format)
    tables = _as_tuples(image)
    quality = next((q for q in range(100, 0, -1) if _tables(q) == tables), None)
    how = f"quality {quality}" if quality else "quantised in a way of its own"
    return f"JPEG, {how}, {SAMPLING.get(get_sampling(image), 'other colour grid')}"


@cache
def _tables(quality: int) -> tuple[tuple[int, ...], ...]:
    """The quantisation that Pillow writes."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", quality=quality)
    with Image.open(buffer) as image:
        return _as_tuples(image)


def _as_tuples(image: Image.Image) -> tuple[tuple[int, ...], ...]:
    tables: dict[int, list[int]] = getattr(image, "quantization", {})
    return tuple(tuple(tables[key]) for key in sorted(tables))
