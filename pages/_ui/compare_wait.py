"""Long work: what it will take, a bar that caches may tell of, and a Stop that holds.

A cached function that writes to the page would write there again at every hit; what is told
through `bar` runs outside of that recording.
"""

import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import copy_context

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

Tell = Callable[[float, str], None]
PATIENCE, LONG = 0.4, 5.0  # seconds before progress is shown, and before one is asked


def allowed(key: str, asked: Hashable, seconds: float, what: str) -> bool:
    """Whether work may start: at once if it is short, after a click if it is long or was stopped.

    Args:
        key: Of the work, for the session.
        asked: What it depends on; a click counts for this alone.
        seconds: What it will take, as far as is known.
        what: Of what, for the sentence beside the button.
    """
    stopped = st.session_state.get(f"{key}-stopped") == asked
    if not stopped and (seconds <= LONG or st.session_state.get(f"{key}-started") == asked):
        return True
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Go on" if stopped else "Compute", key=f"{key}-run", icon=":material/play_arrow:",
            on_click=_start, args=(key, asked), help="A button beside its progress stops it.",
        )  # fmt: skip
        st.caption(f"{what}: about {max(1, round(seconds))}\u2009s on this machine.")
    return False


def _start(key: str, asked: Hashable) -> None:
    st.session_state[f"{key}-started"] = asked
    st.session_state.pop(f"{key}-stopped", None)


def _stop(key: str, asked: Hashable) -> None:
    st.session_state[f"{key}-stopped"] = asked
    st.session_state.pop(f"{key}-started", None)


@contextmanager
def bar(key: str, asked: Hashable, place: DeltaGenerator) -> Iterator[Tell]:
    """A function that tells how much is done; nothing is seen of it until `PATIENCE` is over.

    Args:
        key: Of the work, as in `allowed`.
        asked: As in `allowed`: what a Stop is remembered for.
        place: An `st.empty` that is left empty again.
    """
    began = time.monotonic()
    shown: list[DeltaGenerator] = []
    outside = copy_context()

    def show(done: float, text: str) -> None:
        if not shown:
            with place.container(horizontal=True, vertical_alignment="center"):
                shown.append(st.progress(0.0, text))
                # A click reruns the script, which ends this run at its next message to the page.
                st.button(
                    "Stop", key=f"{key}-stop", on_click=_stop, args=(key, asked),
                    help="What is done so far is kept.",
                )  # fmt: skip
        shown[0].progress(min(1.0, max(0.0, done)), text)

    def tell(done: float, text: str) -> None:
        if time.monotonic() - began > PATIENCE:
            outside.run(show, done, text)

    try:
        yield tell
    finally:
        if shown:
            place.empty()
