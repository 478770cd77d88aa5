"""The five steps of the ConvNeXt page: one at a time, a switch in the header and a walk below."""

from collections.abc import Callable
from typing import Any, cast

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
    ready,
)
from pages._ui.cached import convnext
from pages._ui.lesson import Lesson, Step

SHIPPED = "convnext_nano_patch2_56"
LACKS = "is no convolutional network"


STEPS = {
    "Features": Step(convnext_features.NOTICE, convnext_features.show, convnext_features.CODE),
    "Kernels": Step(convnext_kernels.NOTICE, convnext_kernels.show, convnext_kernels.CODE),
    "Field": Step(convnext_field.NOTICE, convnext_field.show, convnext_field.CODE),
    "Road": Step(convnext_road.NOTICE, convnext_road.show, convnext_road.CODE),
    "Blocks": Step(convnext_blocks.NOTICE, convnext_blocks.show, convnext_blocks.CODE),
}
LESSON = Lesson("convnext", STEPS)
notice = LESSON.notice


def switch(row: DeltaGenerator, words: tuple[str, ...]) -> str:
    """The switch in the header, the glossary beside it, and the network that all steps show.

    Args:
        row: Place in the header.
        words: Terms of the glossary that the page uses.

    Returns:
        Key of the catalog.
    """
    LESSON.switch(row, words)
    return ready.network_name(view="feature maps", default=SHIPPED, lacks=LACKS)


def show(network: str) -> None:
    """The chosen step, and the way to the ones before and after it."""
    gone = f"The weights of {CATALOG[network].title} are missing from assets/weights."
    needless = LESSON.current() == "Road"  # it builds networks for their sizes alone
    LESSON.show(network, None if needless or convnext.here(network) else gone)


def code(network: str) -> tuple[Callable[..., Any], ...]:
    """The functions that ran for the step of this run: the network's, then the step's own."""
    own: tuple[Callable[..., Any], ...] = (convnext_model.Block, convnext_model.Stage)
    if CATALOG[network].architecture == "resnet":
        own = (resnet_model.Bottleneck,)
    return tuple(dict.fromkeys((*own, *LESSON.code())))


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
