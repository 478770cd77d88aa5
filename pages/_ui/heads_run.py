"""What takes long on the page Heads: how long is said before, progress, and a way to stop."""

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from pages._ui.busy import Busy, took

Found = TypeVar("Found")
Progress = Callable[[int, int], None]
ASK_ABOVE = 5.0  # seconds above which a person decides
DONE, WANTED, STOPPED = "heads-done", "heads-wanted", "heads-stopped"
MOST_KEPT = 64


def measured(
    key: str, about: Hashable, seconds: float, what: str, compute: Callable[[Progress], Found]
) -> Found | None:
    """What `compute` gives; before a long one a button, which says how long, and None.

    Args:
        key: Of the button.
        about: What the result depends on; once computed it is not asked for again.
        seconds: How long it will take.
        what: What is measured, to begin a sentence.
        compute: Takes a function that it tells how far it is; cached, so that a second call is
            quick.
    """
    done: list[Hashable] = st.session_state.setdefault(DONE, [])
    wanted = st.session_state.pop(f"{WANTED}-{key}", None) == about
    held = seconds > ASK_ABOVE or st.session_state.get(f"{STOPPED}-{key}") == about
    if held and about not in done and not wanted:
        st.caption(f"{what}: {took(seconds)} on this machine.")
        st.button(
            "Measure", key=f"{key}-run", icon=":material/timeline:", on_click=_want,
            args=(key, about), help="It can be stopped.",
        )  # fmt: skip
        return None
    place = st.empty()
    try:
        found = compute(Busy(place, what, key, lambda: _stop(key, about)))
    finally:
        place.empty()
    if about not in done:
        st.session_state[DONE] = [*done, about][-MOST_KEPT:]
    return found


def _want(key: str, about: Hashable) -> None:
    st.session_state[f"{WANTED}-{key}"] = about
    st.session_state.pop(f"{STOPPED}-{key}", None)


def _stop(key: str, about: Hashable) -> None:
    st.session_state[f"{STOPPED}-{key}"] = about
