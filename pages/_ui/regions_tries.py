"""“Try this” of the page “Regions”."""

from models.catalog import DEFAULT
from pages._ui.regions_stage import ASKED
from pages._ui.tries import Try

SUGGESTIONS = (
    Try(
        label="A jellyfish?",
        question="ViT-Nano calls this turtle a jellyfish. Here is the water alone; then choose "
        "“All but it”. Which of the two says so?",
        sample="turtle",
        network=DEFAULT,
        state={ASKED: {"way": "cut", "count": 2, "pinned": 0}},
    ),
    Try(
        label="One number a patch",
        question="The first cut comes from one number a patch. Where is it large, where near "
        "zero, and what do the further vectors find?",
        sample="coffee",
        state={ASKED: {"way": "cut", "count": 2, "vector": 0}},
    ),
    Try(
        label="The control",
        question="Three regions of colour, without any network. Choose “Cut”: what does the "
        "network put together that colour tears apart?",
        sample="butterfly",
        state={ASKED: {"way": "colours", "count": 3}},
    ),
    Try(
        label="Sixty per cent",
        question="In ViT-Nano’s layer 4 a sixth of the picture holds 60 % of the class token’s "
        "attention. Is it the burger? And in other layers, head by head?",
        sample="burger",
        network=DEFAULT,
        state={ASKED: {"way": "attention", "share": 0.6, "layer": 3, "chosen": True}},
    ),
)
