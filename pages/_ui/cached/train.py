"""What live training shares between visitors: the line, shipped pictures, first looks."""

from __future__ import annotations

import atexit
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.training.line import Line
from pages._ui import cached, samples
from viz_core import images
from viz_core.training_figures import Curves

if TYPE_CHECKING:
    from models.training.data import Dataset
    from models.training.live_config import Look

ASSETS = samples.GALLERY.parent
PICTURES = ASSETS / "data" / "cifar10"
RECORDS = ASSETS / "data" / "live"
NETWORK_PIXELS, DISPLAY_PIXELS = 32, 480
AWAY_SECONDS = 120.0  # as long as Streamlit itself waits for a lost visitor


def _here(session: str) -> bool:
    """Whether a visitor's browser is connected; a script without a server has one visitor."""
    return not st.runtime.exists() or st.runtime.get_instance().is_active_session(session)


def _prepare() -> None:
    """In the thread that trains; torch is there by then."""
    from models.training.threads import use_one_core

    use_one_core()


@st.cache_resource(max_entries=1, show_spinner=False)
def line() -> Line:
    """The one line of trainings of this server."""
    one = Line(_here, grace=AWAY_SECONDS, prepare=_prepare)
    atexit.register(one.close)
    return one


@st.cache_resource(max_entries=1, show_spinner=False)
def shipped() -> Dataset:
    """The pictures that come with Saccade, at most 160 MB once they are unpacked."""
    from models.training import data

    return replace(data.load(PICTURES, NETWORK_PIXELS), name="CIFAR-10")


@st.cache_resource(max_entries=1, show_spinner=False)
def shipped_facts() -> tuple[int, int, tuple[str, ...]]:
    """How many pictures are learned from and held out, and their classes, without unpacking."""
    counts = []
    classes: tuple[str, ...] = ()
    for part in ("train", "val"):
        with np.load(PICTURES / f"cifar10_{part}.npz") as pack:
            counts.append(len(pack["labels"]))
            classes = tuple(str(name) for name in pack["classes"])
    return counts[0], counts[1], classes


@st.cache_resource(max_entries=16, show_spinner=False)
def square(key: str, _raw: bytes) -> np.ndarray:
    """The middle of a picture as the small networks see it, uint8 (32, 32, 3); read-only."""
    pixels = _prepared(key, _raw).pixels[0].transpose(1, 2, 0)
    small = np.round(255 * pixels).astype(np.uint8)
    small.flags.writeable = False
    return small


@st.cache_resource(max_entries=16, show_spinner=False)
def square_jpeg(key: str, _raw: bytes) -> bytes:
    """The same square for people."""
    return images.encode_jpeg(_prepared(key, _raw).crop, side=DISPLAY_PIXELS, quality=85)


def _prepared(key: str, raw: bytes) -> images.Prepared:
    picture = cached.picture(key, raw)
    return images.prepare(
        picture, size=NETWORK_PIXELS, crop_share=1.0, mean=(0, 0, 0), std=(1, 1, 1)
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def untrained(variant: str, classes: int, seed: int, key: str, _raw: bytes) -> Look:
    """How a network of random weights sees a picture: the first moment of a training."""
    import torch

    from models.training.live_config import LiveConfig
    from models.training.live_views import look

    with cached.FORWARD, torch.random.fork_rng():
        torch.manual_seed(seed)
        model = LiveConfig(variant=variant).recipe().build(classes).eval()
        return look(model, square(key, _raw))


@st.cache_resource(max_entries=8, show_spinner=False)
def example(variant: str) -> tuple[Curves, str] | None:
    """A run that was measured for Saccade and what it is called; None if there is none."""
    path = RECORDS / f"{variant}.json"
    if not path.exists():
        return None
    known = json.loads(path.read_text(encoding="utf-8"))
    columns = {
        name: np.array(known["curve"][name], dtype=np.float64)
        for name in ("pictures", "loss", "accuracy", "asked", "held_out")
    }
    return Curves(**columns), known["called"]
