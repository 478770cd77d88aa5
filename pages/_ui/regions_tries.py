"""“Try this” of the page “Regions”."""

from pages._ui.regions_stage import ASKED
from pages._ui.tries import Try

SUGGESTIONS = (
    Try(
        label="Two balloons",
        question="Two far-away patches, one region: what do the balloons share, and what is left "
        "of the answer without them?",
        sample="balloons",
        state={ASKED: {"way": "cut", "count": 2}},
    ),
    Try(
        label="The control",
        question="The same picture by its colours alone. What does the network add, and is it more "
        "than colour?",
        sample="butterfly",
        state={ASKED: {"way": "colours", "count": 3}},
    ),
    Try(
        label="One line of numbers",
        question="The whole first cut is one number a patch. Where is it near zero?",
        sample="coffee",
        state={ASKED: {"way": "cut", "count": 2, "vector": 0}},
    ),
    Try(
        label="What attention holds",
        question="How little of the picture holds 60 % of the class token’s attention, and is it "
        "the thing that is named?",
        sample="peacock",
        state={ASKED: {"way": "attention", "share": 0.6}},
    ),
)
