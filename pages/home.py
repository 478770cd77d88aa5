from pages._ui import frame, parts, stage

frame.header(
    "Look inside a vision transformer",
    "Move the pointer over the picture: each patch lights up the patches it takes from, computed "
    "by the network beside it. Choose a sample, or bring your own picture, in the sidebar.",
)
stage.show(key="home")
parts.cards(
    {
        "Attention": (
            "pages/attention.py",
            "Every layer and head under the pointer, rollout with all its options, how far heads "
            "look and how widely they spread.",
        ),
    }
)
