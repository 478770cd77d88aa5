"""The six steps of the Swin page: one at a time, with a switch in the header and a walk below."""

from collections.abc import Callable
from typing import Any

from streamlit.delta_generator import DeltaGenerator

from models import swin as swin_model
from models import swin_v2
from models.catalog import CATALOG
from pages._ui import (
    ready,
    swin_cost,
    swin_look,
    swin_mask,
    swin_pyramid,
    swin_relative,
    swin_windows,
)
from pages._ui.cached import pyramid, swin
from pages._ui.lesson import Lesson, Step
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
LESSON = Lesson("swin", STEPS)
notice, show = LESSON.notice, LESSON.show


def switch(row: DeltaGenerator, words: tuple[str, ...]) -> str:
    """The switch in the header, the glossary beside it, and the network that all steps show.

    Args:
        row: Place in the header.
        words: Terms of the glossary that the page uses.

    Returns:
        Key of the catalog.
    """
    LESSON.switch(row, words)
    return ready.network_name(view="window attention", default=swin_windows.SHIPPED)


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
        *LESSON.code(),
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
