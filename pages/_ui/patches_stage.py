"""The stage of the patches chapter: the picture cut into a sequence, and the ribbon of shapes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from models.catalog import CATALOG, DEFAULT
from pages._ui import component, controls, ready
from pages._ui.cached import patches as cache
from viz_core import macs, patch_frames

_cutter = component.register("cutter")
_ribbon = component.register("ribbon")
EVERY_PIXEL = "every pixel"
LACKS = "does not keep one sequence of patches"


@dataclass(frozen=True)
class Shown:
    """What the chapter is about right now.

    Attributes:
        network: Key of the catalog.
        key: SHA-256 of the picture.
        raw: Its bytes.
    """

    network: str
    key: str
    raw: bytes

    @property
    def of(self) -> tuple[str, str, bytes]:
        """Arguments of the chapter's caches."""
        return self.network, self.key, self.raw


def show() -> Shown:
    """Mount the stage for the chosen picture and network."""
    from models.tensorfile import WeightsError

    name, picture = ready.network_name("tokens", lacks=LACKS), controls.picture()
    if CATALOG[name].architecture != "vit":
        st.caption(f"{CATALOG[name].title} {LACKS}: you see {CATALOG[DEFAULT].title} here.")
        name = DEFAULT
    shown = Shown(name, picture.key, picture.raw)
    try:
        message = cache.cutter(*shown.of)
    except WeightsError as problem:
        st.error(str(problem))
        st.stop()
    with st.container(key="patches-top"):
        _cutter(data=patch_frames.with_view(message, _asked(shown)), key="cutter")
    return shown


def ribbon(shown: Shown) -> None:
    """Every tensor between picture and logits with its shape; each station opens its chapter."""
    _ribbon(data=cache.ribbon(*shown.of), key="ribbon")


def _asked(shown: Shown) -> Mapping[str, Any]:
    """A view that a suggestion asked for; its serial grows with every click."""
    wanted = st.session_state.pop("patches_view", None)
    known = st.session_state.get("patches_asked", {"serial": 0})
    if wanted is not None:
        known = {**wanted, "serial": known["serial"] + 1}
        if known.get("grid") == EVERY_PIXEL:
            known["grid"] = cache.ground(*shown.of).shape.side
        st.session_state.patches_asked = known
    return known if known["serial"] else {}


def values(shown: Shown) -> dict[str, str]:
    """Numbers of this view for the text of the page."""
    base = cache.ground(*shown.of)
    shape = base.shape
    cost = macs.cost(shape)
    return {
        "network": CATALOG[shown.network].title,
        "side": str(shape.side),
        "patch": str(shape.patch),
        "grid": str(base.grid),
        "patches": str(base.grid**2),
        "numbers": str(3 * shape.patch**2),
        "width": str(shape.width),
        "prefix": str(shape.prefix),
        "tokens": str(cost.tokens),
        "depth": str(shape.depth),
        "heads": str(shape.heads),
        "macs": macs.readable(cost.total, "MACs"),
        "attention_macs": macs.readable(cost.attention, "MACs"),
        "pattern": macs.readable(cost.pattern_bytes, "B"),
    }
