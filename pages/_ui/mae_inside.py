"""Step “Inside”: which patches the decoder looks at to paint a hidden one."""

from typing import Any

import numpy as np
import streamlit as st

from pages._ui import canvas, controls
from pages._ui.cached import mae_more as cached
from viz_core import mae_attention, mae_figures, masking
from viz_core.canvas import wire
from viz_core.probe import mae as probe

NOTICE = (
    "A hidden patch starts as the same mask token everywhere; attention brings it something to "
    "paint. Point at a hatched patch and see where its decoder looks."
)
CODE = (
    probe.decoder_attention,
    probe.encoder_attention,
    mae_attention.over_grid,
    mae_attention.shares,
    masking.random,
    masking.block,
    masking.regular,
)
KEY = "mae-inside"
PARTS = ("Decoder", "Encoder")
KINDS = {"Random": "random", "Blocks": "block", "Grid": "grid"}
UNDER = {"Masked": "seen", "Filled in": "filled", "Whole": "whole"}
PERCENTS = (25, 50, 60, 75, 85, 90)
THIN = "\u2009"


@st.fragment
def show(network: str) -> None:
    """Attention under the pointer, and how much of it goes to what was seen."""
    picture = controls.picture()
    part, kind, ratio, seed, under = _options()
    asked = network, picture.key, picture.raw, kind, ratio, seed
    patterns = cached.patterns(*asked, part)
    hidden = cached.mask_of(network, kind, ratio, seed)
    jpeg = cached.under(*asked, under)
    side = len(cached.given(*asked[:3]).picture)
    frame = wire.pack_attention(
        patterns, picture_jpeg=jpeg, picture_size=(side, side), grid=hidden.shape
    )
    canvas.mount(frame, mode="lookup", key=f"{KEY}-{part}", view=_opening(patterns, hidden, part))
    if part == "decoder":
        _shares(patterns, hidden)
    else:
        st.caption(
            f"The encoder has {int((~hidden).sum())} visible patches and the class token, nothing "
            "else. A hatched patch has no token here: it does not look, and nobody can look at "
            "it; its attention is 0."
        )


def _options() -> tuple[str, str, float, int, str]:
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{KEY}-controls"):
        part = st.segmented_control(
            "Half", PARTS, default=PARTS[0], required=True, key=f"{KEY}-part",
            persist_state="session",
            help="The decoder sees all places, the encoder the visible patches only.",
        )  # fmt: skip
        percent = st.select_slider(
            "Hidden", PERCENTS, value=75, key=f"{KEY}-ratio", persist_state="session",
            format_func=lambda n: f"{n}{THIN}%", width=170,
            help="Share of the patches that the encoder never sees.",
        )  # fmt: skip
        with st.popover("Mask and picture", icon=":material/tune:"):
            kind, seed, under = _rarer()
    drawn = cached.FIRST_SEED + int(seed) - 1
    return part.lower(), KINDS[kind], percent / 100, drawn, UNDER[under]


def chosen() -> tuple[str, str, float, int]:
    """Half, mask, ratio and seed of the last run."""
    state = st.session_state
    part, kind = state.get(f"{KEY}-part") or PARTS[0], state.get(f"{KEY}-kind") or "Random"
    seed = cached.FIRST_SEED + int(state.get(f"{KEY}-seed") or 1) - 1
    return part.lower(), KINDS[kind], state.get(f"{KEY}-ratio", 75) / 100, seed


def _rarer() -> tuple[str, str, str]:
    kind = st.segmented_control(
        "Mask", list(KINDS), default="Random", required=True, key=f"{KEY}-kind",
        persist_state="session", help="Single patches at random, whole blocks, or an even grid.",
    )  # fmt: skip
    seed = st.segmented_control(
        "Draw", ("1", "2", "3", "4"), default="1", required=True, key=f"{KEY}-seed",
        persist_state="session", disabled=kind == "Grid",
        help="Four draws of a random or block mask; the grid is always the same.",
    )  # fmt: skip
    under = st.segmented_control(
        "Under the colours", list(UNDER), default="Masked", required=True, key=f"{KEY}-under",
        persist_state="session",
        help="The picture with hidden patches hatched, filled in by the network, or whole.",
    )  # fmt: skip
    return kind, seed, under


def _opening(patterns: np.ndarray, hidden: np.ndarray, part: str) -> dict[str, Any]:
    """What to show first: the layer in which hidden patches look most at what is visible.

    Settled once a visit: a mask or a picture that is changed later resets nothing.
    """
    if part == "decoder" and hidden.any():
        layer = int(mae_attention.shares(patterns, hidden).visible.mean(axis=1).argmax())
    else:
        layer = len(patterns) - 1
    chosen = hidden if part == "decoder" else ~hidden
    fresh = {"layer": layer, "reading": "mean", "pins": (1 + central(chosen),)}
    return st.session_state.setdefault(f"{KEY}-{part}-first", fresh)


def central(chosen: np.ndarray) -> int:
    """The patch of a selection that lies nearest to the middle, row by row from 0; 0 if none."""
    if not chosen.any():
        return 0
    rows, cols = np.indices(chosen.shape)
    away = (rows - (len(chosen) - 1) / 2) ** 2 + (cols - (chosen.shape[1] - 1) / 2) ** 2
    return int(np.where(chosen, away, np.inf).argmin())


def _shares(patterns: np.ndarray, hidden: np.ndarray) -> None:
    found = mae_attention.shares(patterns, hidden)
    even = float((~hidden).sum() / (1 + hidden.size))
    left, right = st.columns([1.6, 1], gap="medium", vertical_alignment="center")
    with left:
        st.markdown("**Where do hidden patches look?** Mean over all hidden patches of this mask.")
        st.plotly_chart(
            mae_figures.attention_shares(found, even),
            key=f"{KEY}-shares", config={"displayModeBar": False},
        )  # fmt: skip
    with right:
        st.markdown(_sentence(found.visible.mean(axis=1), even))
        st.caption(
            "A mask token carries nothing but its position at first. What it has learned from "
            "visible patches in one layer, other mask tokens can read in the next."
        )


def _sentence(visible: np.ndarray, even: float) -> str:
    """The shares on visible patches against an even spread, in words."""
    keen = [f"{k + 1}" for k, share in enumerate(visible) if share > even]
    low, high = int(visible.argmin()), int(visible.argmax())
    return (
        f"Visible patches are {100 * even:.3g}{THIN}% of all tokens. They get most of a hidden "
        f"patch's attention in layer {high + 1}, **{100 * visible[high]:.3g}{THIN}%**, and least "
        f"in layer {low + 1}, **{100 * visible[low]:.3g}{THIN}%**: "
        + (
            f"more than their number explains in layer{'s' * (len(keen) > 1)} {', '.join(keen)}."
            if keen
            else "nowhere more than their number explains."
        )
    )
