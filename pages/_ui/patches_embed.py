"""Two sections on the patch embedding: that it is a convolution, and what it has learned."""

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import component, frame, parts
from pages._ui.cached import patches as cache
from pages._ui.patches_stage import Shown
from viz_core import images, patch_figures, patch_frames, patches

_filters = component.register("filters")
MOST = 200  # rows and columns of a matrix that a picture shows


def equality(shown: Shown) -> None:
    """Reshape + linear beside a strided convolution, to the digit."""
    with st.container(key="patches-reshape"):
        frame.section(
            "Reshape + linear = strided convolution",
            "Papers say “flatten each patch and multiply by a matrix”; code says "
            "“convolution with stride P”. Both run here on your picture. Look at the difference.",
        )
        _proof(shown)


@st.fragment
def _proof(shown: Shown) -> None:
    from viz_core.probe import patches as probe

    precision = st.segmented_control(
        "Precision of the difference map", ["float32", "float64"], default="float32",
        required=True, key="patches_precision", bind="query-params",
        help="Both run in both precisions; float32 is what the network uses.",
    )  # fmt: skip
    results = {
        kind: cache.both_ways(*shown.of, kind == "float64") for kind in ("float32", "float64")
    }
    gaps = {
        kind: patches.largest_difference(both.convolution, both.linear)
        for kind, both in results.items()
    }
    both = results[precision]
    top = float(np.quantile(np.abs(both.convolution), 0.98))
    tokens, width = both.linear.shape
    numbers = 3 * cache.ground(*shown.of).shape.patch ** 2
    cells = st.columns(3)
    cells[0].metric("Largest difference in float32", _power(gaps["float32"]), border=True)
    cells[1].metric("Largest difference in float64", _power(gaps["float64"]), border=True)
    cells[2].metric(
        "Largest value of the result", f"{np.abs(both.linear).max():.3g}", border=True,
        help=f"What is left is rounding: {numbers} products are added in another order.",
    )  # fmt: skip
    maps = st.columns(3, gap="medium")
    with maps[0]:
        _heat(both.convolution, top, "Strided convolution")
    with maps[1]:
        _heat(both.linear, top, "Reshape + linear")
    with maps[2]:
        _heat(both.convolution - both.linear, gaps[precision], f"Difference, {precision}")
    parts.note(
        f"Each map is the whole result: {tokens} tokens from left to right, the {width} numbers "
        f"of each from top to bottom{_selection(tokens, width)}. Brown −{top:.2g} and below, "
        f"violet {top:.2g} and above; the difference has its own scale, "
        f"±{_power(gaps[precision])}."
    )
    left, right = st.columns(2, gap="medium")
    left.code(inspect.getsource(probe.strided_convolution), language="python", wrap_lines=True)
    right.code(inspect.getsource(probe.reshape_and_linear), language="python", wrap_lines=True)


def _selection(tokens: int, width: int) -> str:
    return " (evenly spaced ones of them)" if max(tokens, width) > MOST else ""


def _power(value: float) -> str:
    """A small number as people write it: 3.58 × 10⁻⁷."""
    if not value:
        return "0, to the last bit"
    digits, exponent = f"{value:.2e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits} × 10{raised}"


def _heat(values: np.ndarray, top: float, caption: str) -> None:
    drawn = patch_figures.heat(values.T.astype(np.float64), top, most=MOST)
    st.image(
        images.encode_png(drawn), caption=caption, width="stretch", output_format="PNG",
        alt=caption,
    )  # fmt: skip


def filters(shown: Shown) -> None:
    """Principal components of the kernels, and the patches of this picture that answer them."""
    with st.container(key="patches-filters"):
        frame.section(
            "First-layer filters",
            "Colours, edges, stripes: what the matrix looks for in a patch. Point at a tile; the "
            "patches of your picture that answer it most are outlined.",
        )
        data = patch_frames.with_view(cache.filters(*shown.of), _asked())
        _filters(data=data, key="filters")
        title = CATALOG[shown.network].title
        held = 100 * float(cache.components(shown.network).shares.sum())
        st.caption(
            f"{title} has {cache.ground(*shown.of).shape.width} kernels; together these tiles "
            f"hold {held:.3g} % of their variance. A component and its negative are the same "
            "direction: the sign is chosen so that its largest entry is positive."
        )


def _asked() -> Mapping[str, Any]:
    """The component that a suggestion asked for; its serial grows with every click."""
    wanted = st.session_state.pop("patches_component", None)
    known = st.session_state.get("patches_component_asked", {"serial": 0, "component": 0})
    if wanted is not None:
        known = {"component": wanted, "serial": known["serial"] + 1}
        st.session_state.patches_component_asked = known
    return known if known["serial"] else {}
