"""What does it cost: tokens, multiply-adds and memory against picture and patch size."""

from dataclasses import replace

import streamlit as st

from models.catalog import CATALOG
from pages._ui import frame
from pages._ui.cached import patches as cache
from pages._ui.patches_stage import Shown
from viz_core import macs, patch_figures, patches
from viz_core.macs import Shape
from viz_core.patch_figures import Quantity

SIDES = [56, 112, 224, 336, 448, 672, 896, 1344, 1792]
PATCHES = [1, 2, 4, 7, 8, 14, 16, 28, 32, 56]
COUNTS: dict[str, Quantity] = {"Everything": "total", "Attention": "attention"}


def show(shown: Shown) -> None:
    """The section with its sliders and charts."""
    with st.container(key="patches-cost"):
        frame.section(
            "What does it cost?",
            "Halve the patch and there are four times as many tokens, but sixteen times as many "
            "pairs. Drag the picture size to the right: the violet mark leaves the others.",
        )
        _lab(shown)


@st.fragment
def _lab(shown: Shown) -> None:
    own = cache.ground(*shown.of).shape
    options, left, right = st.columns([1.1, 1.5, 1.5], gap="medium")
    with options:
        shape, window, along = _options(own, shown.network)
        count = st.segmented_control(
            "Count", list(COUNTS), default="Everything", required=True, key="cost_count",
            persist_state="session",
            help="All multiply-adds of a forward pass, or those that grow with the pairs only.",
        )  # fmt: skip
    shapes, chosen = _shapes(shape, along)
    for place, quantity in ((left, COUNTS[count]), (right, "pattern_bytes")):
        figure = patch_figures.cost_curves(
            shapes, along=along.lower(), chosen=chosen, window=window, quantity=quantity
        )
        place.plotly_chart(figure, key=f"cost-{quantity}", config={"displayModeBar": False})
    _numbers(shape, window)
    st.plotly_chart(
        patch_figures.cost_parts(shape, window), key="cost-parts", config={"displayModeBar": False}
    )
    st.caption(
        "Counted exactly, checked against PyTorch's own counter; norms, activations and the "
        "softmax are left out. The teal line has steps where no whole number of windows covers the "
        "grid: it is padded. Windows and axes have no class token. An axial block holds two "
        "attentions with projections of their own, one along columns and one along rows. Memory "
        "is float32, all heads of all blocks of one picture at once, as when one trains or looks."
    )


def _options(own: Shape, network: str) -> tuple[Shape, int, str]:
    title = CATALOG[network].title
    side = st.select_slider(
        "Picture size", sorted({*SIDES, own.side}), value=own.side, key="cost_side",
        persist_state="session",
        format_func=lambda n: f"{n} px", help=f"{title} here gets {own.side} pixels.",
    )  # fmt: skip
    patch = st.select_slider(
        "Patch size", sorted({*PATCHES, own.patch}), value=own.patch, key="cost_patch",
        persist_state="session",
        format_func=lambda n: f"{n} px", help=f"{title} has patches of {own.patch} pixels.",
    )  # fmt: skip
    if side % patch:
        fits = -(-side // patch) * patch
        st.caption(f"{side} px do not divide into {patch}-px patches: counted at {fits} px.")
        side = fits
    with st.popover("Network and window", icon=":material/tune:", width="stretch"):
        width = st.slider(
            "Width", 32, 1280, own.width, 32, key=f"cost_width_{network}",
            persist_state="session",
            help="Numbers a token has; every head keeps its width.",
        )  # fmt: skip
        depth = st.slider(
            "Depth", 1, 32, own.depth, key=f"cost_depth_{network}", persist_state="session",
            help="Blocks of the network.",
        )  # fmt: skip
        window = st.slider(
            "Window", 2, 16, 7, key="cost_window", persist_state="session",
            help="Side of a window in patches; Swin has 7.",
        )  # fmt: skip
    along = st.segmented_control(
        "Along", ["Picture size", "Patch size"], default="Picture size", required=True,
        key="cost_along", persist_state="session",
        help="What the horizontal axis counts; the other stays as set above.",
    )  # fmt: skip
    heads = max(1, round(width * own.heads / own.width))
    return (
        replace(own, side=side, patch=patch, width=width, depth=depth, heads=heads),
        window,
        along,
    )


def _shapes(shape: Shape, along: str) -> tuple[dict[int, Shape], int]:
    if along == "Patch size":
        fitting = [size for size in patches.sizes(shape.side) if size <= shape.side // 2]
        return {n: replace(shape, patch=n) for n in {*fitting, shape.patch}}, shape.patch
    known = {*patch_figures.sides(shape.patch), shape.side}
    return {n: replace(shape, side=n) for n in known}, shape.side


def _numbers(shape: Shape, window: int) -> None:
    full = macs.cost(shape)
    least = macs.cost(shape, "window", window)
    cells = st.columns(4)
    cells[0].metric(
        "Tokens", f"{full.tokens:,}", border=True, help="Patches, class token and registers."
    )
    cells[1].metric("All multiply-adds", macs.readable(full.total, "MACs"), border=True)
    share = 100 * full.attention / full.total
    cells[2].metric(
        "Of them attention", f"{share:.3g}\u2009%", border=True, help="Scores and mixing of values."
    )
    cells[3].metric(
        "Attention weights", macs.readable(full.pattern_bytes, "B"),
        f"windows: {macs.readable(least.pattern_bytes, 'B')}", delta_color="off",
        delta_arrow="off", border=True,
    )  # fmt: skip
