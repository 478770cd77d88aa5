from functools import partial

from pages._ui import explain, frame, heads_steps, heads_tries, take, tries
from pages._ui.takes import heads as takes

header = frame.header("Heads", heads_steps.notice())
network = heads_steps.switch(
    header,
    words=(
        "head",
        "class token",
        "logit",
        "ablation",
        "residual stream",
        "logit lens",
        "register",
        "attention knockout",
        "entropy",
    ),
)
heads_steps.show(network)
take.offer(header, partial(takes.view, heads_steps.LESSON.current(), network))
tries.show(heads_tries.suggestions())
explain.page("heads", *heads_steps.code(network), values=heads_steps.values(network))
