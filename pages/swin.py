from functools import partial

from pages._ui import explain, frame, swin_steps, swin_tries, take, tries
from pages._ui.takes import swin as takes

header = frame.header("Swin", swin_steps.notice())
network = swin_steps.switch(
    header,
    words=(
        "token",
        "patch",
        "window",
        "shifted window",
        "stage",
        "patch merging",
        "channel",
        "query",
        "key",
        "score",
        "softmax",
        "mask",
        "relative position bias",
        "rollout",
        "principal component",
        "MAC",
    ),
)
swin_steps.show(network)
take.offer(header, partial(takes.view, swin_steps.LESSON.current(), network))
tries.show(swin_tries.suggestions())
explain.page(
    "swin",
    *swin_steps.code(network),
    values=swin_steps.values(network),
)
