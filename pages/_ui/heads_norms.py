"""Step “Norms” of the page Heads: how long every token is, and which ones stand out."""

import streamlit as st

from pages._ui import controls, heads_choice, tries
from pages._ui.cached import heads_tokens as tokens
from pages._ui.heads_ablate import heads_component
from viz_core import patch_frames
from viz_core.probe import lens, norms

KEY = "heads-norms"
ASKED = f"{KEY}-view"
NOTICE = (
    "Length of every token after every layer. Large networks keep a few far longer than the rest: "
    "does this one?"
)
CODE = (norms.measure, norms.received, norms.outliers, lens.read)


@st.fragment
def show(network: str) -> None:
    """Norms as maps and as a distribution, with the tokens that stand out.

    Args:
        network: Key of the catalog, of a network with heads.
    """
    picture = controls.picture()
    given = network, picture.key, picture.raw
    target = heads_choice.target(network, picture, heads_choice.asked(KEY))
    message = tokens.norms_frame(*given, target)
    heads_component(
        data=patch_frames.with_view(message, tries.asked(ASKED)), key=KEY,
        on_asked_change=heads_choice.unchanged,
    )  # fmt: skip
