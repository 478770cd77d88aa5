from functools import partial

from pages._ui import convnext_steps, convnext_tries, explain, frame, take, tries
from pages._ui.takes import convnext as takes

header = frame.header("ConvNeXt", convnext_steps.notice())
network = convnext_steps.switch(
    header,
    words=(
        "channel",
        "feature map",
        "stage",
        "kernel",
        "depthwise convolution",
        "inverted bottleneck",
        "receptive field",
        "layer norm",
        "principal component",
        "logit",
        "MAC",
    ),
)
convnext_steps.show(network)
take.offer(header, partial(takes.view, convnext_steps.LESSON.current(), network))
tries.show(convnext_tries.suggestions())
explain.page(
    "convnext",
    *convnext_steps.code(network),
    values=convnext_steps.values(network),
)
