"""Step “Learning”: the network while it trained, and what pre-training is good for."""

import streamlit as st

from models import film as film_file
from pages._ui import component, controls, frame, mae_records
from pages._ui.cached import mae_film as cached
from pages._ui.cached import mae_more
from viz_core import mae_frames
from viz_core.probe import mae as probe

NOTICE = (
    "One mask, every saved moment of the training: first one colour for all, then a colour for "
    "each place, then shapes. Drag through it."
)
CODE = (probe.film, film_file.frames, mae_frames.film)
KEY = "mae-film"
DRAWS = ("1", "2", "3", "4")

_film = component.register("film")


def show(network: str) -> None:
    """The film, then fine-tuning with and without it."""
    _frames(network)
    frame.section(
        "Pre-train, then fine-tune",
        "Nobody needs the painted pixels. The encoder is kept, the decoder thrown away, and a "
        "head is trained on labels: does it start from something better than chance?",
    )
    mae_records.finetuning(network)


@st.fragment
def _frames(network: str) -> None:
    missing = cached.missing(network)
    if missing:
        st.caption(missing)
        return
    picture = controls.picture()
    place = st.empty()
    draw = st.segmented_control(
        "Random mask", DRAWS, default=DRAWS[0], required=True, key=f"{KEY}-draw",
        persist_state="session", help="Four draws; 75 % of the patches are hidden in each.",
    )  # fmt: skip
    with place.container():
        with st.spinner("Running the network as it was at each saved moment"):
            message = cached.film(
                network, picture.key, picture.raw, mae_more.FIRST_SEED + int(draw) - 1
            )
        _film(data=message, key=KEY)
    st.caption(
        "75 % hidden, as in the training. In “Raw” the visible patches stay odd: the loss never "
        "looks at them. Errors are over the hidden patches; the weights are averaged over the "
        "steps before and rounded to fit a small file."
    )
