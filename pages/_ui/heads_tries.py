"""“Try this” of the page Heads: telling views of the step that is shown."""

from collections.abc import Mapping

from pages._ui import heads_ablate, heads_knockout, heads_lens, heads_norms
from pages._ui.heads_steps import LESSON
from pages._ui.lesson import KEY
from pages._ui.tries import Try


def _try(
    step: str, asked: str, label: str, question: str, view: Mapping[str, object], sample: str = ""
) -> Try:
    """A view of a step; `asked` is the entry of the session that the step reads it from."""
    state = {KEY: step, LESSON.went: True, asked: view}
    return Try(label=label, question=question, sample=sample or None, state=state)


def _ablate(label: str, question: str, sample: str, /, **view: object) -> Try:
    return _try("Ablate", heads_ablate.ASKED, label, question, view, sample)


def _lens(label: str, question: str, sample: str, /, **view: object) -> Try:
    return _try("Lens", heads_lens.ASKED, label, question, view, sample)


def _norms(label: str, question: str, sample: str, /, **view: object) -> Try:
    return _try("Norms", heads_norms.ASKED, label, question, view, sample)


def _knockout(label: str, question: str, sample: str, /, **view: object) -> Try:
    return _try("Knockout", heads_knockout.ASKED, label, question, view, sample)


TRIES: dict[str, tuple[Try, ...]] = {
    "Ablate": (
        _ablate(
            "The head it needs most",
            "Where does the head look without which the answer falls most?",
            "butterfly", best=True,
        ),
        _ablate(
            "The first attention off",
            "Without the first layer’s attention: what is left of the answer?",
            "butterfly", layer=0, branch=0,
        ),
        _ablate(
            "The last layer",
            "Are the heads next to the answer the ones that decide it?",
            "peacock", layer=-1, head=0,
        ),
    ),
    "Lens": (
        _lens(
            "When it makes up its mind",
            "In which layer does the final answer come first in the chart?",
            "butterfly", depth=-1, unit="share", mode="labels",
        ),
        _lens(
            "Before any layer",
            "Bare patches, read by a head that never saw any: do you trust this map?",
            "butterfly", depth=0, mode="labels",
        ),
        _lens(
            "Where is the butterfly",
            "Do the patches that are read as the answer lie on the animal?",
            "butterfly", depth=-1, mode="one",
        ),
    ),
    "Norms": (
        _norms(
            "Any registers?",
            "Is one patch far longer than all others, as in large networks?",
            "cat-close", depth=-2, factor=1.5, what="norms", scale="own",
        ),
        _norms(
            "The embedding",
            "Which patches are long before any layer has run: bright ones, or edges?",
            "butterfly", depth=0, factor=1.3, what="norms", scale="own",
        ),
        _norms(
            "Who is looked at",
            "Do long patches get more attention, or less?",
            "butterfly", depth=3, what="received",
        ),
    ),
    "Knockout": (
        _knockout(
            "Hide the head of the animal",
            "Nobody may read these patches. Does it cost more than as many random ones?",
            "butterfly", mode="paint", who="all", region=[0.3, 0.3, 0.7, 0.7], **{"from": 0}, to=-1,
        ),
        _knockout(
            "Only in the last layer",
            "The same patches, closed in the last layer alone. What had been read by then?",
            "butterfly", mode="paint", who="all", region=[0.3, 0.3, 0.7, 0.7],
            **{"from": -1}, to=-1,
        ),
        _knockout(
            "Every patch by itself",
            "Which single patch does the answer need?",
            "butterfly", mode="map", first=0,
        ),
    ),
}  # fmt: skip


def suggestions() -> tuple[Try, ...]:
    """What to try next in the step of this run."""
    return TRIES[LESSON.current()]
