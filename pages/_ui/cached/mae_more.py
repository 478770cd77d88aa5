"""What the further steps of the MAE page keep: many masks of one picture, counts and times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached
from viz_core import images, inpaint, mae_attention, mae_frames, mae_macs, masking, patch_frames
from viz_core import reconstruction as scoring

if TYPE_CHECKING:
    from viz_core.mae_macs import MAEShape

FIRST_SEED = 71  # of the mask that every step opens with
STOPS = tuple(round(0.05 * k, 2) for k in range(20))  # hidden shares, 0 to 95 %
RATIOS = STOPS[1:]
TIMED = (0.0, 0.25, 0.5, 0.75, 0.95)
WAYS = ("network", "leak", *inpaint.BASELINES)
METRICS = ("psnr", "mse", "ssim")
CHUNK = 8  # masks between two steps of a progress bar
PICTURE_PIXELS = 560
RUNS = 20


@dataclass(frozen=True)
class Given:
    """A picture as a masked autoencoder gets it; read-only arrays.

    Attributes:
        pixels: Normalised (3, S, S).
        picture: The same as uint8 (S, S, 3).
        grid: Rows and columns of patches.
    """

    pixels: np.ndarray
    picture: np.ndarray
    grid: tuple[int, int]


@dataclass(frozen=True)
class Filled:
    """One mask filled in every way.

    Attributes:
        tiles: What is left, the truth, then `WAYS`: uint8 (way, S, S, 3).
        scores: By metric, then by way; over the hidden patches only.
    """

    tiles: np.ndarray
    scores: dict[str, dict[str, float]]


@st.cache_resource(max_entries=8, show_spinner=False)
def given(name: str, key: str, _raw: bytes) -> Given:
    """A picture at the size of a network, without running it."""
    how, config = CATALOG[name].preprocessing, cast(Any, CATALOG[name].config)
    made = images.prepare(
        cached.picture(key, _raw),
        size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std,
    )  # fmt: skip
    picture = patch_frames.input_bytes(made.pixels[0], how.mean, how.std)
    made.pixels.flags.writeable = picture.flags.writeable = False
    return Given(made.pixels[0], picture, (config.grid, config.grid))


def predicted(name: str, base: Given, masks: np.ndarray) -> np.ndarray:
    """What a network makes of a picture under masks; not kept here, its callers are."""
    from viz_core.probe import mae

    how, model = CATALOG[name].preprocessing, cached.network(name)
    with cached.FORWARD:
        return mae.predict(model, base.pixels, masks, mean=how.mean, std=how.std)


@st.cache_resource(max_entries=16, show_spinner="Filling in")
def series(name: str, key: str, _raw: bytes, seed: int) -> np.ndarray:
    """The network's picture at every stop, for one order of the patches: (20, S, S, 3)."""
    base = given(name, key, _raw)
    masks = np.stack([masking.random(base.grid, ratio, seed) for ratio in STOPS])
    made = predicted(name, base, masks)
    made.flags.writeable = False
    return made


@st.cache_resource(max_entries=120, show_spinner=False)
def filled(name: str, key: str, _raw: bytes, seed: int, ratio: float) -> Filled:
    """One mask filled in by the network and by every interpolation, with their scores."""
    base = given(name, key, _raw)
    mask = masking.random(base.grid, ratio, seed)
    guess = series(name, key, _raw, seed)[STOPS.index(ratio)]
    made = {
        "network": guess,
        "leak": scoring.with_own_statistics(base.picture, guess, base.grid),
        **{way: fill(base.picture, mask) for way, fill in inpaint.BASELINES.items()},
    }
    scores = {way: scoring.score(base.picture, one, mask) for way, one in made.items()}
    whole = [scoring.pasted(base.picture, one, mask) for one in made.values()]
    tiles = np.stack([mae_frames.hatched(base.picture, mask), base.picture, *whole])
    tiles.flags.writeable = False
    return Filled(
        tiles=tiles,
        scores={
            metric: {way: float(getattr(score, metric)) for way, score in scores.items()}
            for metric in METRICS
        },
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def why(name: str, key: str, _raw: bytes, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
    """All ratios together: tiles (ratio, way, S, S, 3), and scores by metric and way."""
    rows = [filled(name, key, _raw, seed, ratio) for ratio in RATIOS]
    scores = {
        metric: {way: [row.scores[metric][way] for row in rows] for way in WAYS}
        for metric in METRICS
    }
    tiles = np.stack([row.tiles for row in rows])
    tiles.flags.writeable = False
    return tiles, scores


def shape(name: str) -> MAEShape:
    """What the cost of a masked autoencoder of the catalog depends on."""
    config = cast(Any, CATALOG[name].config)
    return mae_macs.MAEShape(
        side=config.image_size, patch=config.patch_size, mlp_ratio=config.mlp_ratio,
        width=config.width, depth=config.depth, heads=config.heads,
        decoder_width=config.decoder_width, decoder_depth=config.decoder_depth,
        decoder_heads=config.decoder_heads,
    )  # fmt: skip


@st.cache_resource(max_entries=64, show_spinner=False)
def seconds(name: str, ratio: float) -> tuple[float, float]:
    """Time of encoder and decoder for one picture here, each the fastest of up to twenty runs."""
    import torch

    from models.mae import order_of
    from viz_core.probe import pyramid

    model = cast(Any, cached.network(name))
    config = model.cfg
    mask = masking.random((config.grid, config.grid), ratio, 0)
    keep, restore = order_of(torch.tensor(mask.reshape(1, -1)))
    image = torch.zeros(1, 3, config.image_size, config.image_size)
    with cached.FORWARD:
        with torch.inference_mode():
            latent = model.encode(image, keep)
        return (
            pyramid.fastest(lambda: model.encode(image, keep), RUNS),
            pyramid.fastest(lambda: model.decode(latent, restore), RUNS),
        )


@st.cache_resource(max_entries=16, show_spinner="Running the network")
def patterns(
    name: str, key: str, _raw: bytes, kind: str, ratio: float, seed: int, part: str
) -> np.ndarray:
    """Attention of one half over the class token and all places, (layer, head, token, token).

    Args:
        name: Key of the catalog.
        key: Key of the picture.
        kind: "random", "block" or "grid".
        ratio: Share of hidden patches.
        seed: Of the mask.
        part: "decoder", or "encoder", whose hidden places are zero.
    """
    from viz_core.probe import mae

    base, hidden = given(name, key, _raw), mask_of(name, kind, ratio, seed)
    model = cached.network(name)
    with cached.FORWARD:
        if part == "decoder":
            return mae.decoder_attention(model, base.pixels, hidden)
        seen = mae.encoder_attention(model, base.pixels, hidden)
    whole = mae_attention.over_grid(seen, hidden)
    whole.flags.writeable = False
    return whole


def mask_of(name: str, kind: str, ratio: float, seed: int) -> np.ndarray:
    """A mask over a network's grid."""
    grid = cast(Any, CATALOG[name].config).grid
    if kind == "grid":
        return masking.regular((grid, grid), ratio)
    draw = masking.block if kind == "block" else masking.random
    return draw((grid, grid), ratio, seed)


@st.cache_resource(max_entries=8, show_spinner=False)
def under(
    name: str, key: str, _raw: bytes, kind: str, ratio: float, seed: int, shown: str
) -> bytes:
    """The picture to lay attention over, as JPEG: "seen", "filled" or "whole"."""
    base, hidden = given(name, key, _raw), mask_of(name, kind, ratio, seed)
    picture = base.picture
    if shown == "filled":
        guess = predicted(name, base, hidden[None])[0]
        picture = scoring.pasted(picture, guess, hidden)
    large = mae_frames.enlarged(picture, PICTURE_PIXELS)
    if shown == "seen":
        large = mae_frames.hatched(large, hidden)
    return images.encode_jpeg(large, side=len(large))


@st.cache_resource(max_entries=48, show_spinner=False)
def guessed(name: str, key: str, _raw: bytes, ratio: float, chunk: int) -> np.ndarray:
    """The network's picture under eight random masks, seeds `chunk` * 8 and following."""
    base = given(name, key, _raw)
    made = predicted(name, base, draws(base.grid, ratio, chunk))
    made.flags.writeable = False
    return made


def draws(grid: tuple[int, int], ratio: float, chunk: int) -> np.ndarray:
    """Eight random masks, (8, rows, cols)."""
    seeds = range(CHUNK * chunk, CHUNK * (chunk + 1))
    return np.stack([masking.random(grid, ratio, seed) for seed in seeds])


@st.cache_resource(max_entries=6, show_spinner=False)
def guesses(name: str, key: str, _raw: bytes, ratio: float, chunks: int) -> bytes:
    """Message of the component `guesses`: 1.2 MB for 32 masks at 112 pixels."""
    base = given(name, key, _raw)
    return mae_frames.guesses(
        {"ratio": ratio},
        picture=base.picture,
        filled=np.concatenate([guessed(name, key, _raw, ratio, k) for k in range(chunks)]),
        masks=np.concatenate([draws(base.grid, ratio, k) for k in range(chunks)]),
    )
