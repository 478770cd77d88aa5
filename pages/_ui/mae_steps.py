"""The six steps of the MAE page: one at a time, with a switch in the header and a walk below."""

from collections.abc import Callable
from typing import Any, cast

from streamlit.delta_generator import DeltaGenerator

from models import mae as mae_model
from models.catalog import CATALOG
from pages._ui import (
    mae_cost,
    mae_guesses,
    mae_inside,
    mae_learning,
    mae_stage,
    mae_why,
    ready,
)
from pages._ui.lesson import Lesson, Step
from viz_core import inpaint, masking, reconstruction
from viz_core.probe import mae as probe

SHIPPED = "mae_nano_patch8_112"
LACKS = "does not paint hidden patches"


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
LESSON = Lesson("mae", STEPS)
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
    return ready.network_name(view="decoder attention", default=SHIPPED, lacks=LACKS)


def code() -> tuple[Callable[..., Any], ...]:
    """The functions that ran for the step of this run: the network's, then the step's own."""
    return tuple(dict.fromkeys((mae_model.MAE, mae_model.order_of, *LESSON.code())))


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
