"""“Try this” of the page “Training film”."""

from pages._ui.film_stage import ASKED
from pages._ui.tries import Try

FILM = (
    Try(
        label="The first per cent",
        question="How much of the accuracy is there after one per cent of the training, and "
        "which of the three pictures above has changed by then?",
        state={ASKED: {"share": 0.01, "axis": "log", "kernel": -1, "view": -1}},
    ),
    Try(
        label="Neighbourhoods",
        question="Positions begin as noise. From which moment on can you tell from a tile where "
        "its token lies in the picture?",
        state={ASKED: {"share": 0, "play": True, "axis": "log", "view": -1}},
    ),
    Try(
        label="A wrong turn",
        question="The answer changes on its way. What did the network take this for, and for how "
        "long?",
        sample="dog",
        state={ASKED: {"share": 0, "play": True, "axis": "log", "kernel": -1, "view": -1}},
    ),
    Try(
        label="Nothing it knows",
        question="A cup is none of its ten classes. Does more training make it less sure?",
        sample="coffee",
        state={ASKED: {"share": 0, "play": True, "axis": "log", "kernel": -1}},
    ),
)
