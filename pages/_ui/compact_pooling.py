"""Step “Pooling” of the page Compact: what the head reads, and attention of all layers."""

import streamlit as st

from pages._ui import canvas, compact_networks, controls, frame
from pages._ui.cached import compact as cached
from pages._ui.compact_tokens import tokenizers
from viz_core import patch_frames, pooling
from viz_core.probe import compact as probe

KEY, ASKED = "compact-pooling", "compact-pooling-view"
NOTICE = (
    "A class token collects; sequence pooling weighs all tokens. Point at a place and see what the "
    "answer is without it."
)
CODE = (probe.look, pooling.left_out, pooling.answers, pooling.votes)
THIN = "\u2009"


def show(network: str) -> None:
    """What the heads read, then attention of every layer and head."""
    names = compact_networks.shown(network)
    if not names:
        return
    _pools(names)
    frame.section(
        "Who looks at whom",
        "Attention of every token in every layer, under one pointer. Without a class token nobody "
        "collects: the tokens only talk to each other.",
    )
    _attention(names)


@st.fragment
def _pools(names: tuple[str, ...]) -> None:
    picture = controls.picture()
    message = cached.pools(names, picture.key, picture.raw)
    tokenizers(data=patch_frames.with_view(message, compact_networks.asked(ASKED)), key=KEY)


@st.fragment
def _attention(names: tuple[str, ...]) -> None:
    picture = controls.picture()
    canvas.mount(
        cached.attention(names, picture.key, picture.raw),
        mode="compare",
        key="compact-attention",
        view={"layer": -1, "head": 0, "reading": "mean"},
    )
    st.caption(skips({name: cached.look(name, picture.key, picture.raw).skips for name in names}))


def skips(found: dict[str, tuple[float, ...]]) -> str:
    """What rollout takes for granted, beside what was measured on this picture.

    Args:
        found: By network, the share of the skip connection after each attention, by length.
    """
    told = "; ".join(
        f"{cached.title(name)} " + ", ".join(f"{100 * share:.0f}{THIN}%" for share in shares)
        for name, shares in found.items()
    )
    return (
        "Rollout takes half of every token to be itself. Here a norm then replaces the stream: it "
        "scales each token by its own deviation, so the shares within a block survive, but layers "
        "no longer add up as rollout assumes. Measured share of the skip connection by length, "
        f"layer by layer: {told}. “Skip weight” sets it."
    )
