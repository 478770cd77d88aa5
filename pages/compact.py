from functools import partial

from pages._ui import compact_steps, compact_tries, explain, frame, take, tries
from pages._ui.takes import compact as takes

header = frame.header("Compact", compact_steps.notice())
network = compact_steps.switch(
    header,
    words=(
        "token",
        "patch",
        "convolutional tokenizer",
        "kernel",
        "channel",
        "max pooling",
        "receptive field",
        "class token",
        "sequence pooling",
        "inductive bias",
        "logit",
        "MAC",
    ),
)
compact_steps.show(network)
take.offer(header, partial(takes.view, compact_steps.LESSON.current(), network))
tries.show(compact_tries.suggestions())
explain.page("compact", *compact_steps.code(), values=compact_steps.values(network))
