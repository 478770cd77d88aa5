"""Step “Tokens” of the page Compact: three tokenizers on one picture, and a picture that moves."""

import time

import streamlit as st

from pages._ui import compact_networks, component, controls, frame
from pages._ui.cached import compact as cached
from viz_core import patch_frames
from viz_core.probe import compact as probe
from viz_core.tokenizers import shift, windows

KEY, ASKED = "compact-tokens", "compact-tokens-view"
SHIFT, SHIFT_ASKED = "compact-shift", "compact-shift-view"
NOTICE = (
    "Patches end at their border; convolutions overlap, so tokens share pixels. Point at the "
    "picture, then at the maps."
)
CODE = (
    probe.look, probe.fields, probe.tokens, windows.layers, windows.spans, shift.moved,
    shift.change,
)  # fmt: skip
PATIENCE = 0.4  # seconds before progress is shown

tokenizers = component.register("tokenizers")


def show(network: str) -> None:
    """The stage, then the lab of shifts."""
    names = compact_networks.shown(network)
    if not names:
        return
    _stage(names)
    frame.section(
        "The picture moves",
        "Drag the picture by a pixel: nothing in it changes, but the patch borders now cut it "
        "elsewhere. How much do the tokens change?",
    )
    _shifts(names)


@st.fragment
def _stage(names: tuple[str, ...]) -> None:
    picture = controls.picture()
    message = cached.tokens(names, picture.key, picture.raw)
    tokenizers(data=patch_frames.with_view(message, compact_networks.asked(ASKED)), key=KEY)
    words = cached.labels(names[0])
    st.caption(
        f"Bars: the likeliest of the {len(words)} words that these networks know ("
        f"{', '.join(words)}). They see no more than the pixels above, and always name one."
    )


@st.fragment
def _shifts(names: tuple[str, ...]) -> None:
    picture = controls.picture()
    place, bar, began = st.empty(), None, time.monotonic()
    for done, name in enumerate(names):
        cached.shifted(name, picture.key, picture.raw)
        if time.monotonic() - began > PATIENCE and done + 1 < len(names):
            bar = bar or place.progress(0.0)
            title = cached.title(names[done + 1])
            bar.progress((done + 1) / len(names), f"Moving the picture for {title}")
    place.empty()
    message = cached.shifts(names, picture.key, picture.raw)
    tokenizers(data=patch_frames.with_view(message, compact_networks.asked(SHIFT_ASKED)), key=SHIFT)
    st.caption(
        f"All {(2 * cached.REACH + 1) ** 2} shifts of up to {cached.REACH} px were computed before "
        "you dragged. What comes in at the border is mirrored. Tokens are compared at the same "
        "place, before positions are added."
    )
