"""The five steps of the ConvNeXt page: one at a time, a switch in the header and a walk below."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import convnext as convnext_model
from models import resnet as resnet_model
from models.catalog import CATALOG
from pages._ui import (
    convnext_blocks,
    convnext_features,
    convnext_field,
    convnext_kernels,
    convnext_road,
    explain,
    ready,
)
from pages._ui.cached import convnext

KEY = "step"
WENT = "convnext-went"  # the next run starts at the top of the page
SHIPPED = "convnext_nano_patch2_56"
LACKS = "is no convolutional network"


@dataclass(frozen=True)
class Step:
    """One view of the page.

    Attributes:
        notice: What to notice, and what to do first.
        show: Draws it for a network of the catalog.
        code: What it runs besides the network.
    """

    notice: str
    show: Callable[[str], None]
    code: tuple[Callable[..., Any], ...]


STEPS = {
    "Features": Step(convnext_features.NOTICE, convnext_features.show, convnext_features.CODE),
    "Kernels": Step(convnext_kernels.NOTICE, convnext_kernels.show, convnext_kernels.CODE),
    "Field": Step(convnext_field.NOTICE, convnext_field.show, convnext_field.CODE),
    "Road": Step(convnext_road.NOTICE, convnext_road.show, convnext_road.CODE),
    "Blocks": Step(convnext_blocks.NOTICE, convnext_blocks.show, convnext_blocks.CODE),
}
NAMES = list(STEPS)
FIRST = NAMES[0]


def current() -> str:
    """The step of this run: what was chosen, or what the link asks for."""
    wanted = st.session_state.get(KEY) or st.query_params.get(KEY)
    return wanted if wanted in STEPS else FIRST


def notice() -> str:
    """What to notice in the step of this run."""
    return STEPS[current()].notice


def switch(row: DeltaGenerator, words: tuple[str, ...]) -> str:
    """The switch in the header, the glossary beside it, and the network that all steps show.

    Args:
        row: Place in the header.
        words: Terms of the glossary that the page uses.

    Returns:
        Key of the catalog.
    """
    with row:
        st.segmented_control(
            "Step",
            NAMES,
            default=FIRST,
            required=True,
            key=KEY,
            bind="query-params",
            label_visibility="collapsed",
            wrap=True,
            help="Five views of the same network, in the order of a lesson.",
        )
        explain.words(*words)
    return ready.network_name(view="feature maps", default=SHIPPED, lacks=LACKS)


def show(network: str) -> None:
    """The chosen step, and the way to the ones before and after it."""
    name = current()
    with st.container(key="convnext-step"):
        if convnext.here(network):
            STEPS[name].show(network)
        else:
            st.info(f"The weights of {CATALOG[network].title} are missing from assets/weights.")
    _walk(name, network)


def _walk(name: str, network: str) -> None:
    at = NAMES.index(name)
    with st.container(horizontal=True, vertical_alignment="center", key="convnext-walk"):
        st.button(
            "Back", key="convnext-back", on_click=_go, args=(NAMES[max(0, at - 1)],),
            disabled=not at, icon=":material/arrow_back:", help="The step before this one.",
        )  # fmt: skip
        following = NAMES[(at + 1) % len(NAMES)]
        last = at + 1 == len(NAMES)
        st.button(
            "From the start" if last else f"Next: {following}", key="convnext-next", on_click=_go,
            args=(following,), type="primary", icon=":material/arrow_forward:",
            icon_position="right", help="The next step of the walk.",
        )  # fmt: skip
        st.caption(f"Step {at + 1} of {len(NAMES)}. The page’s network: {CATALOG[network].title}.")
    if st.session_state.pop(WENT, False):
        st.html(TO_THE_TOP, unsafe_allow_javascript=True)


TO_THE_TOP = """<script>
document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
</script>"""


def _go(name: str) -> None:
    st.session_state[KEY] = name
    st.session_state[WENT] = True


def code(network: str) -> tuple[Callable[..., Any], ...]:
    """The functions that ran for the step of this run: the network's, then the step's own."""
    own: tuple[Callable[..., Any], ...] = (convnext_model.Block, convnext_model.Stage)
    if CATALOG[network].architecture == "resnet":
        own = (resnet_model.Bottleneck,)
    return tuple(dict.fromkeys((*own, *STEPS[current()].code)))


def values(network: str) -> dict[str, str]:
    """What the text is filled in with; its formulas are those of a ConvNeXt, whatever is shown."""
    entry = CATALOG[network]
    shown = network if entry.architecture == "convnext" else SHIPPED
    config = cast(Any, CATALOG[shown].config)
    stages, kernel, width = range(len(config.depths)), config.kernel, config.width_of(0)
    looks = f"A **depthwise** kernel of {kernel} × {kernel} lets each channel look around by itself"
    if shown != network:
        looks = "Its 3 × 3 kernels look around and mix channels at once; ConvNeXt’s look by channel"
    return {
        "network": entry.title,
        "looks": looks,
        "convnext": CATALOG[shown].title,
        "depths": ", ".join(str(depth) for depth in config.depths),
        "widths": " → ".join(str(config.width_of(stage)) for stage in stages),
        "sides": " → ".join(str(config.side_of(stage)) for stage in stages),
        "patch": str(config.patch_size),
        "kernel": str(kernel),
        "width": str(width),
        "wide": str(4 * width),
        "dense": f"{width * width * kernel**2:,}".replace(",", "\u2009"),
        "depthwise": f"{width * kernel**2:,}".replace(",", "\u2009"),
    }
