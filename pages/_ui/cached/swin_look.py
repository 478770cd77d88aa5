"""One picture through a network of windows, and its frames for the canvas."""

import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached
from pages._ui.cached import swin
from viz_core import images
from viz_core.canvas import wire
from viz_core.canvas.wire_windows import pack_windowed

DISPLAY_PIXELS = 896  # side of the picture for the browser


@st.cache_resource(max_entries=3, show_spinner="Running the network")
def frame(name: str, key: str, _raw: bytes) -> bytes:
    """One forward pass in the canvas's wire format; what it recorded is not kept.

    0.4 MB for the shipped network, 2.4 MB for Swin-T, 42 MB for Swin-B at 384 pixels.
    """
    from viz_core.probe import windowed

    model, seen = cached.network(name), swin.prepared(name, key, _raw)
    with cached.FORWARD:
        look = windowed.attention(model, seen.pixels)
    height, width = seen.crop.shape[:2]
    return pack_windowed(
        look.blocks,
        picture_jpeg=images.encode_jpeg(seen.crop, side=DISPLAY_PIXELS),
        picture_size=(width, height),
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def opening(name: str) -> int:
    """The block to open with: the first shifted one whose windows meet at the picture's corners.

    Its four windows are few enough to take in at a glance; a network without a shift opens with
    its first block.
    """
    cuts = [cut for stage in swin.layouts(name) for cut in stage]
    shifted = [k for k, cut in enumerate(cuts) if cut.shift]
    few = [k for k in shifted if cuts[k].windows == (2, 2)]
    return (few or shifted or [0])[0]


@st.cache_resource(max_entries=2, show_spinner=False)
def beside(name: str, other: str, key: str, _raw: bytes) -> bytes:
    """A network of windows beside one of global attention, each with the crop that it sees."""
    frames = [frame(name, key, _raw), cached.frame(other, key, _raw)]
    return wire.pack_compare(frames, [CATALOG[name].title, CATALOG[other].title])
