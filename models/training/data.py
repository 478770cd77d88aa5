"""Pictures for training: an image folder or a pair of packed `.npz` files, held as uint8.

A pack `NAME_train.npz` + `NAME_val.npz` stores whole JPEGs back to back with `offsets`,
`labels`, `classes` and, where the JPEG headers repeat, `header` arrays split off. A
folder has `train/CLASS/*.jpg` and `val/CLASS/*.jpg`.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


@dataclass(frozen=True)
class Split:
    """Pictures (n, 3, S, S) uint8 and their labels (n,) int64, on one device."""

    images: Tensor
    labels: Tensor

    def to(self, device: str) -> "Split":
        """The same split on another device."""
        return Split(self.images.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Dataset:
    """A train and a validation split over the same classes."""

    name: str
    classes: tuple[str, ...]
    train: Split
    val: Split


def load(path: Path, size: int, limit: int | None = None) -> Dataset:
    """Read a pack or an image folder, squashed to `size` x `size` pixels.

    Args:
        path: Folder that holds either one `*_train.npz` and `*_val.npz` or `train/` and `val/`.
        size: Side in pixels of the stored pictures.
        limit: At most this many pictures a split, spread over the classes; None for all.

    Raises:
        ValueError: If the folder holds neither form.
    """
    packs = sorted(path.glob("*_train.npz"))
    if packs:
        names = packs[0], packs[0].with_name(packs[0].name.replace("_train", "_val"))
        classes = tuple(str(c) for c in np.load(names[0])["classes"])
        splits = [_read(_packed(name, limit), size) for name in names]
    elif (path / "train").is_dir() and (path / "val").is_dir():
        classes = tuple(sorted(p.name for p in (path / "train").iterdir() if p.is_dir()))
        splits = [_read(_folder(path / part, classes, limit), size) for part in ("train", "val")]
    else:
        raise ValueError(f"{path} holds neither *_train.npz and *_val.npz nor train/ and val/")
    return Dataset(path.resolve().name, classes, *splits)


def _spread(count: int, limit: int | None) -> np.ndarray:
    """Indices of at most `limit` of `count` pictures, evenly spaced (packs are sorted by class)."""
    return np.linspace(0, count - 1, min(count, limit or count)).astype(int)


def _packed(path: Path, limit: int | None) -> Iterator[tuple[io.BytesIO, int]]:
    pack = np.load(path)
    data, offsets, labels = pack["data"], pack["offsets"], pack["labels"]
    headers = [pack[k].tobytes() for k in ("header", "header1", "header2") if k in pack]
    which = pack["header_id"] if "header_id" in pack else np.zeros(len(labels), int)
    for i in _spread(len(labels), limit):
        body = data[offsets[i] : offsets[i + 1]].tobytes()
        yield io.BytesIO((headers[which[i]] if headers else b"") + body), int(labels[i])


def _folder(path: Path, classes: tuple[str, ...], limit: int | None) -> Iterator[tuple[Path, int]]:
    files = [
        (file, label)
        for label, name in enumerate(classes)
        for file in sorted((path / name).glob("*"))
        if file.suffix.lower() in SUFFIXES
    ]
    if not files:
        raise ValueError(f"{path} holds no pictures ({', '.join(sorted(SUFFIXES))})")
    for i in _spread(len(files), limit):
        yield files[i]


def _read(files: Iterator[tuple[io.BytesIO | Path, int]], size: int) -> Split:
    images, labels = [], []
    for source, label in files:
        with Image.open(source) as image:
            rgb = image.convert("RGB")
        if rgb.size != (size, size):
            rgb = rgb.resize((size, size), Image.Resampling.LANCZOS)
        images.append(torch.from_numpy(np.array(rgb)).permute(2, 0, 1))
        labels.append(label)
    return Split(torch.stack(images), torch.tensor(labels))
