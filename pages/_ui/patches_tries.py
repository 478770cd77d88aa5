"""“Try this” of the patches chapter."""

from pages._ui.patches_stage import EVERY_PIXEL
from pages._ui.tries import Try

TRIES = (
    Try(
        label="Four patches",
        question="Four words for a whole picture: what could attention still compare?",
        state={"patches_view": {"grid": 2, "time": 1, "scroll": "top"}},
    ),
    Try(
        label="Every pixel a token",
        question="Nothing is lost now. How long is the sequence, and what would it cost?",
        state={
            "patches_view": {"grid": EVERY_PIXEL, "time": 0.7, "scroll": "top"},
            "cost_patch": 1,
            "cost_along": "Patch size",
        },
    ),
    Try(
        label="A stripe detector",
        question="Component 2 is a light stripe between dark ones. Where are they in the fur?",
        sample="cat-close",
        state={"patches_component": 1, "patches_view": {"scroll": "filters"}},
    ),
    Try(
        label="A large photograph",
        question="At 1792 pixels, what share of the work is attention? And with windows?",
        state={
            "patches_view": {"scroll": "cost"},
            "cost_side": 1792,
            "cost_along": "Picture size",
            "cost_count": "Everything",
        },
    ),
)
