"""A person's own pictures as arrays: what is learned from, and what is kept for the exam."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, UInt8

from viz_core import images
from viz_core.class_folders import FEWEST_PICTURES, FoldersError, Found

EXAM = 5  # one of so many pictures of a class is held out


@dataclass(frozen=True)
class Part:
    """Pictures and the index of each one's class."""

    pictures: UInt8[np.ndarray, "picture side side 3"]
    labels: Int64[np.ndarray, " picture"]


@dataclass(frozen=True)
class ClassPictures:
    """Pictures to learn from and pictures for the exam.

    Attributes:
        classes: Names, which the labels count.
        unreadable: Files that gave no picture.
        twice: Pictures that were there before, pixel by pixel.
    """

    classes: tuple[str, ...]
    train: Part
    held_out: Part
    unreadable: int
    twice: int


def sort(found: Found, squares: Sequence[UInt8[np.ndarray, "side side 3"] | None]) -> ClassPictures:
    """Split the pictures of each class: a fifth is held out.

    The choice depends on the pixels alone, so the same pictures always give the same exam. What
    occurs twice is used once: no picture of the exam was learned from.

    Args:
        found: The files.
        squares: One for each of its members; None where it could not be read.

    Raises:
        FoldersError: If too few pictures of a class are left.
        ValueError: If there is not one square for each member.
    """
    if len(squares) != len(found.members):
        raise ValueError(f"{len(found.members)} files, but {len(squares)} squares")
    by_class: list[list[tuple[str, np.ndarray]]] = [[] for _ in found.classes]
    seen: set[str] = set()
    twice = 0
    for member, square in zip(found.members, squares, strict=True):
        if square is None:
            continue
        digest = images.digest(square.tobytes())
        twice += digest in seen
        if digest not in seen:
            seen.add(digest)
            by_class[found.classes.index(member.label)].append((digest, square))
    for name, group in zip(found.classes, by_class, strict=True):
        if len(group) < FEWEST_PICTURES:
            raise FoldersError(
                f"Only {len(group)} different pictures of the class “{name}” could be read; "
                f"give each class at least {FEWEST_PICTURES}."
            )
        group.sort(key=lambda one: one[0])
    return ClassPictures(
        found.classes,
        _part(by_class, lambda place: place % EXAM != 0),
        _part(by_class, lambda place: place % EXAM == 0),
        sum(square is None for square in squares),
        twice,
    )


def _part(
    groups: Sequence[Sequence[tuple[str, np.ndarray]]], wanted: Callable[[int], bool]
) -> Part:
    chosen = [
        (square, label)
        for label, group in enumerate(groups)
        for place, (_, square) in enumerate(group)
        if wanted(place)
    ]
    return Part(
        np.stack([square for square, _ in chosen]),
        np.array([label for _, label in chosen], np.int64),
    )
