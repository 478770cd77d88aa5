"""“Try this” of the page Heads: telling views of the step that is shown."""

from collections.abc import Mapping

from pages._ui import heads_ablate, heads_knockout, heads_lens, heads_norms
from pages._ui.heads_steps import LESSON
from pages._ui.lesson import KEY
from pages._ui.tries import Try

HEAD = [0.14, 0.35, 0.43, 0.72]  # of the ibis: top, left, bottom, right, in shares of the picture
VIT = "vit_nano_patch4_56"  # what all questions are about but those that hold for any network
ANY_NETWORK = (
    "Blind from the start", "Cat or dog?", "Any registers?", "The embedding",
    "Every patch by itself",
)  # fmt: skip


def _try(
    step: str, asked: str, label: str, question: str, view: Mapping[str, object], sample: str
) -> Try:
    """A view of a step; `asked` is the entry of the session that the step reads it from."""
    state = {KEY: step, LESSON.went: True, asked: view}
    network = None if label in ANY_NETWORK else VIT
    return Try(label=label, question=question, sample=sample, network=network, state=state)


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
            "One head carries it",
            "It is sure of these balloons, as a parachute. What is left without one early head?",
            "balloons", best=True,
        ),
        _ablate(
            "Blind from the start",
            "Without the first layer’s attention: what does it say, of this and any other picture?",
            "cat", layer=0, branch=0,
        ),
        _ablate(
            "A head that misleads",
            "It takes this dog for electronics. And without head 3 of the first layer?",
            "dog", layer=0, head=2,
        ),
        _ablate(
            "Cat or dog?",
            "Both are there. Which heads speak for the cat, which for the dog?",
            "cat-and-dog", label="cat", against="dog", best=True,
        ),
    ),
    "Lens": (
        _lens(
            "It changes its mind",
            "For four layers this temple is a bridge. What makes of it a building?",
            "temple", depth=5, mode="labels", unit="share",
        ),
        _lens(
            "Before any layer",
            "The class token has seen nothing yet. What does it say, of any picture?",
            "butterfly", depth=0, mode="labels", unit="share",
        ),
        _lens(
            "Where it sees a cat",
            "Half of the patches are read as the cat in the end. Are they those on it?",
            "cat", depth=-1, mode="one",
        ),
        _lens(
            "Everywhere a parachute",
            "Most patches agree on the wrong answer. Since which layer?",
            "balloons", depth=-1, mode="labels", unit="share",
        ),
    ),
    "Norms": (
        _norms(
            "Any registers?",
            "Is a patch far longer than the others, and does it lie on plain sky?",
            "balloons", depth=-1, factor=1.8, what="norms", scale="own",
        ),
        _norms(
            "The embedding",
            "Which patches are long before any layer has run: bright ones, or edges?",
            "butterfly", depth=0, factor=1.3, what="norms", scale="own",
        ),
        _norms(
            "Who is looked at",
            "One patch gets many times its share. Is it a long one?",
            "cat-close", depth=2, factor=1.3, what="received",
        ),
    ),
    "Knockout": (
        _knockout(
            "The bird’s head",
            "Twenty patches that nobody may read. Does their shape cost as much anywhere else?",
            "ibis", mode="paint", who="all", region=HEAD, **{"from": 0}, to=-1,
        ),
        _knockout(
            "The same, but later",
            "Closed from layer 4 on only. Why does it cost next to nothing any more?",
            "ibis", mode="paint", who="all", region=HEAD, **{"from": 3}, to=-1,
        ),
        _knockout(
            "In the way",
            "Nobody reads its body, and the network is surer of the butterfly. What confused it?",
            "butterfly", mode="paint", who="all", region=[0.28, 0.28, 0.58, 0.58],
            **{"from": 0}, to=-1,
        ),
        _knockout(
            "Every patch by itself",
            "Which single patch does the answer need, and which stands in its way?",
            "cat", mode="map", first=0,
        ),
    ),
}  # fmt: skip


def suggestions() -> tuple[Try, ...]:
    """What to try next in the step of this run."""
    return TRIES[LESSON.current()]
