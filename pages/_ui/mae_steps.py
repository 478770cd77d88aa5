"""The six steps of the MAE page: one at a time, with a switch in the header and a walk below."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import mae as mae_model
from models.catalog import CATALOG
from pages._ui import (
    explain,
    mae_cost,
    mae_guesses,
    mae_inside,
    mae_learning,
    mae_stage,
    mae_why,
    ready,
)
from viz_core import inpaint, masking, reconstruction
from viz_core.probe import mae as probe

KEY = "step"
WENT = "mae-went"  # the next run starts at the top of the page
SHIPPED = "mae_nano_patch8_112"
LACKS = "does not paint hidden patches"


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
    "Hide": Step(
        "Hide patches of your picture, and a network paints them back. Drag over it.",
        mae_stage.show,
        (
            masking.random,
            masking.block,
            masking.regular,
            probe.predict_float,
            inpaint.harmonic,
            reconstruction.score,
        ),
    ),
    "Why 75 %": Step(mae_why.NOTICE, mae_why.show, mae_why.CODE),
    "Cost": Step(mae_cost.NOTICE, mae_cost.show, mae_cost.CODE),
    "Inside": Step(mae_inside.NOTICE, mae_inside.show, mae_inside.CODE),
    "Guesses": Step(mae_guesses.NOTICE, mae_guesses.show, mae_guesses.CODE),
    "Learning": Step(mae_learning.NOTICE, mae_learning.show, mae_learning.CODE),
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
            help="Six views of the same network, in the order of a lesson.",
        )
        explain.words(*words)
    return ready.network_name(view="decoder attention", default=SHIPPED, lacks=LACKS)


def show(network: str) -> None:
    """The chosen step, and the way to the ones before and after it."""
    name = current()
    with st.container(key="mae-step"):
        STEPS[name].show(network)
    _walk(name, network)


def _walk(name: str, network: str) -> None:
    at = NAMES.index(name)
    with st.container(horizontal=True, vertical_alignment="center", key="mae-walk"):
        st.button(
            "Back", key="mae-back", on_click=_go, args=(NAMES[max(0, at - 1)],), disabled=not at,
            icon=":material/arrow_back:", help="The step before this one.",
        )  # fmt: skip
        following = NAMES[(at + 1) % len(NAMES)]
        last = at + 1 == len(NAMES)
        st.button(
            "From the start" if last else f"Next: {following}", key="mae-next", on_click=_go,
            args=(following,), type="primary", icon=":material/arrow_forward:",
            icon_position="right", help="The next step of the walk.",
        )  # fmt: skip
        st.caption(f"Step {at + 1} of {len(NAMES)}. You see {CATALOG[network].title}.")
    if st.session_state.pop(WENT, False):
        st.html(TO_THE_TOP, unsafe_allow_javascript=True)


TO_THE_TOP = """<script>
document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 });
</script>"""


def _go(name: str) -> None:
    st.session_state[KEY] = name
    st.session_state[WENT] = True


def code() -> tuple[Callable[..., Any], ...]:
    """The functions that ran for the step of this run: the network's, then the step's own."""
    return tuple(dict.fromkeys((mae_model.MAE, mae_model.order_of, *STEPS[current()].code)))


def values(network: str) -> dict[str, str]:
    """What the formulas of the page are filled in with."""
    config = cast(Any, CATALOG[network].config)
    patches = config.grid**2
    visible = masking.visible_count(patches, 0.75)
    trained = (
        "This network was trained so, and what you see is given the **true** mean and deviation "
        "of each hidden patch, which leaks the target."
        if config.norm_pix
        else "This network was trained on plain pixels: nothing of a hidden patch reaches it."
    )
    return {
        "network": CATALOG[network].title,
        "side": str(config.image_size),
        "patch": str(config.patch_size),
        "grid": str(config.grid),
        "patches": str(patches),
        "visible": str(visible),
        "hidden": str(patches - visible),
        "numbers": str(3 * config.patch_size**2),
        "width": str(config.width),
        "depth": str(config.depth),
        "decoder_width": str(config.decoder_width),
        "decoder_depth": str(config.decoder_depth),
        "trained": trained,
    }
