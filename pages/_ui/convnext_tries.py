"""“Try this” of the ConvNeXt page: telling views of its steps."""

from pages._ui.convnext_features import ASKED
from pages._ui.convnext_steps import LESSON
from pages._ui.lesson import KEY
from pages._ui.tries import Try

CONVNEXT = (
    Try(
        label="Ask the eye",
        question="Which channels answer at the cat’s eye more than elsewhere?",
        sample="cat-close",
        state={
            KEY: "Features",
            LESSON.went: True,
            ASKED: {"view": "channels", "sort": "here", "pinned": [0.36, 0.33]},
        },
    ),
    Try(
        label="What speaks for it",
        question="Sorted by what each adds to the answer: do the first lie on the animal?",
        sample="dog",
        state={
            KEY: "Features",
            LESSON.went: True,
            ASKED: {"view": "channels", "sort": "drive", "label": 0},
        },
    ),
    Try(
        label="Cut it into regions",
        question="At which number of regions does the bird stand alone?",
        sample="ibis",
        state={KEY: "Features", LESSON.went: True, ASKED: {"view": "regions", "count": 4}},
    ),
    Try(
        label="What is alike",
        question="Which places hold the same as this wing? Move on along the strip and look again.",
        sample="butterfly",
        state={
            KEY: "Features",
            LESSON.went: True,
            ASKED: {"view": "likeness", "pinned": [0.4, 0.35]},
        },
    ),
)


def suggestions() -> tuple[Try, ...]:
    """What to try next."""
    return CONVNEXT
