from pages._ui import compact_steps, compact_tries, explain, frame, tries

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
tries.show(compact_tries.suggestions())
explain.page("compact", *compact_steps.code(), values=compact_steps.values(network))
