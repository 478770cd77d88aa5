from functools import partial

from pages._ui import frame, ideas, parts, stage, take
from pages._ui.parts import Card
from pages._ui.takes import attention as takes

header = frame.header(
    "Look inside a vision transformer",
    "Move the pointer over the picture: each patch lights up the patches it takes from. "
    "Bring your own picture in the sidebar.",
    words=("token", "patch", "class token", "head"),
)
shown = stage.show(key="home")
take.offer(header, partial(takes.view, shown))
stage.prediction(shown)
frame.section("From the ground up", "Three chapters, each computed from your picture.")
parts.cards(
    Card(
        "Attention from zero",
        "Query, key, value, softmax: every number of a small attention, and yours to change.",
        "pages/zero.py",
    ),
    Card(
        "Patches and tokens",
        "Cut the picture, line up its patches, and break it: what does the network survive?",
        "pages/patches.py",
    ),
    Card(
        "Positions",
        "How a network that sees a bag of patches learns where each one was.",
        "pages/positions.py",
    ),
)
frame.section("Look inside", "What a trained network does with your picture.")
parts.cards(
    Card(
        "Swin, step by step",
        "Attention in shifted windows on your picture, then the pyramid, the mask and the bias.",
        "pages/swin.py",
    ),
    Card(
        "Attention, patch by patch",
        "Any patch, any layer, any head, on your own picture; two patches side by side.",
        "pages/attention.py",
        {"show": "Picture"},
    ),
    Card(
        "All heads at once",
        "Every head of every layer as a thumbnail: which ones look nearby, which ones everywhere?",
        "pages/attention.py",
        {"show": "All heads"},
    ),
    Card(
        "Who looks at whom",
        "The whole matrix beside the picture: point at a cell and see the two patches it joins.",
        "pages/attention.py",
        {"show": "Matrix"},
    ),
)
frame.section(
    "The map of ideas",
    "What led to what; violet is what you can touch here. Click a box to read the paper.",
)
ideas.show()
