"""What the start page leads to: a card a view."""

from pages._ui.parts import Card

GROUND = (
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

INSIDE = (
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

WHY = (
    Card(
        "Why this class",
        "Twelve ways to ask what counted, each put to the test: erase it and see the answer fall.",
        "pages/why.py",
    ),
    Card(
        "Models side by side",
        "Four networks under one pointer, what each survives, and which tokens match.",
        "pages/compare.py",
    ),
    Card(
        "Head by head",
        "Take a head away, read the answer layer by layer, close attention between patches.",
        "pages/heads.py",
    ),
    Card(
        "Regions",
        "Tokens fall into regions although nobody showed the network an outline.",
        "pages/regions.py",
    ),
)
