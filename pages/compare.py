from functools import partial

from pages._ui import compare_steps, compare_tries, explain, frame, take, tries
from pages._ui.takes import compare as takes

header = frame.header("Compare", compare_steps.notice())
network = compare_steps.switch(
    header,
    words=(
        "attribution",
        "rank correlation",
        "rollout",
        "logit",
        "token",
        "patch",
        "inductive bias",
        "cosine similarity",
        "shared part",
        "mutual nearest neighbours",
    ),
)
compare_steps.show(network)
take.offer(header, partial(takes.view, compare_steps.LESSON.current(), network))
tries.show(compare_tries.suggestions())
explain.page("compare", *compare_steps.code(), values=compare_steps.values(network))
