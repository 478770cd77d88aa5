"""Rollout with all its options, drawn by the server: a fragment of the attention page."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages._ui import cached, controls, parts
from pages._ui.stage import Shown
from viz_core import attention, images, overlay, rollout
from viz_core.rollout import Fusion


@dataclass(frozen=True)
class Options:
    """Arguments of `viz_core.rollout` as people set them; see there."""

    fusion: Fusion
    residual: float
    discard: float
    start: int


@st.fragment
def show(shown: Shown) -> None:
    """Controls, the rollout map of the pinned token and the patches that hold a share of it."""
    name, picture, token_name = shown.network, controls.picture(), shown.token_name
    scene = cached.scene(name, picture.key, picture.raw)
    options, left, right = st.columns([1, 1.25, 1.25], gap="medium")
    with options:
        how = _options(len(scene.patterns))
        share = st.slider(
            "Mass to keep", 5, 95, 60, 5, format="%d %%", key="mass",
            help="The lit patches are the fewest that together hold this much of the map.",
        )  # fmt: skip
    crop = cached.small_crop(name, picture.key, picture.raw)
    row = rollout.rollout_row(
        cached.fused(name, picture.key, picture.raw, how.fusion),
        shown.token,
        residual=how.residual,
        discard=how.discard,
        start=how.start,
        prefix=len(scene.prefix),
    )
    values = attention.patches(row, scene.grid, len(scene.prefix))
    with left:
        _picture(overlay.blend(crop, values), f"Rollout of the {token_name}")
        parts.legend("magma", "0", f"{100 * values.max():.3g} %", f"of the {token_name}'s input")
    with right:
        if values.any():
            _held(crop, values, share, token_name)
        else:
            st.info(
                f"Nothing reaches the {token_name} from any patch: all of it skips every block."
            )


def _held(crop: np.ndarray, values: np.ndarray, share: int, token_name: str) -> None:
    """The fewest patches that hold a share (in percent) of the map."""
    mask = attention.mass_mask(values.reshape(-1), share / 100).reshape(values.shape)
    _picture(overlay.spotlight(crop, mask), f"Patches that hold {share} %")
    parts.note(
        f"{int(mask.sum())} of {mask.size} patches hold {share} % of what the {token_name} takes "
        "from the picture"
    )


def _options(layers: int) -> Options:
    fusion: Fusion = st.segmented_control(
        "Join the heads by",
        ["mean", "max", "min"],
        default="mean",
        required=True,
        key="fusion",
        help="The paper takes the mean. Maximum and minimum are brought back to 100 % a row.",
    )
    residual = st.slider(
        "Weight of the skip connection",
        0.0,
        1.0,
        0.5,
        0.05,
        key="residual",
        help="How much of a token passes a block unchanged. The paper takes 0.5.",
    )
    discard = st.slider(
        "Smallest weights left out",
        0,
        95,
        0,
        5,
        format="%d %%",
        key="discard",
        help="Share of each layer's patch-to-patch weights that is set to 0 first.",
    )
    start = st.slider(
        "First layer followed",
        1,
        max(layers, 2),
        1,
        key="start",
        help="Layers before it are taken as not mixing anything.",
    )
    return Options(fusion, residual, discard / 100, min(start, layers) - 1)


def _picture(pixels: np.ndarray, caption: str) -> None:
    jpeg = images.encode_jpeg(pixels, side=cached.SMALL_PIXELS)
    st.image(jpeg, caption=caption, width="stretch", output_format="JPEG", alt=caption)
