"""“Try this” of the page Train: what to train against what."""

from pages._ui import train_choice
from pages._ui.tries import Try

TRIES = (
    Try(
        label="One minute of CCT",
        question="Which class does it learn first: one with a colour, or one with a shape?",
        state={train_choice.FAMILY: "CCT", train_choice.BUDGET: "1 min"},
    ),
    Try(
        label="The same minute, by patches",
        question="ViT-Lite cuts patches and knows nothing of pixels beside each other. How far?",
        state={train_choice.FAMILY: "ViT-Lite", train_choice.BUDGET: "1 min"},
    ),
    Try(
        label="Without variation",
        question="It sees the very same pictures again and again. Which curve gives that away?",
        state={train_choice.VARY: [], train_choice.BUDGET: "20 epochs"},
    ),
    Try(
        label="Too fast",
        question="The highest rate, the smallest batch: where does the loss jump?",
        state={train_choice.RATE: 0.004, train_choice.BATCH: 32, train_choice.BUDGET: "1 min"},
    ),
)
