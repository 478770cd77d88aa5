"""Step “Lens” of the page Heads: what the head would say if the network ended earlier."""

import streamlit as st

from models.catalog import CATALOG
from pages._ui import controls, heads_choice, tries
from pages._ui.cached import heads_tokens as tokens
from pages._ui.heads_ablate import heads_component
from viz_core import patch_frames
from viz_core.probe import lens

KEY = "heads-lens"
ASKED = f"{KEY}-view"
NOTICE = (
    "Move through the layers: the chart reads the answer as it forms, the picture reads every "
    "patch by itself. Point at one."
)
CODE = (lens.read,)


@st.fragment
def show(network: str) -> None:
    """Classes after every layer, of the token that is read and of every patch.

    Args:
        network: Key of the catalog, of a network with heads and classes.
    """
    picture = controls.picture()
    given = network, picture.key, picture.raw
    target = heads_choice.target(network, picture, heads_choice.asked(KEY))
    message = tokens.lens_frame(*given, target, how(network))
    heads_component(
        data=patch_frames.with_view(message, tries.asked(ASKED)), key=KEY,
        on_asked_change=heads_choice.unchanged,
    )  # fmt: skip


def how(network: str) -> str:
    """Which way of reading a network has: what the step says of it."""
    entry = CATALOG[network]
    config = entry.config
    if entry.architecture in ("swin", "swin_v2"):
        return "windows"
    if entry.architecture == "compact":
        return "pooled" if getattr(config, "seq_pool", False) else "compact class"
    return "average" if getattr(config, "pool", "class") == "average" else "class"
