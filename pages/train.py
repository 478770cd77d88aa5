from functools import partial

from models.training import line, live, live_views, optimise
from pages._ui import (
    explain,
    frame,
    take,
    train_choice,
    train_kept,
    train_stage,
    train_tries,
    tries,
)
from pages._ui.takes import train as takes

header = frame.header(
    "Train",
    "Press Train: a network that knows nothing learns on this very machine, and you watch where "
    "it looks.",
    words=("epoch", "batch", "loss", "held-out", "augmentation", "sequence pooling", "Muon"),
)
choice = train_choice.show()
train_stage.show(choice)
take.offer(header, partial(takes.view, choice))
train_kept.show()
tries.show(train_tries.TRIES)
explain.page(
    "train",
    live.Training,
    live_views.look,
    live_views.varied,
    optimise.learning_rate,
    optimise.Kernels,
    line.Line,
    values=train_stage.values(choice),
)
