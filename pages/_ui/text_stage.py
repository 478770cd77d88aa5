"""The stage of the page Text: type a sentence and see everything that a network does with it."""

from dataclasses import asdict
from typing import Any

import streamlit as st

from models.text_catalog import TEXTS
from pages._ui import sentence
from pages._ui.cached import text
from pages._ui.sentence import Told
from viz_core.sentence import typed

NO_WORD = "What you typed holds no word: tags are left out."
SHOWN = "sentence_shown"  # network, sentence and length of the last reading
LAST = "sentence_last"  # the last sentence that could be read, by network


@st.fragment
def show() -> None:
    """The component; what is typed runs this fragment again and nothing else."""
    from models.tensorfile import WeightsError

    told = sentence.told({name: entry.examples[0] for name, entry in TEXTS.items()})
    try:
        classes = text.network(told.network).classes
    except WeightsError as missing:
        st.info(str(missing))
        return
    spelled, problem = _spelled(told)
    st.session_state[SHOWN] = told.network, spelled, _padded(told, spelled)
    header = _header(told) | {"classes": list(classes), "problem": problem}
    sentence.mount(text.frame(told.network, spelled, told.length, header))
    _tell_the_maths(told.network)
    st.caption("The picture and the network in the sidebar belong to the other pages.")


def shown() -> tuple[str, str, int | None]:
    """Network, sentence and words to fill up to of the last reading; None without padding."""
    found: tuple[str, str, int | None] = st.session_state[SHOWN]
    return found


def _padded(told: Told, spelled: str) -> int | None:
    loaded = text.network(told.network)
    words = len(text.reading(told.network, spelled, False).words)
    return min(told.length, loaded.model.cfg.length) if told.length > words else None


def _tell_the_maths(network: str) -> None:
    """The text below is drawn with the whole page: draw it anew for another network."""
    before = st.session_state.get("sentence_network", next(iter(TEXTS)))
    st.session_state.sentence_network = network
    if before != network:
        st.rerun()


def _spelled(told: Told) -> tuple[str, str]:
    """What is read, and what is wrong with what was typed."""
    example = TEXTS[told.network].examples[0]
    last = st.session_state.setdefault(LAST, {})
    try:
        spelled = typed.cleaned(told.sentence)
    except ValueError as problem:
        return last.get(told.network, example), f"{problem} You still see the last one."
    if not text.network(told.network).vocabulary.split(spelled):
        return last.get(told.network, example), f"{NO_WORD} You still see the last one."
    last[told.network] = spelled
    return spelled, ""


def _header(told: Told) -> dict[str, Any]:
    return {
        "networks": [{"name": name, **asdict(entry)} for name, entry in TEXTS.items()],
        "network": told.network,
        "sentence": told.sentence,
        "answers": told.serial,
        "view": sentence.view(),
    }
