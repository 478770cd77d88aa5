"""What the chapter “Attention from zero” keeps: tokens of a picture, and small networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.catalog import CATALOG, DEFAULT
from pages._ui import cached
from viz_core import images, stepper_tokens
from viz_core.stepper_tokens import Directions

if TYPE_CHECKING:
    from models.transformer import Attention, Transformer

WIDTH = 8
PICTURE_PIXELS = 392
WORD_WIDTH, LAYERS, HEADS = 16, 2, 2


@dataclass(frozen=True)
class Patches:
    """A picture as the stepper's tokens.

    Attributes:
        vectors: What the network's patch embedding makes of each patch, (patch, width).
        along: The directions in which they differ most.
        telling: Indices of the handful that is shown first.
        grid: Rows and columns of patches.
        jpeg: The picture for the browser.
    """

    vectors: np.ndarray
    along: Directions
    telling: tuple[int, ...]
    grid: tuple[int, int]
    jpeg: bytes


def network_with_patches(name: str) -> str:
    """The network, or the shipped one where the chosen one records no patch embeddings."""
    return name if CATALOG[name].architecture == "vit" else DEFAULT


@st.cache_resource(max_entries=16, show_spinner="Reading the patches")
def patches(name: str, key: str, _raw: bytes) -> Patches:
    """Patch embeddings of a picture; only the network's first layer runs."""
    from viz_core.probe import transformer

    how = CATALOG[name].preprocessing
    prepared = images.prepare(
        cached.picture(key, _raw),
        size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std,
    )  # fmt: skip
    model = cached.network(name)
    with cached.FORWARD:
        vectors = transformer.patch_tokens(model, prepared.pixels)
    side = how.size // CATALOG[name].config.patch_size
    along = stepper_tokens.directions(vectors, WIDTH)
    points = stepper_tokens.coordinates(vectors, along)
    vectors.flags.writeable = False
    return Patches(
        vectors=vectors,
        along=along,
        telling=tuple(stepper_tokens.telling(points, (side, side))),
        grid=(side, side),
        jpeg=images.encode_jpeg(prepared.crop, side=PICTURE_PIXELS, quality=82),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def attention(heads: int, scale: bool) -> Attention:
    """An attention whose own weights are never used: the stepper brings the visitor's."""
    from models.transformer import Attention, TransformerConfig

    return Attention(TransformerConfig(width=WIDTH, heads=heads, scale=scale)).double().eval()


@st.cache_resource(max_entries=2, show_spinner=False)
def encoder_decoder(causal: bool) -> Transformer:
    """A small encoder-decoder with random weights from a fixed seed, in float64."""
    import torch

    from models.transformer import Transformer, TransformerConfig

    config = TransformerConfig(
        width=WORD_WIDTH, heads=HEADS, encoder_layers=LAYERS, decoder_layers=LAYERS,
        hidden=2 * WORD_WIDTH, causal=causal,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2017)
        model = Transformer(config)
    return model.double().eval()


@st.cache_resource(max_entries=8, show_spinner=False)
def positions(length: int) -> np.ndarray:
    """Sinusoidal positions for the stepper's words, in the digits that are shown."""
    from models.transformer import sinusoid

    return np.round(sinusoid(length, WIDTH).numpy(), stepper_tokens.DIGITS) + 0.0


def embedded(spelled: list[str]) -> np.ndarray:
    """Words with their positions as the small encoder-decoder reads them, (word, width)."""
    from models.transformer import sinusoid

    letters = stepper_tokens.word_vectors(spelled, WORD_WIDTH)
    return letters + sinusoid(len(spelled), WORD_WIDTH).numpy()
