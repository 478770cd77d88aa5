"""A person's own pictures in one folder a class: what of the uploaded files is to be learned.

Nothing is written anywhere, so names are labels and no paths. Archives are read a file at a
time, each no further than a picture may be long, whatever the archive says of its size.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from viz_core.images import UPLOAD_BYTES

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
FEWEST_CLASSES, MOST_CLASSES = 2, 20
FEWEST_PICTURES, MOST_PICTURES = 10, 200  # of a class
MOST_ENTRIES = 20_000
MOST_BYTES = 256 * 2**20  # unpacked, all together
NAME_LETTERS = 32
PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class FoldersError(ValueError):
    """Why files cannot be learned from and what to do: one sentence for who chose them."""


@dataclass(frozen=True)
class Member:
    """One picture file that was found.

    Attributes:
        label: Name of its class, the folder that it lies in.
        source: Index of the uploaded file.
        entry: Its name within that archive; empty if it was uploaded by itself.
    """

    label: str
    source: int
    entry: str


@dataclass(frozen=True)
class Found:
    """Picture files by class.

    Attributes:
        classes: Names in alphabetical order.
        members: All files to be read, class by class.
        left_out: Pictures above the limit for a class.
        ignored: Files that are no pictures by their names.
    """

    classes: tuple[str, ...]
    members: tuple[Member, ...]
    left_out: int
    ignored: int


def find(files: Sequence[tuple[str, bytes]]) -> Found:
    """List the picture files of archives and folders.

    A picture's class is the folder that it lies in, or the archive's name without one.

    Args:
        files: Names, with folders where a folder was uploaded, and contents.

    Raises:
        FoldersError: If an archive cannot be read, is encrypted or names files outside itself,
            or there are too few or too many classes, or too few pictures of one.
    """
    by_label: dict[str, list[Member]] = {}
    ignored = 0
    for source, (name, raw) in enumerate(files):
        archive = name.lower().endswith(".zip")
        for entry in _entries(name, raw) if archive else [name]:
            label = _label(entry, name if archive else "")
            if not label:
                ignored += 1
                continue
            member = Member(label, source, entry if archive else "")
            by_label.setdefault(label, []).append(member)
    _check({label: len(members) for label, members in by_label.items()})
    classes = tuple(sorted(by_label))
    kept = {label: _spread(by_label[label]) for label in classes}
    total = sum(map(len, by_label.values()))
    members = tuple(member for label in classes for member in kept[label])
    return Found(classes, members, total - len(members), ignored)


def read(files: Sequence[tuple[str, bytes]], members: Sequence[Member]) -> Iterator[bytes]:
    """Contents of the found files in order; empty where a file is damaged or too large.

    Raises:
        FoldersError: If all of them together are larger than is taken.
    """
    archives: dict[int, zipfile.ZipFile] = {}
    total = 0
    for member in members:
        raw = files[member.source][1]
        if member.entry:
            if member.source not in archives:
                archives[member.source] = zipfile.ZipFile(io.BytesIO(raw))
            raw = _content(archives[member.source], member.entry)
        total += len(raw)
        if total > MOST_BYTES:
            raise FoldersError(
                f"These pictures take more than {MOST_BYTES // 2**20} MB; save them smaller: "
                "the network sees 32 × 32 pixels of each."
            )
        yield raw if len(raw) <= UPLOAD_BYTES else b""


def _entries(name: str, raw: bytes) -> list[str]:
    """Names of an archive's files, checked before anything is unpacked."""
    title = plain(PurePosixPath(name).name)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
    except Exception as error:  # a damaged directory raises far more than BadZipFile
        raise FoldersError(
            f"“{title}” is no zip file or is damaged; pack the class folders again."
        ) from error
    if len(entries) > MOST_ENTRIES:
        raise FoldersError(f"“{title}” holds more than {MOST_ENTRIES:,} files; pack fewer.")
    if any(one.flag_bits & 1 for one in entries):
        raise FoldersError(f"“{title}” is encrypted; pack the class folders without a password.")
    names = [one.filename.replace("\\", "/") for one in entries]
    if any(one.startswith("/") or ".." in one.split("/") or one[1:2] == ":" for one in names):
        raise FoldersError(
            f"“{title}” names files outside of itself; pack the class folders again."
        )
    return [one.filename for one in entries if one.compress_type in PLAIN_METHODS]


def plain(name: str) -> str:
    """A name that is only a name wherever it is shown: no marks that Markdown would read."""
    letters = re.sub(r"[^\w.,'&+-]+", " ", name.replace("_", " "))
    return letters.strip()[:NAME_LETTERS].strip()


def _label(entry: str, archive: str) -> str:
    """Class of a file by its name; empty if it is no picture or belongs to no class."""
    path = PurePosixPath(entry.replace("\\", "/"))
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    if hidden or path.suffix.lower() not in SUFFIXES:
        return ""
    folder = path.parent.name or PurePosixPath(archive).stem
    return plain(folder)


def _check(counts: dict[str, int]) -> None:
    if not counts:
        raise FoldersError(
            "No pictures in class folders were found; put them into one folder for each class, "
            "pack the folders into a zip file and choose that."
        )
    if not FEWEST_CLASSES <= len(counts) <= MOST_CLASSES:
        raise FoldersError(
            f"{len(counts)} class folders were found; "
            f"choose {FEWEST_CLASSES} to {MOST_CLASSES} of them."
        )
    label, fewest = min(counts.items(), key=lambda item: item[1])
    if fewest < FEWEST_PICTURES:
        raise FoldersError(
            f"The class “{label}” has {fewest} pictures; "
            f"give each class at least {FEWEST_PICTURES}."
        )


def _spread(members: list[Member]) -> list[Member]:
    """At most as many as a class may have, evenly spread."""
    count = min(len(members), MOST_PICTURES)
    return [members[i * len(members) // count] for i in range(count)]


def _content(archive: zipfile.ZipFile, entry: str) -> bytes:
    """At most one byte more than a picture may have, whatever the archive promises."""
    try:
        with archive.open(entry) as file:
            return file.read(UPLOAD_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, KeyError):
        return b""
    except (NotImplementedError, MemoryError):
        return b""
