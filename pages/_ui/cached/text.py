"""What the page Text keeps: text networks, and sentences as they read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages._ui import cached

KINDS = "text_trec_kinds.json"

if TYPE_CHECKING:
    from models.text_weights import TextModel
    from viz_core.probe.text import Reading


@st.cache_resource(max_entries=4, show_spinner="Loading the text network")
def network(name: str) -> TextModel:
    """A text network with its vocabulary. Raises `WeightsError` where its files are missing."""
    from models import text_weights

    return text_weights.load(name)


@st.cache_resource(max_entries=1, show_spinner=False)
def kinds() -> dict[str, dict[str, Any]]:
    """What networks reached that were trained alike, by recipe; empty if that is not here."""
    from models import weights

    try:
        return json.loads((weights.FOLDER / KINDS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


@st.cache_resource(max_entries=256, show_spinner=False)
def reading(name: str, sentence: str, causal: bool, length: int | None = None) -> Reading:
    """One sentence as a network reads it, at most 0.2 MB; `length` words with padding."""
    from viz_core.probe import text

    loaded = network(name)
    with cached.FORWARD:
        return text.read(loaded.model, loaded.vocabulary, sentence, causal=causal, length=length)


def frame(name: str, sentence: str, length: int, header: dict[str, Any]) -> bytes:
    """Everything that the browser shows of a sentence.

    Args:
        name: One of `text_weights.NAMES`.
        sentence: At least one word.
        length: Words to pad to; not more than the sentence has means no padding.
        header: What else is said, see `viz_core.sentence.wire.pack`.
    """
    from viz_core.sentence import wire

    most = network(name).model.cfg.length
    header = {**header, "most": most, "length": length}
    alone = [reading(name, sentence, causal) for causal in (False, True)]
    if length <= len(alone[0].words):
        return wire.pack(alone, unpadded=None, header=header)
    padded = [reading(name, sentence, causal, min(length, most)) for causal in (False, True)]
    return wire.pack(padded, unpadded=[one.probabilities for one in alone], header=header)
