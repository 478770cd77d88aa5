"""“Try this” of the page Compact."""

from collections.abc import Mapping
from typing import Any

from pages._ui import compact_pooling, compact_tokens
from pages._ui.compact_steps import LESSON
from pages._ui.lesson import KEY
from pages._ui.tries import Try


def _at(step: str, **views: Mapping[str, Any]) -> dict[str, Any]:
    return {KEY: step, LESSON.went: True, **views}


COMPACT = (
    Try(
        label="Edges before tokens",
        question="The first convolution of CCT sees 3 pixels. Which maps draw the outline?",
        sample="dog",
        state=_at(
            "Tokens", **{compact_tokens.ASKED: {"network": "CCT", "step": 0, "channel": True}}
        ),
    ),
    Try(
        label="Half a patch to the side",
        question="Two pixels are half a patch. Whose tokens change least? Drag further.",
        sample="taxis",
        state=_at("Tokens", **{compact_tokens.SHIFT_ASKED: {"right": 2, "down": 0}}),
    ),
    Try(
        label="What the answer hangs on",
        question="Leave out places one by one: is there one that decides the answer?",
        sample="elephant",
        state=_at("Pooling", **{compact_pooling.ASKED: {"map": "without"}}),
    ),
    Try(
        label="A thing it has no word for",
        question="Burger is none of their ten words. What do they say, and where do they read?",
        sample="burger",
        state=_at("Pooling", **{compact_pooling.ASKED: {"map": "weights"}}),
    ),
)


def suggestions() -> tuple[Try, ...]:
    """What to try next, in any step."""
    return COMPACT
