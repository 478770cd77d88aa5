"""“Try this”: buttons that set up a telling view, each with its question."""

from dataclasses import dataclass

import streamlit as st

from pages._ui import view


@dataclass(frozen=True)
class Try:
    """A question and the view that answers it. Layer and head count from 0; -1 is the last."""

    label: str
    question: str
    sample: str | None
    layer: int
    head: int
    reading: str


TRIES = {
    "attention": (
        Try(
            "First layer",
            "Does the first layer look at things, or at neighbours? Move the pointer.",
            None,
            layer=0,
            head=0,
            reading="mean",
        ),
        Try(
            "A butterfly",
            "One head of the last layer finds the wings. What do the other four look at?",
            "butterfly",
            layer=-1,
            head=1,
            reading="single",
        ),
        Try(
            "Two animals",
            "Cat and dog in one picture: which of the two gets more attention?",
            "cat-and-dog",
            layer=-1,
            head=0,
            reading="mean",
        ),
        Try(
            "A thing it has no word for",
            "Turtle is not among its classes. Where does it look, and what does it say?",
            "turtle",
            layer=-1,
            head=0,
            reading="mean",
        ),
    ),
}


def show(page: str) -> None:
    """The buttons of a page side by side."""
    st.subheader("Try this", anchor=False)
    for column, item in zip(st.columns(len(TRIES[page])), TRIES[page], strict=True):
        with column:
            st.button(
                item.label, key=f"try-{item.label}", on_click=_set, args=(item,),
                width="stretch", help="Sets the view, and a sample where it needs one.",
            )  # fmt: skip
            st.caption(item.question)


def _set(item: Try) -> None:
    if item.sample:
        st.session_state.sample = item.sample
        st.session_state.source = "sample"
    view.ask(item.layer, item.head, item.reading)
