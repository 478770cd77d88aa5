"""The only package that caches. Everything here is shared between visitors and read-only.

Caches are keyed on the SHA-256 of the picture's bytes: Streamlit hashes large arrays from a
sample of their elements and would confuse pictures that differ in a few pixels.
Bounds: a decoded picture is at most 7 MB, a scene of the largest network 25 MB, the weights of
the largest network (ViT-B, Swin-B) 350 MB: four of those are the most that is kept, 1.4 GB.
"""

from __future__ import annotations

import gc
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from pages._ui import samples
from viz_core import attention, images, rollout, sheet
from viz_core.canvas import wire
from viz_core.prediction import Guess, top
from viz_core.rollout import Fusion

if TYPE_CHECKING:
    from torch import nn

    from models.vit import ViTConfig

THUMBNAIL_PIXELS, SMALL_PIXELS, DISPLAY_PIXELS = 88, 560, 1024
# One forward pass at a time: two of them share the cores and both take twice as long.
FORWARD = threading.Semaphore(1)
SECONDS_BETWEEN_COLLECTIONS = 60


@dataclass(frozen=True)
class Scene:
    """One picture as one network sees it.

    Attributes:
        crop: The square that the network sees, at full resolution, uint8 (h, w, 3).
        patterns: Softmax weights (layer, head, query, key); rows sum to 1.
        logits: Output of the head, or pooled features for a network without classes.
        grid: Rows and columns of patches.
        prefix: Tokens before the first patch, by name.
        patch_pixels: Side of a patch in pixels of the network's input.
    """

    crop: np.ndarray
    patterns: np.ndarray
    logits: np.ndarray
    grid: tuple[int, int]
    prefix: tuple[str, ...]
    patch_pixels: int


@st.cache_resource(max_entries=1, show_spinner=False)
def thumbnails() -> bytes:
    """The gallery's strip as JPEG."""
    paths = [samples.path(name) for name in samples.SAMPLES]
    strip = sheet.strip(paths, THUMBNAIL_PIXELS)
    return images.encode_jpeg(strip, side=strip.shape[1], quality=80)


@st.cache_resource(max_entries=64, show_spinner=False)
def sample(name: str) -> tuple[str, bytes]:
    """Key and bytes of a sample picture."""
    raw = samples.path(name).read_bytes()
    return images.digest(raw), raw


@st.cache_resource(max_entries=16, show_spinner="Reading the picture")
def picture(key: str, _raw: bytes) -> np.ndarray:
    """The decoded picture, uint8 (H, W, 3). Raises `ImageError` on what is no picture."""
    decoded = images.decode(_raw)
    decoded.flags.writeable = False
    return decoded


@st.cache_resource(max_entries=4, show_spinner="Loading the network")
def network(name: str) -> nn.Module:
    """A network with its weights, in evaluation mode."""
    from models import weights

    return weights.load(name)


def vit_config(name: str) -> ViTConfig:
    """Settings of a network of global attention; others are not asked for it."""
    from models.vit import ViTConfig

    config = CATALOG[name].config
    assert isinstance(config, ViTConfig), f"{name} is no ViT"
    return config


@st.cache_resource(max_entries=8, show_spinner="Running the network")
def scene(name: str, key: str, _raw: bytes) -> Scene:
    """The one forward pass of a picture through a network; every view is drawn from it."""
    from viz_core import probe

    entry = CATALOG[name]
    how = entry.preprocessing
    prepared = images.prepare(
        picture(key, _raw), size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std
    )
    model = network(name)
    with FORWARD:
        look = probe.attention(model, prepared.pixels)
    config = vit_config(name)
    side = how.size // config.patch_size
    registers = tuple(f"register {i + 1}" for i in range(config.registers))
    prefix = ("class token",) * config.class_token + registers
    return Scene(
        crop=prepared.crop,
        patterns=look.patterns,
        logits=look.logits,
        grid=(side, side),
        prefix=prefix,
        patch_pixels=config.patch_size,
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def crop_jpeg(name: str, key: str, _raw: bytes) -> bytes:
    """The crop of a scene for the browser."""
    return images.encode_jpeg(scene(name, key, _raw).crop, side=DISPLAY_PIXELS)


@st.cache_resource(max_entries=16, show_spinner=False)
def small_crop(name: str, key: str, _raw: bytes) -> np.ndarray:
    """The crop of a scene for maps that the server draws."""
    crop = scene(name, key, _raw).crop
    return sheet.square(crop, min(SMALL_PIXELS, crop.shape[0]))


@st.cache_resource(max_entries=16, show_spinner=False)
def fused(name: str, key: str, _raw: bytes, fusion: Fusion) -> np.ndarray:
    """Attention of each layer with the heads joined, (layer, token, token), float64."""
    return rollout.fuse(scene(name, key, _raw).patterns, fusion)


@dataclass(frozen=True)
class HeadNumbers:
    """One number for every head of every layer, (layer, head).

    Attributes:
        distance: Mean attention distance in patches.
        entropy: Mean entropy of the rows in bits.
    """

    distance: np.ndarray
    entropy: np.ndarray


@st.cache_resource(max_entries=32, show_spinner=False)
def head_numbers(name: str, key: str, _raw: bytes) -> HeadNumbers:
    """Distance and entropy of every head of a scene."""
    seen = scene(name, key, _raw)
    return HeadNumbers(
        distance=attention.distance(seen.patterns, seen.grid, len(seen.prefix)),
        entropy=attention.entropy(seen.patterns).mean(axis=-1),
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def prediction(name: str, key: str, _raw: bytes) -> list[Guess]:
    """The five likeliest classes; empty for a network without classes."""
    labels = CATALOG[name].labels
    return top(scene(name, key, _raw).logits, class_names(labels)) if labels else []


@st.cache_resource(max_entries=8, show_spinner=False)
def frame(name: str, key: str, _raw: bytes) -> bytes:
    """A scene in the canvas's wire format, at most 6 MB."""
    seen = scene(name, key, _raw)
    height, width = seen.crop.shape[:2]
    return wire.pack_attention(
        seen.patterns,
        picture_jpeg=crop_jpeg(name, key, _raw),
        picture_size=(width, height),
        grid=seen.grid,
        prefix=seen.prefix,
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def collector() -> threading.Thread:
    """Garbage collection on a timer, in place of Streamlit's after every run (see config.toml).

    Started once for the whole server; what is imported by then is never scanned again.
    """
    gc.collect()
    gc.freeze()
    thread = threading.Thread(target=_collect_for_ever, name="collector", daemon=True)
    thread.start()
    return thread


def _collect_for_ever() -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_COLLECTIONS)
        gc.collect()
