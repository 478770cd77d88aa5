"""“Try this” of the Swin page: one view in each of four steps, and those of the bias."""

from pages._ui import swin_cost, swin_mask, swin_pyramid, swin_relative
from pages._ui.lesson import KEY
from pages._ui.swin_steps import LESSON
from pages._ui.tries import Try

SWIN = (
    Try(
        label="Swin beside ViT",
        question="The same place in both: which of the two looks at the other animal?",
        sample="cat-and-dog",
        state={KEY: "Attention", LESSON.went: True, "swin-look-show": "Beside ViT"},
    ),
    Try(
        label="The eye in the pyramid",
        question="How many numbers does the last stage keep of the cat’s eye?",
        sample="cat-close",
        state={
            KEY: "Pyramid",
            LESSON.went: True,
            swin_pyramid.ASKED: {"shown": "colours", "place": [0.3, 0.35], "from": 0},
        },
    ),
    Try(
        label="Without the mask",
        question="The mask is off: whose attention crosses the seam, and does the answer change?",
        sample="taxis",
        state={KEY: "Mask", LESSON.went: True, swin_mask.ASKED: {"run": "all", "matrix": "mask"}},
    ),
    Try(
        label="A large picture",
        question="A photo of 512 pixels has 128 × 128 tokens. What would global attention cost?",
        state={
            KEY: "Cost",
            LESSON.went: True,
            swin_cost.ASKED: {"side": 128, "window": 7, "width": 96},
        },
    ),
)


def suggestions() -> tuple[Try, ...]:
    """What to try next: in the step of the bias its own, elsewhere across the steps."""
    return swin_relative.TRIES if LESSON.current() == "Bias" else SWIN
