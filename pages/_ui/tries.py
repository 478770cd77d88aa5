"""“Try this”: buttons that set up a telling view, each with its question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from pages._ui import view


@dataclass(frozen=True, kw_only=True)
class Try:
    """A question and the view that answers it.

    Attributes:
        sample: Sample picture to bring; None keeps the visitor's picture.
        network: Network to bring, a key of the catalog that ships, where the question is about
            that one; None keeps the visitor's.
        view: (layer, head, reading) for the stage, counted from 0; layer -1 is the last.
        state: Values for widgets, by their keys; only these change.
    """

    label: str
    question: str
    sample: str | None = None
    network: str | None = None
    view: tuple[int, int, str] | None = None
    state: Mapping[str, Any] = field(default_factory=dict)


ATTENTION = (
    Try(
        label="First layer",
        question="Does the first layer look at things, or at neighbours? Move the pointer.",
        view=(0, 0, "mean"),
    ),
    Try(
        label="A butterfly",
        question="One head of the last layer finds the wings. What do the other four look at?",
        sample="butterfly",
        view=(-1, 1, "single"),
    ),
    Try(
        label="Two animals",
        question="Cat and dog in one picture: which of the two gets more attention?",
        sample="cat-and-dog",
        view=(-1, 0, "mean"),
    ),
    Try(
        label="A thing it has no word for",
        question="Turtle is not among its classes. Where does it look, and what does it say?",
        sample="turtle",
        view=(-1, 0, "mean"),
    ),
)


def show(items: Sequence[Try], title: str = "Try this") -> None:
    """The buttons of a page side by side.

    Args:
        items: One to five.
        title: Heading above them; none with an empty one, for a row within a section.
    """
    if title:
        st.subheader(title, anchor=False)
    for column, item in zip(st.columns(len(items)), items, strict=True):
        with column:
            st.button(
                item.label, key=f"try-{item.label}", on_click=_set, args=(item,),
                width="stretch", help="Sets the view, and a sample where it needs one.",
            )  # fmt: skip
            st.caption(item.question)


def one(item: Try) -> None:
    """A single button with its question beside it, for the section that it sets."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            item.label, key=f"try-{item.label}", on_click=_set, args=(item,),
            icon=":material/lightbulb:", help="Sets the controls of this section.",
        )  # fmt: skip
        st.caption(item.question)


def asked(key: str) -> Mapping[str, Any]:
    """The view that a suggestion last asked a component for; empty if none did.

    Args:
        key: Entry of the session in which suggestions leave the view, in `Try.state`.

    Returns:
        The view with a `serial` that grows with every click, so that asking twice counts twice.
    """
    known: dict[str, Any] = st.session_state.get(f"{key}-asked", {})
    wanted = st.session_state.pop(key, None)
    if wanted is not None:
        known = {**wanted, "serial": known.get("serial", 0) + 1}
        st.session_state[f"{key}-asked"] = known
    return known


def _set(item: Try) -> None:
    if item.network:
        st.session_state.model = item.network
    if item.sample:
        st.session_state.sample = item.sample
        st.session_state.source = "sample"
    if item.view:
        view.ask(*item.view)
    for key, value in item.state.items():
        st.session_state[key] = value
