"""A person's own pictures: chosen as a zip or a folder, checked, counted and shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages._ui.cached import train as cached
from viz_core import class_folders, class_pictures, images, squeeze
from viz_core.class_pictures import ClassPictures, Part

if TYPE_CHECKING:
    from models.training.data import Dataset, Split

KEY = "train-own"
SHOWN = 12  # of each class
ASK = (
    "One folder for each class, {fewest} to {most} classes, at least {pictures} pictures of each. "
    "They stay in this server's memory and are forgotten with your visit."
)


@dataclass(frozen=True)
class Known:
    """Files that were read before.

    Attributes:
        key: Streamlit's names of them, one an upload.
        pictures: What is in them, at most 12 MB; None if they were refused.
        said: Why they were refused, or what was left out.
    """

    key: tuple[str, ...]
    pictures: ClassPictures | None
    said: str


def show() -> ClassPictures | None:
    """Two ways to choose them, and what was found; None as long as there is nothing to learn."""
    st.caption(
        ASK.format(
            fewest=class_folders.FEWEST_CLASSES,
            most=class_folders.MOST_CLASSES,
            pictures=class_folders.FEWEST_PICTURES,
        )
    )
    left, right = st.columns(2, gap="medium")
    with left:
        packed = st.file_uploader(
            "Zip files of class folders", type=["zip"], accept_multiple_files=True,
            key=f"{KEY}-zip", help="Several are read as one; without folders each is a class.",
        )  # fmt: skip
    with right:
        loose = st.file_uploader(
            "Or a folder with class folders", type=list(class_folders.SUFFIXES),
            accept_multiple_files="directory", key=f"{KEY}-folder",
            help="Choose the folder that holds the class folders.",
        )  # fmt: skip
    uploads = [*packed, *loose]
    key = tuple(one.file_id for one in uploads)
    known: Known | None = st.session_state.get(KEY)
    if uploads and (known is None or known.key != key):
        files = [(one.name, one.getvalue()) for one in uploads]
        known = st.session_state[KEY] = _read(key, files)
    if known is None:
        return None
    if known.pictures is None:
        st.error(known.said)
        return None
    _tell(known.pictures, known.said)
    return known.pictures


def _read(key: tuple[str, ...], files: Sequence[tuple[str, bytes]]) -> Known:
    """What is in the files, or why they are refused; both are remembered."""
    place = st.empty()
    bar = place.progress(0.0, "Reading your pictures")
    try:
        found = class_folders.find(files)
        total = max(1, len(found.members))

        def report(done: int) -> None:
            bar.progress(min(1.0, done / total), f"Reading picture {done:,} of {total:,}")

        squares = squeeze.squares(
            class_folders.read(files, found.members), cached.NETWORK_PIXELS, report
        )
        pictures = class_pictures.sort(found, squares)
    except class_folders.FoldersError as problem:
        return Known(key, None, str(problem))
    finally:
        place.empty()
    left_out = {
        "unreadable": pictures.unreadable,
        "there twice": pictures.twice,
        f"above {class_folders.MOST_PICTURES} a class": found.left_out,
        "not pictures": found.ignored,
    }
    skipped = ", ".join(f"{count:,} {why}" for why, count in left_out.items() if count)
    return Known(key, pictures, skipped)


def _tell(pictures: ClassPictures, skipped: str) -> None:
    learned, held = (len(part.labels) for part in (pictures.train, pictures.held_out))
    names = ", ".join(pictures.classes)
    st.markdown(
        f"**{len(pictures.classes)} classes** ({names}): {learned:,} pictures to learn from, "
        f"{held:,} held out.{f' Left out: {skipped}.' if skipped else ''}"
    )
    strip = _strip(pictures.train)
    st.image(
        images.encode_png(strip), output_format="PNG", width=min(strip.shape[1] * 5 // 4, 480),
        alt="Some of your pictures as the network gets them",
    )  # fmt: skip
    st.caption("Some of them, as the network gets them: the middle, 32 × 32 pixels.")


def _strip(part: Part) -> np.ndarray:
    """The first pictures of the first classes side by side."""
    rows = [part.pictures[part.labels == label][:SHOWN] for label in np.unique(part.labels)[:4]]
    columns = min(len(row) for row in rows)
    return np.concatenate([np.concatenate(list(row[:columns]), axis=1) for row in rows])


def dataset(pictures: ClassPictures) -> Dataset:
    """The same for the training."""
    import torch

    from models.training.data import Dataset, Split

    def split(part: Part) -> Split:
        planes = torch.from_numpy(part.pictures).permute(0, 3, 1, 2).contiguous()
        return Split(planes, torch.from_numpy(part.labels))

    return Dataset(
        "your pictures", pictures.classes, split(pictures.train), split(pictures.held_out)
    )
