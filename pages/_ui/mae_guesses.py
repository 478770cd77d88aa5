"""Step “Guesses”: one picture under many masks, and how much the answers differ."""

import streamlit as st

from pages._ui import component, controls
from pages._ui.cached import mae_more as cached
from viz_core import masking
from viz_core.probe import mae as probe

NOTICE = (
    "Thirty-two masks, thirty-two reconstructions of the same picture. Point at a patch: where "
    "the guesses differ, the rest of the picture does not say what belongs there."
)
CODE = (probe.predict, probe.variance, masking.random)
KEY = "mae-guesses"
PERCENTS = (50, 60, 75, 85, 90, 95)
CHUNKS = 4
THIN = "\u2009"

_guesses = component.register("guesses")


@st.fragment
def show(network: str) -> None:
    """A wall of reconstructions with their mean and spread; counting happens in the browser."""
    picture = controls.picture()
    percent = st.select_slider(
        "Hidden in each mask", PERCENTS, value=75, key=f"{KEY}-ratio", persist_state="session",
        format_func=lambda n: f"{n}{THIN}%", width=280,
        help="Share of the patches that each of the masks hides.",
    )  # fmt: skip
    asked = network, picture.key, picture.raw, percent / 100
    place = st.empty()
    with place.container(key=f"{KEY}-progress"):
        bar = st.progress(0.0, "Guessing")
        for chunk in range(CHUNKS):
            done = cached.CHUNK * chunk
            bar.progress(chunk / CHUNKS, f"Guessing: {done} of {cached.CHUNK * CHUNKS} masks")
            cached.guessed(*asked, chunk)
    place.empty()
    with place.container():
        _guesses(data=cached.guesses(*asked, CHUNKS), key=KEY)
    st.caption(
        "The network is deterministic: a mask gives one answer, and only the masks differ. It was "
        "trained for the mean squared error, so each answer is close to the mean of what could "
        "stand there: blurred rather than one of several sharp pictures. The spread says how "
        "much depends on which patches happened to be visible; it is not the width of what is "
        "possible."
    )
