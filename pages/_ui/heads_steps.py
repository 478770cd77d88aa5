"""The four steps of the page Heads: one at a time, a switch in the header and a walk below."""

from collections.abc import Callable
from typing import Any, cast

from streamlit.delta_generator import DeltaGenerator

from models import compact, swin, vit
from models.catalog import CATALOG
from pages._ui import heads_ablate, heads_choice, heads_knockout, heads_lens, heads_norms
from pages._ui.cached import heads as cached
from pages._ui.lesson import Lesson, Step

STEPS = {
    "Ablate": Step(heads_ablate.NOTICE, heads_ablate.show, heads_ablate.CODE),
    "Lens": Step(heads_lens.NOTICE, heads_lens.show, heads_lens.CODE),
    "Norms": Step(heads_norms.NOTICE, heads_norms.show, heads_norms.CODE),
    "Knockout": Step(heads_knockout.NOTICE, heads_knockout.show, heads_knockout.CODE),
}
LESSON = Lesson("heads", STEPS)
notice = LESSON.notice
BLOCKS: dict[str, Callable[..., Any]] = {
    "vit": vit.Attention, "swin": swin.Attention, "compact": compact.Attention
}  # fmt: skip


def switch(row: DeltaGenerator, words: tuple[str, ...]) -> str:
    """The switch in the header, the glossary beside it, and the network that the step shows.

    Args:
        row: Place in the header.
        words: Terms of the glossary that the page uses.

    Returns:
        Key of the catalog.
    """
    LESSON.switch(row, words)
    return heads_choice.network(classes=LESSON.current() != "Norms")


def show(network: str) -> None:
    """The chosen step, and the way to the ones before and after it."""
    gone = f"The weights of {CATALOG[network].title} are missing from assets/weights."
    LESSON.show(network, None if cached.here(network) else gone)


def code(network: str) -> tuple[Callable[..., Any], ...]:
    """The functions that ran for the step of this run."""
    own = BLOCKS.get(CATALOG[network].architecture)
    return (*LESSON.code(), *((own,) if own else ()))


def values(network: str) -> dict[str, str]:
    """What the text is filled in with."""
    sizes = cached.sizes(network)
    config = cast(Any, CATALOG[network].config)
    width = config.width if isinstance(config.width, int) else 0
    return {
        "network": CATALOG[network].title,
        "layers": str(len(sizes)),
        "heads": str(sum(sizes)),
        "width": str(width),
        "head_width": str(width // sizes[0]),
    }
