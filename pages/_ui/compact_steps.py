"""The three steps of the page Compact: one at a time, a switch in the header and a walk below."""

from collections.abc import Callable
from typing import Any

from streamlit.delta_generator import DeltaGenerator

from models import compact as model
from pages._ui import compact_pooling, compact_tokens, compact_variants, ready
from pages._ui.cached import compact as cached
from pages._ui.lesson import Lesson, Step

SHIPPED = "cct_2_3x2_32"
LACKS = "is no compact transformer"

STEPS = {
    "Tokens": Step(compact_tokens.NOTICE, compact_tokens.show, compact_tokens.CODE),
    "Pooling": Step(compact_pooling.NOTICE, compact_pooling.show, compact_pooling.CODE),
    "Variants": Step(compact_variants.NOTICE, compact_variants.show, compact_variants.CODE),
}
LESSON = Lesson("compact", STEPS)
notice, show = LESSON.notice, LESSON.show


def switch(row: DeltaGenerator, words: tuple[str, ...]) -> str:
    """The switch in the header, the glossary beside it, and the network of all steps.

    Args:
        row: Place in the header.
        words: Terms of the glossary that the page uses.

    Returns:
        Key of the catalog.
    """
    LESSON.switch(row, words)
    return ready.network_name(view="sequence pooling", default=SHIPPED, lacks=LACKS)


def code() -> tuple[Callable[..., Any], ...]:
    """The functions that ran for the step of this run: the network's, then the step's own."""
    own = (model.Tokenizer, model.Block, model.Classifier)
    return tuple(dict.fromkeys((*own, *LESSON.code())))


def values(network: str) -> dict[str, str]:
    """What the formulas are filled in with: the CCT of the network's trio."""
    name = cached.trio(network)[-1]
    cfg = cached.config(name)
    edges = cached.edges(name)
    window = int((edges[:, 1] - edges[:, 0]).max())
    return {
        "network": cached.title(name),
        "side": str(cfg.image_size),
        "layers": str(cfg.conv_layers),
        "kernel": str(cfg.kernel),
        "sides": " → ".join(str(side) for side in (cfg.image_size, *cfg.sides(cfg.image_size))),
        "channels": " → ".join(str(count) for count in cfg.channels),
        "tokens": str(cfg.grid**2),
        "window": str(window),
        "pixels": str(window**2),
        "step": str(cfg.patch_size),
        "width": str(cfg.width),
        "depth": str(cfg.depth),
    }
