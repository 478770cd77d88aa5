"""What a person chooses before training: network, pictures, budget, and how pictures are varied."""

from dataclasses import dataclass

import streamlit as st

from models.training.live_config import LiveConfig
from pages._ui import train_own
from pages._ui.cached import train as cached
from viz_core.class_pictures import ClassPictures

KEY = "train"
FAMILY, LAYERS, DATA, BUDGET = (f"{KEY}-{name}" for name in ("family", "layers", "data", "budget"))
BATCH, RATE, VARY = (f"{KEY}-{name}" for name in ("batch", "rate", "vary"))
FAMILIES = {"ViT-Lite": "vit_lite_{}_4_32", "CVT": "cvt_{}_4_32", "CCT": "cct_{}_3x2_32"}
MEANINGS = {
    "ViT-Lite": "Patches of 4 × 4 pixels; a class token collects the answer.",
    "CVT": "The same patches; the answer is a weighted mean of all tokens (SeqPool).",
    "CCT": "Tokens from two overlapping convolutions, and SeqPool.",
}
SHIPPED, OWN = "CIFAR-10", "My own"
MINUTES = {"1 min": 1.0, "2 min": 2.0, "5 min": 5.0, "10 min": 10.0, "30 min": 30.0}
EPOCHS = {"1 epoch": 1.0, "5 epochs": 5.0, "20 epochs": 20.0}
VARIATIONS = ("Mirror", "Shift", "Erase")
RATES = (0.0005, 0.001, 0.002, 0.004)


@dataclass(frozen=True)
class Choice:
    """What is to be trained on what.

    Attributes:
        config: All settings.
        own: The person's own pictures; None for those that come with Saccade.
        ready: Whether there is something to train on.
    """

    config: LiveConfig
    own: ClassPictures | None
    ready: bool

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of what is learned."""
        return self.own.classes if self.own else cached.shipped_facts()[2]


def show() -> Choice:
    """The controls in one row, rare ones in a popover, and what they amount to."""
    with st.container(border=True, key=f"{KEY}-choice"):
        family, layers = _network()
        own, ready = _pictures()
    wanted = st.session_state[BUDGET]
    vary = st.session_state[VARY]
    batch = st.session_state[BATCH]
    if own:
        batch = min(batch, len(own.train.labels))
    config = LiveConfig(
        variant=FAMILIES[family].format(layers),
        minutes=MINUTES.get(wanted, 0.0),
        epochs=EPOCHS.get(wanted, 0.0),
        batch=batch,
        learning_rate=st.session_state[RATE],
        mirror="Mirror" in vary,
        shift=4 * ("Shift" in vary),
        erase="Erase" in vary,
    )
    return Choice(config, own, ready)


def _network() -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        family = st.segmented_control(
            "Network", list(FAMILIES), default="CCT", required=True, key=FAMILY,
            persist_state="session",
            help="Three ways to make tokens and to read the answer off them.",
        )  # fmt: skip
        layers = st.segmented_control(
            "Layers", ["2", "4"], default="2", required=True, key=LAYERS,
            persist_state="session", help="Encoder blocks; two learn faster.",
        )  # fmt: skip
        st.segmented_control(
            "Pictures", [SHIPPED, OWN], default=SHIPPED, required=True, key=DATA,
            persist_state="session", help="Ten classes that come with Saccade, or your folders.",
        )  # fmt: skip
        st.select_slider(
            "Budget", [*MINUTES, *EPOCHS], value="5 min", key=BUDGET, width=260,
            persist_state="session",
            help="Time, or passes over the pictures. The learning rate falls to zero at its end.",
        )  # fmt: skip
        with st.popover("More", icon=":material/tune:", help="Batch, rate, variation"):
            _rare()
    return family, layers


def _rare() -> None:
    st.select_slider(
        "Batch", [32, 64, 128, 256], value=128, key=BATCH, persist_state="session",
        help="Pictures a step. Small ones give more steps in the same time, and noisier ones.",
    )  # fmt: skip
    st.select_slider(
        "Learning rate", RATES, value=0.002, key=RATE, persist_state="session",
        help="The highest one of AdamW, reached after 5 % of the budget; Muon's is five times it.",
    )  # fmt: skip
    st.pills(
        "Vary each picture", VARIATIONS, selection_mode="multi", default=VARIATIONS[:2], key=VARY,
        persist_state="session",
        help="Mirror half of them, shift by up to 4 pixels, erase a square in half of them.",
    )  # fmt: skip


def _pictures() -> tuple[ClassPictures | None, bool]:
    family = st.session_state[FAMILY]
    if st.session_state[DATA] == OWN:
        st.caption(f"**{family}** {MEANINGS[family]}")
        own = train_own.show()
        return own, own is not None
    learned, held, classes = cached.shipped_facts()
    st.caption(
        f"**{family}** {MEANINGS[family]} **{SHIPPED}** {learned:,} pictures of {len(classes)} "
        f"classes to learn from, {held:,} held out."
    )
    return None, True
