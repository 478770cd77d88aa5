from pages._ui import frame, parts, stage

frame.header(
    "Look inside a vision transformer",
    "Move the pointer over the picture: each patch lights up the patches it takes from. "
    "Bring your own picture in the sidebar.",
)
shown = stage.show(key="home")
stage.prediction(shown)
parts.cards(
    parts.Card(
        "Attention, patch by patch",
        "Any patch, any layer, any head, on your own picture; two patches side by side.",
        "pages/attention.py",
        {"show": "Picture"},
    ),
    parts.Card(
        "All heads at once",
        "Every head of every layer as a thumbnail: which ones look nearby, which ones everywhere?",
        "pages/attention.py",
        {"show": "All heads"},
    ),
    parts.Card(
        "Who looks at whom",
        "The whole matrix beside the picture: point at a cell and see the two patches it joins.",
        "pages/attention.py",
        {"show": "Matrix"},
    ),
)
