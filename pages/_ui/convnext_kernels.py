"""Step “Kernels” of the ConvNeXt page: every depthwise kernel, at work under the pointer."""

import streamlit as st

from models.catalog import CATALOG
from pages._ui import component, controls, tries
from pages._ui.cached import convnext, kernels
from viz_core import convolution, patch_frames
from viz_core.probe import kernels as probe

KEY = "convnext-kernels"
ASKED = f"{KEY}-view"
OWN, BESIDE = "convnext_nano_patch2_56", "resnet_nano_56"
NOTICE = (
    "Each small square is one kernel: what one channel looks for. Point at one, then move over "
    "its map: 49 products, one number."
)
CODE = (
    probe.inputs, convolution.depthwise, convolution.resized, probe.with_kernel, probe.outcomes,
    convolution.likeness,
)  # fmt: skip

_kernels = component.register("kernels")


def show(network: str) -> None:
    """The wall of kernels of a ConvNeXt; another network gives way to the shipped one.

    Args:
        network: Key of the catalog.
    """
    name = shown(network)
    if name != network:
        said = f"{CATALOG[network].title} has no depthwise kernels"
        if not convnext.here(OWN):
            st.info(f"{said}, and the weights of ConvNeXt-Nano are missing from assets/weights.")
            return
        st.caption(f"{said}: you see those of {CATALOG[OWN].title}, and both stems.")
    beside = BESIDE if name == OWN and BESIDE in CATALOG else None
    _stage(name, beside)


def shown(network: str) -> str:
    """The network whose kernels are shown: only a ConvNeXt has depthwise ones."""
    return network if CATALOG[network].architecture == "convnext" else OWN


@st.fragment
def _stage(name: str, beside: str | None) -> None:
    picture = controls.picture()
    message = kernels.banks(name, beside, picture.key, picture.raw)
    _kernels(data=patch_frames.with_view(message, tries.asked(ASKED)), key=KEY)
