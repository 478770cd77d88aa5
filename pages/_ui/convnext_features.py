"""Step “Features” of the ConvNeXt page: every channel on the picture, and who excites it."""

import time

import streamlit as st

from models.catalog import CATALOG
from pages._ui import component, controls, samples, tries
from pages._ui.cached import convnext
from viz_core import clusters, feature_maps, patch_frames
from viz_core.probe import conv
from viz_core.pyramid import features

ASKED = "convnext-features-view"
KEY = "convnext-channels"
NOTICE = (
    "Every small map is one channel: point at one to lay it over the picture. Then click the "
    "picture to ask what answers there."
)
CODE = (
    conv.look,
    feature_maps.quantised,
    feature_maps.drive,
    feature_maps.peaks,
    features.principal_colours,
    clusters.groupings,
    clusters.silhouette,
)
# What stands beside the page's network at the same picture size.
OTHERS = {
    "convnext_nano_patch2_56": "ConvNeXt",
    "resnet_nano_56": "ResNet",
    "swin_nano_patch2_window7_56": "Swin",
    "vit_nano_patch4_56": "ViT",
}
PATIENCE = 0.4  # seconds before progress is shown

_channels = component.register("channels")


@st.fragment
def show(network: str) -> None:
    """The wall of a network, or of another one on the same picture, and the gallery's answers.

    Args:
        network: Key of the catalog.
    """
    picture, state = controls.picture(), st.session_state.get(KEY, {})
    networks = _networks(network)
    name = state.get("network") if state.get("network") in networks else network
    stage, block = state.get("inside") or (0, 0)
    inside = (0, 0) if convnext.complete(name) else (int(stage), int(block))
    message = convnext.wall(name, picture.key, picture.raw, inside)
    view = {**tries.asked(ASKED), "networks": list(networks.items()), "network": name}
    _channels(
        data=patch_frames.with_view(message, view), key=KEY,
        on_inside_change=_unchanged, on_network_change=_unchanged,
    )  # fmt: skip
    _gallery(name)


def _networks(network: str) -> dict[str, str]:
    """What can be shown on the same picture, by key: the page's network, then others."""
    own = {network: CATALOG[network].title.removesuffix(" at 56 px")}
    return own | {
        key: name for key, name in OTHERS.items() if key != network and convnext.here(key)
    }


def _unchanged() -> None:
    """Streamlit keeps a component's state only where somebody listens to it."""


def _gallery(name: str) -> None:
    """What excites each channel most: computed once a network, with progress if it takes long."""
    bar, began = None, time.monotonic()
    place = st.empty()
    for k, sample in enumerate(samples.SAMPLES):
        convnext.answer(name, sample)
        if time.monotonic() - began > PATIENCE:
            bar = bar or place.progress(0.0)
            share = (k + 1) / len(samples.SAMPLES)
            bar.progress(share, f"Showing the network the gallery: {sample}")
    place.empty()
    _channels(data=convnext.gallery(name), key="convnext-gallery")
