from functools import partial

from pages._ui import chapters, frame, ideas, parts, stage, take
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
parts.cards(*chapters.GROUND)
frame.section("Look inside", "What a trained network does with your picture.")
parts.cards(*chapters.INSIDE)
frame.section("Ask why", "What counted for the answer, and how far to believe such a map.")
parts.cards(*chapters.WHY)
frame.section(
    "The map of ideas",
    "What led to what; violet is what you can touch here. Click a box to read the paper.",
)
ideas.show()
