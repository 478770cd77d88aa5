"""Step "Blocks" of the ConvNeXt page: three blocks side by side, two norms, two activations."""

import streamlit as st

from models import convnext as convnext_model
from models import resnet as resnet_model
from models import swin as swin_model
from pages._ui import component, controls, frame, tries
from pages._ui.cached import blocks
from viz_core import patch_frames
from viz_core.blocks import wire
from viz_core.probe import blocks as probe
from viz_core.probe import ledger

KEY = "convnext-blocks"
ASKED = f"{KEY}-view"
NOTICE = (
    "Three blocks drawn to one scale: wide at the ends, wide in the MLP, wide in the middle. "
    "Point at an operation to see what your picture becomes there."
)
CODE = (
    resnet_model.Bottleneck, swin_model.Block, convnext_model.Block, ledger.observe,
    probe.readings, probe.moments, probe.bent, wire.usual_blocks,
)  # fmt: skip

_blocks = component.register("blocks")


def show(network: str) -> None:
    """The blocks of all three networks, whichever is chosen.

    Args:
        network: Key of the catalog; the three networks are always the same.
    """
    del network
    absent = [name for name in blocks.NETWORKS if name not in blocks.here()]
    if absent:
        st.caption(f"Not on this machine, and left out here: {', '.join(absent)}.")
    if len(absent) == len(blocks.NETWORKS):
        return
    picture = controls.picture()
    with st.container(gap=None):
        message = blocks.columns(picture.key, picture.raw)
        _blocks(data=patch_frames.with_view(message, tries.asked(ASKED)), key=KEY)
    _below(picture)


@st.fragment
def _below(picture: controls.Picture) -> None:
    """Norms and activations: nothing here waits for the blocks above, nor they for it."""
    if {blocks.CONVNEXT, blocks.RESNET} & set(blocks.here()):
        frame.section(
            "Batch norm or layer norm",
            "The same numbers, normalised along different axes. Take pictures out of the batch: "
            "only batch norm notices.",
        )
        with st.container(gap=None):
            _blocks(data=blocks.norms(picture.key, picture.raw), key=f"{KEY}-norms")
    frame.section(
        "ReLU or GELU",
        "ReLU makes every negative number exactly zero, GELU almost none. Drag along the curve.",
    )
    with st.container(gap=None):
        _blocks(data=blocks.activations(picture.key, picture.raw), key=f"{KEY}-activations")
