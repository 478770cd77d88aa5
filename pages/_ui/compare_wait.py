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
SURE = 0.1  # share of the work from which its own pace is believed


def missing(what: str) -> None:
    """Say that a link asks for something that there is not."""
    st.toast(f"This link names a {what} that is not here; you see the default instead.")


def allowed(key: str, asked: Hashable, seconds: float, what: str, *, short: bool = False) -> bool:
    """Whether work may start: at once if it is short, after a click if it is long or was stopped.

    Args:
        key: Of the work, for the session.
        asked: What it depends on; a click counts for this alone.
        seconds: What it will take, as far as is known.
        what: Of what, for the sentence beside the button.
        short: Whether it starts at once however long it is, as something that was clicked for.
    """
    stopped = st.session_state.get(f"{key}-stopped") == asked
    short = short or seconds <= LONG
    if not stopped and (short or st.session_state.get(f"{key}-started") == asked):
        return True
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Go on" if stopped else "Compute", key=f"{key}-run", icon=":material/play_arrow:",
            on_click=_start, args=(key, asked), help="A button beside its progress stops it.",
        )  # fmt: skip
        st.caption(f"{what}: about {max(1, round(seconds))}\u202fs on this machine.")
    return False


def _start(key: str, asked: Hashable) -> None:
    st.session_state[f"{key}-started"] = asked
    st.session_state.pop(f"{key}-stopped", None)


def _stop(key: str, asked: Hashable) -> None:
    st.session_state[f"{key}-stopped"] = asked
    st.session_state.pop(f"{key}-started", None)


@contextmanager
def bar(key: str, asked: Hashable, place: DeltaGenerator, seconds: float = 0.0) -> Iterator[Tell]:
    """A function that tells how much is done; nothing is seen of it until `PATIENCE` is over.

    Args:
        key: Of the work, as in `allowed`.
        asked: As in `allowed`: what a Stop is remembered for.
        place: An `st.empty` that is left empty again.
        seconds: What it will take, as far as is known before.
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
        gone = time.monotonic() - began
        left = gone / done * (1 - done) if done > SURE else seconds
        about = f", about {round(left)}\u202fs left" if left > 1 else ""
        shown[0].progress(min(1.0, max(0.0, done)), f"{text}{about}")

    def tell(done: float, text: str) -> None:
        if time.monotonic() - began > PATIENCE:
            outside.run(show, done, text)

    yield tell
    # Not where a Stop ended the work: that run may write nothing more, and the next one begins
    # with an empty place.
    if shown:
        place.empty()
