from pages._ui import compare_steps, compare_tries, explain, frame, tries

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
tries.show(compare_tries.suggestions())
explain.page("compare", *compare_steps.code(), values=compare_steps.values(network))
