"""The whole encoder-decoder of 2017 on typed words: three kinds of attention side by side."""

import numpy as np
import streamlit as st

from pages._ui import frame, stepper
from pages._ui.cached import zero
from viz_core import stepper_tokens, stepper_wire

MOST_WORDS = 7
FILLED_WORDS = 8
PAD = "pad"
SOURCE, TARGET = "the cat sees the dog", "start le chat voit le chien"
BADGE = "untrained: random weights"


@st.fragment
def show() -> None:
    """Sentences and switches, and the maps of all layers and heads."""
    frame.section(
        "Encoder and decoder",
        "The encoder reads the source; the decoder writes the target word by word. With random "
        "weights the shares mean nothing: the point is who may look at whom.",
    )
    left, right, switches = st.columns([2, 2, 1.6], gap="medium", vertical_alignment="bottom")
    source = _words(left, "Source", SOURCE, "zero_source")
    target = _words(right, "Target", TARGET, "zero_target")
    with switches:
        filled = st.toggle(
            f"Fill up to {FILLED_WORDS} words", True, key="zero_padding", persist_state="session",
            help="Sentences of a batch must be equally long: what fills them up is closed.",
        )  # fmt: skip
        causal = st.toggle(
            "Mask what comes later", True, key="zero_decoder_causal", persist_state="session",
            help="Without it the decoder could copy the word that it should predict.",
        )  # fmt: skip
    stepper.mount_maps(_frame(source, target, filled, causal))


def _words(
    place: st.delta_generator.DeltaGenerator, label: str, default: str, key: str
) -> list[str]:
    with place:
        text = st.text_input(
            label, default, key=key, persist_state="session", max_chars=120,
            help=f"Up to {MOST_WORDS} words.",
        )  # fmt: skip
        try:
            return stepper_tokens.words(text, MOST_WORDS)
        except ValueError as problem:
            st.caption(f"{problem} You see “{default}”.")
            return stepper_tokens.words(default, MOST_WORDS)


def _frame(source: list[str], target: list[str], filled: bool, causal: bool) -> bytes:
    from viz_core.probe import transformer

    lengths = {"source": len(source), "target": len(target)}
    if filled:
        source, target = (
            [*words, *[PAD] * (FILLED_WORDS - len(words))] for words in (source, target)
        )
    paddings = [
        np.arange(len(words)) >= lengths[side]
        for side, words in (("source", source), ("target", target))
    ]
    maps = transformer.encoder_decoder(
        zero.encoder_decoder(causal), zero.embedded(source), zero.embedded(target), *paddings
    )
    options = {"causal": causal, "badge": BADGE}
    return stepper_wire.pack_maps(vars(maps), source, target, lengths, options)
