"""Telling views of the page on positions."""

from pages._ui.tries import Try

BOARD = (
    Try(
        label="A corner",
        question="Where does the corner find its opposite? Follow the diagonal with the pointer.",
        state={"positions-view": {"kind": "learned", "place": (0.01, 0.01)}},
    ),
    Try(
        label="A sequence, no grid",
        question="The 1-D sinusoid lights up a row. How alike are two patches above each other?",
        state={"positions-view": {"kind": "sinusoid"}},
    ),
    Try(
        label="With the shared part",
        question="As the paper draws it: why is nearly everything purple?",
        state={"positions-view": {"kind": "learned", "centred": False}},
    ),
)
WAVE = Try(
    label="Too few waves",
    question="4 channels, base 2. Which far position looks just like the amber one?",
    state={"waves-view": {"base": 2, "width": 4, "length": 196}},
)
SHAPE = Try(
    label="As many patches, another shape",
    question="7 × 28 is 196 as well. What does the old order do to it?",
    state={"positions-rows": 7, "positions-columns": 28},
)
SHUFFLE = Try(
    label="Shuffle the positions",
    question="Every patch says it is somewhere else. Does the answer stay?",
    state={"positions-kind": "shuffled"},
)
