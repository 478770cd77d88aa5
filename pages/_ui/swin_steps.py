"""The six steps of the Swin page: one at a time, with a switch in the header and a walk below."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import swin as swin_model
from models import swin_v2
from models.catalog import CATALOG
from pages._ui import (
    explain,
    ready,
    swin_cost,
    swin_look,
    swin_mask,
    swin_pyramid,
    swin_relative,
    swin_windows,
)
from pages._ui.cached import pyramid, swin
from viz_core import (
    macs,
    relative_position,
    swin_clock,
    swin_macs,
    window_mask,
    window_rollout,
    windows,
)
from viz_core.probe import bias as bias_probe
from viz_core.probe import pyramid as pyramid_probe
from viz_core.probe import swin as mask_probe
from viz_core.probe import windowed
from viz_core.pyramid import features, wire
from viz_core.relative import tables

KEY = "step"
WENT = "swin-went"  # the next run starts at the top of the page


@dataclass(frozen=True)
class Step:
    """One view of the page.

    Attributes:
        notice: What to notice, and what to do first.
        show: Draws it for a network of the catalog.
        code: What it runs besides the network.
    """

    notice: str
    show: Callable[[str | None], None]
    code: tuple[Callable[..., Any], ...]


STEPS = {
    "Attention": Step(
        "Attention in windows, on your picture: point at a patch, then change block and head.",
        swin_look.show,
        (windowed.attention, windows.members, window_rollout.rollout_row),
    ),
    "Pyramid": Step(
        "Four tokens become one from stage to stage: fewer tokens, more channels. Point at a map "
        "and see what merged into that token.",
        swin_pyramid.show,
        (pyramid_probe.look, wire.slices, features.principal_colours, swin_macs.stages),
    ),
    "Windows": Step(
        "Shifting cuts 4 windows into 9 pieces. Rolled by the same shift, the pieces fill 4 "
        "windows again: press play, drag the window.",
        swin_windows.show,
        (mask_probe.layouts, windows.rolled, windows.members),
    ),
    "Mask": Step(
        "What the roll brought together must not meet: −100 keeps it apart. Switch the mask off "
        "and watch attention leak.",
        swin_mask.show,
        (mask_probe.window_attention, mask_probe.ragged_proof, window_mask.ragged_ids),
    ),
    "Bias": Step(
        "Attention has no sense of place: one learned number for every offset gives it one.",
        swin_relative.show,
        (
            relative_position.offsets,
            relative_position.index,
            relative_position.bias,
            relative_position.key_from_query,
            relative_position.raised,
            relative_position.scaled,
            tables.altered,
            bias_probe.run,
        ),
    ),
    "Cost": Step(
        "Windows make attention linear in the number of tokens. Drag the map to the right: violet "
        "climbs twice as steeply as teal.",
        swin_cost.show,
        (
            windows.msa_macs,
            windows.window_msa_macs,
            swin_macs.total,
            swin_clock.slope,
            pyramid_probe.fastest,
        ),
    ),
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
    return ready.network_name(view="window attention", default=swin_windows.SHIPPED)


def show(network: str) -> None:
    """The chosen step, and the way to the ones before and after it."""
    name = current()
    with st.container(key="swin-step"):
        STEPS[name].show(network)
    _walk(name, network)


def _walk(name: str, network: str) -> None:
    at = NAMES.index(name)
    with st.container(horizontal=True, vertical_alignment="center", key="swin-walk"):
        st.button(
            "Back", key="swin-back", on_click=_go, args=(NAMES[max(0, at - 1)],), disabled=not at,
            icon=":material/arrow_back:", help="The step before this one.",
        )  # fmt: skip
        following = NAMES[(at + 1) % len(NAMES)]
        last = at + 1 == len(NAMES)
        st.button(
            "From the start" if last else f"Next: {following}", key="swin-next", on_click=_go,
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


def code(network: str) -> tuple[Callable[..., Any], ...]:
    """The functions that ran for the step of this run: the network's, then the step's own."""
    second = CATALOG[network].architecture == "swin_v2"
    own = swin_v2 if second else swin_model
    return (
        own.Attention,
        own.Block,
        own.PatchMerging,
        swin_model.region_ids,
        swin_model.shift_mask,
        swin_model.relative_position_index,
        *STEPS[current()].code,
    )


def values(network: str) -> dict[str, str]:
    """What the formulas of the page are filled in with."""
    shape, stages = pyramid.shape(network), swin_macs.stages(pyramid.shape(network))
    first, last = stages[0], stages[-1]
    cuts = swin.layouts(network)
    shifted = max((cut.shift for stage in cuts for cut in stage), default=0)
    side, width, window = first.grid, first.width, first.window
    return {
        "network": CATALOG[network].title,
        "stages": str(len(stages)),
        "sides": " → ".join(str(stage.grid) for stage in stages),
        "widths": " → ".join(str(stage.width) for stage in stages),
        "window": str(window),
        "area": str(window**2),
        "shift": str(shifted),
        "offsets": str(2 * window - 1),
        "table": str((2 * window - 1) ** 2),
        "head_width": str(width // first.heads),
        "side": str(side),
        "width": str(width),
        "full": wire.short(windows.msa_macs(side, side, width)),
        "cut": wire.short(windows.window_msa_macs(side, side, width, window)),
        "total": macs.readable(swin_macs.total(shape), "MACs"),
        "weights": macs.readable(swin_macs.parameters(shape), "weights"),
        "last_side": str(last.grid),
        "last_pixels": str(shape.patch * 2 ** (len(stages) - 1)),
        **swin_relative.values(network),
    }
