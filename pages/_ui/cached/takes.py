"""Arrays of views whose browser part is sent bytes: kept for those who take them with them.

At most one view each: a take is looked at for a moment. The largest, a block of Swin-B at 384
pixels, holds 40 MB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui import cached
from pages._ui.cached import swin

if TYPE_CHECKING:
    from viz_core.probe.pyramid import PyramidLook
    from viz_core.probe.swin import Opened, WindowLook
    from viz_core.probe.windowed import WindowedLook


@st.cache_resource(max_entries=1, show_spinner="Running the network")
def windowed(name: str, key: str, _raw: bytes) -> WindowedLook:
    """Attention of every block of a network of windows."""
    from viz_core.probe import windowed

    with cached.FORWARD:
        return windowed.attention(cached.network(name), swin.prepared(name, key, _raw).pixels)


@st.cache_resource(max_entries=1, show_spinner="Running the network")
def pyramid(name: str, key: str, _raw: bytes) -> PyramidLook:
    """The map of every stage of a Swin."""
    from viz_core.probe import pyramid

    with cached.FORWARD:
        return pyramid.look(cached.network(name), swin.prepared(name, key, _raw).pixels)


@st.cache_resource(max_entries=3, show_spinner="Running the network")
def masked(name: str, key: str, _raw: bytes, stage: int, block: int, opened: Opened) -> WindowLook:
    """A block of a Swin with no mask opened, its own, or all of them."""
    from viz_core.probe import swin as probe

    pixels = swin.prepared(name, key, _raw).pixels
    with cached.FORWARD:
        return probe.window_attention(cached.network(name), pixels, stage, block, opened)
