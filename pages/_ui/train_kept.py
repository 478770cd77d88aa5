"""The networks that were trained in this session: look through them, and take them along."""

import streamlit as st

from models.training.live_config import Trained
from models.training.live_views import look
from pages._ui import cached as shared
from pages._ui import controls, frame, train_stage, workshop
from pages._ui.cached import train as cached
from viz_core.watch import wire

KEY = "train-kept"


def show() -> None:
    """Nothing before the first network; then its view of your picture, its numbers, its file."""
    networks = workshop.trained()
    if not networks:
        return
    frame.section(
        "Your networks",
        "Choose another sample on the left: this is the network that you trained, looking at it.",
    )
    _one(networks)


@st.fragment
def _one(networks: dict[str, Trained]) -> None:
    asked = controls.own_network()
    if asked:
        st.caption(f"**{asked}**, as chosen in the sidebar.")
    chosen = asked or st.selectbox(
        "Network", list(networks), key=KEY,
        help="Newest first; four are kept, and all end with your visit.",
    )  # fmt: skip
    network = networks[chosen]
    picture = controls.picture()
    with shared.FORWARD:
        seen = look(network.model, cached.square(picture.key, picture.raw))
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        train_stage.watch(
            data=wire.frame(
                cached.square_jpeg(picture.key, picture.raw),
                [train_stage.moment(seen, "now")],
                classes=network.classes,
                of=train_stage.pooled(network.config),
            ),
            key=f"{KEY}-watch",
        )
    with right:
        _facts(network)


def _facts(network: Trained) -> None:
    now, config = network.progress, network.config
    exam = now.probes[-1] if now.probes else None
    right = f"{exam.accuracy:.1f} % of {exam.asked:,}" if exam else "not asked"
    parameters = sum(one.numel() for one in network.model.parameters())
    budget = f"{config.minutes:g} min" if config.minutes else f"{config.epochs:g} epochs"
    st.markdown(
        "| | |\n|:--|--:|\n"
        f"| Parameters | {parameters:,} |\n"
        f"| Learned from | {now.pictures:,} pictures ({now.epochs:.1f} passes) |\n"
        f"| Time | {now.seconds / 60:.1f} min; {100 * now.share:.0f} % of {budget} |\n"
        f"| Held-out pictures right | {right} |"
    )
    st.download_button(
        "Download the weights", network.weights, f"{config.variant}.safetensors",
        mime="application/octet-stream", icon=":material/download:", key=f"{KEY}-download",
        on_click="ignore",
        help="safetensors, fp32, under SHI-Labs' names; class names are in its metadata.",
    )  # fmt: skip
    st.caption("The averaged weights of the last steps, as they were measured.")
