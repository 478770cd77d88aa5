"""Pictures for training: an image folder or a pair of packed `.npz` files, held as uint8.

A pack `NAME_train.npz` + `NAME_val.npz` (or `NAME_test.npz`, which then validates) stores whole
JPEGs back to back with `offsets`, `labels`, `classes` and, where the JPEG headers repeat, `header`
arrays split off. A folder has `train/CLASS/*.jpg` and `val/CLASS/*.jpg`. A `README.md` beside
either says in lines `- Source: ...` and `- Licence: ...` where the pictures come from.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from models.training import pixels

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
PARTS = ("train", "val")
JOINED = " + "  # between the names of folders
Files = Iterator[tuple[io.BytesIO | Path, int]]


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
    """A train and a validation split over the same classes.

    Attributes:
        about: What is known of "Source", "Licence" and "Format" (the first picture's).
        folders: Names of the folders that it was read from.
        exact: Validation pictures whose pixels before the JPEG are known, if there are any.
    """

    name: str
    classes: tuple[str, ...]
    train: Split
    val: Split
    about: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    exact: pixels.Exact | None = None


def load(path: Path, size: int, limit: int | None = None) -> Dataset:
    """Read a pack or an image folder, squashed to `size` x `size` pixels.

    Args:
        path: Folder that holds either one `*_train.npz` and its `*_val.npz` or `*_test.npz`, or
            `train/` and `val/`.
        size: Side in pixels of the stored pictures.
        limit: At most this many pictures a split, spread over the classes; None for all.

    Raises:
        ValueError: If the folder holds neither form, a split holds no pictures, or the
            splits' classes differ.
    """
    packs, exact = sorted(path.glob("*_train.npz")), None
    if len(packs) > 1:
        raise ValueError(f"{path} holds several packs: {', '.join(p.name for p in packs)}")
    if packs:
        pair = (packs[0], _second(packs[0]))
        tables, files = zip(*[_pack(file, limit) for file in pair], strict=True)
        exact = None if limit else pixels.exact(pair[1], size)
    elif all((path / part).is_dir() for part in PARTS):
        tables, files = zip(*[_folder(path / part, limit) for part in PARTS], strict=True)
    else:
        raise ValueError(f"{path} holds neither *_train.npz and *_val.npz nor train/ and val/")
    if tables[0] != tables[1]:
        differ = sorted(set(tables[0]) ^ set(tables[1])) or "their order"
        raise ValueError(f"the classes of train and val in {path} differ: {differ}")
    (train, kind), (val, _) = (_read(split, size) for split in files)
    name, about = path.resolve().name, _about(path / "README.md") | {"Format": kind}
    return Dataset(name, tables[0], train, val, about, (name,), exact)


def load_all(paths: Sequence[Path], size: int, limit: int | None = None) -> Dataset:
    """`load` the first folder, and `joined` to it the training pictures of the others."""
    first, *others = [load(path, size, limit) for path in paths]
    return joined(first, others) if others else first


def joined(first: Dataset, others: Sequence[Dataset]) -> Dataset:
    """Add the training pictures of other sets, without their labels (-1), to the first one's."""
    images = torch.cat([first.train.images, *[d.train.images for d in others]])
    unknown = [torch.full_like(d.train.labels, -1) for d in others]
    labels = torch.cat([first.train.labels, *unknown])
    about = {
        key: "; ".join(f"{d.name}: {d.about.get(key, 'not stated')}" for d in (first, *others))
        for key in ("Source", "Licence")
    }
    folders = tuple(d.name for d in (first, *others))
    train = Split(images, labels)
    return Dataset(JOINED.join(folders), first.classes, train, first.val, about, folders)


def _about(readme: Path) -> dict[str, str]:
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    found = re.findall(r"^[-*# ]*(Source|Licence):\s*(.+)$", text, re.MULTILINE)
    return {key: value.strip() for key, value in found}


def _spread(count: int, limit: int | None) -> list[int]:
    """Indices of at most `limit` of `count` pictures, evenly spaced (they are sorted by class)."""
    return np.linspace(0, count - 1, min(count, limit or count)).astype(int).tolist()


def _second(first: Path) -> Path:
    """The pack to validate on, beside the one to train on."""
    stem = first.name.removesuffix("train.npz")
    names = [first.with_name(f"{stem}{part}.npz") for part in ("val", "test")]
    return next((name for name in names if name.exists()), names[0])


def _pack(path: Path, limit: int | None) -> tuple[tuple[str, ...], Files]:
    """Class names and pictures of one pack."""
    if not path.exists():
        raise ValueError(f"{path} is missing: a pack is a pair of _train.npz and _val.npz")
    with np.load(path) as pack:
        arrays = dict(pack)
    data, offsets, labels = arrays["data"], arrays["offsets"], arrays["labels"]
    headers = [arrays[k].tobytes() for k in ("header", "header1", "header2") if k in arrays]
    which = arrays.get("header_id", np.zeros(len(labels), int))

    def picture(i: int) -> tuple[io.BytesIO, int]:
        body = data[offsets[i] : offsets[i + 1]].tobytes()
        return io.BytesIO((headers[which[i]] if headers else b"") + body), int(labels[i])

    classes = tuple(str(c) for c in arrays["classes"])
    return classes, (picture(i) for i in _spread(len(labels), limit))


def _folder(path: Path, limit: int | None) -> tuple[tuple[str, ...], Files]:
    """Class names and pictures of `train/` or `val/`."""
    classes = tuple(sorted(p.name for p in path.iterdir() if p.is_dir()))
    files = [
        (file, label)
        for label, name in enumerate(classes)
        for file in sorted((path / name).iterdir())
        if file.suffix.lower() in SUFFIXES
    ]
    return classes, (files[i] for i in _spread(len(files), limit))


def _read(files: Files, size: int) -> tuple[Split, str]:
    """The pictures, and what the first one was stored as."""
    images, labels, kind = [], [], ""
    for source, label in files:
        with Image.open(source) as image:
            kind = kind or pixels.described(image)
            rgb = image.convert("RGB")
        if rgb.size != (size, size):
            rgb = rgb.resize((size, size), Image.Resampling.LANCZOS)
        images.append(torch.from_numpy(np.array(rgb)).permute(2, 0, 1))
        labels.append(label)
    if not labels:
        raise ValueError(f"a split holds no pictures ({', '.join(sorted(SUFFIXES))})")
    return Split(torch.stack(images), torch.tensor(labels)), kind
