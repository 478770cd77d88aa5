from functools import partial

from pages._ui import (
    explain,
    frame,
    take,
    tries,
    why_choice,
    why_honesty,
    why_stage,
    why_tries,
    why_words,
)
from pages._ui.takes import why as takes

header = frame.header(
    "Why",
    "The map says which places counted for this answer. Drag the slider to erase those first, and "
    "see whether the answer falls faster than in a random order. Then ask for another class.",
    words=(
        "logit",
        "softmax",
        "attribution",
        "deletion",
        "insertion",
        "filling",
        "completeness",
        "infidelity",
        "sensitivity",
        "rank correlation",
    ),
)
stage = why_stage.show(why_choice.network())
take.offer(header, partial(takes.view, stage.choice))
tries.show(why_tries.TRIES)
why_honesty.show(stage.choice)
explain.page("why", *why_words.code(stage.choice), values=why_words.values(stage.choice))
why_stage.follow(stage)
