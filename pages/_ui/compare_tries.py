"""Telling views of the page Compare, for each of its steps."""

from collections.abc import Sequence

from pages._ui import compare_match, compare_panels, compare_survive
from pages._ui.compare_panels import NONE, OWN, SAME
from pages._ui.compare_steps import LESSON
from pages._ui.tries import Try
from viz_core.transforms import TRANSFORMS

VIT, SWIN = "vit_nano_patch4_56", "swin_nano_patch2_window7_56"
CONVNEXT, RESNET = "convnext_nano_patch2_56", "resnet_nano_56"


def _panels(*chosen: tuple[str, str], of: str = SAME) -> dict[str, str]:
    """Values of the choosers: a network and a method for each panel."""
    shown = {f"n{k + 1}": NONE for k in range(compare_panels.MOST)}
    for k, (name, method) in enumerate(chosen, start=1):
        shown |= {f"n{k}": name, f"m{k}": method}
    return {**shown, "of": of}


PANELS = (
    Try(
        label="One network, four questions",
        question="Four methods ask one ViT about one cat. Do they agree more than four networks?",
        sample="cat",
        state=_panels(
            (VIT, "relevance"), (VIT, "gradient_rollout"), (VIT, "grad_cam"), (VIT, "saliency")
        ),
    ),
    Try(
        label="Cover a square",
        question="The same question to all: how far does the cup fall when a square is covered?",
        sample="coffee",
        state=_panels(
            (VIT, "occlusion"), (SWIN, "occlusion"), (CONVNEXT, "occlusion"),
            (RESNET, "occlusion"), of="cup or bottle",
        ),
    ),
    Try(
        label="The control",
        question="Rollout knows no class. How like it are the maps that do?",
        sample="cat",
        state=_panels(
            (VIT, "rollout"), (VIT, "relevance"), (SWIN, "rollout"), (SWIN, "grad_cam")
        ),
    ),
    Try(
        label="No word for it",
        question="Turtle is not among their classes. What does each go by, for its own answer?",
        sample="turtle",
        state=_panels(
            (VIT, "grad_cam"), (SWIN, "grad_cam"), (CONVNEXT, "grad_cam"),
            (RESNET, "grad_cam"), of=OWN,
        ),
    ),
)  # fmt: skip


def _dose(transform: str, dose: float) -> dict[str, object]:
    """The board at the dose nearest to one."""
    doses = TRANSFORMS[transform].doses
    at = min(range(len(doses)), key=lambda k: abs(doses[k] - dose))
    return {compare_survive.ASKED: {"transform": transform, "dose": at}}


SURVIVE = (
    Try(
        label="A quarter to the right",
        question="Convolutions use one kernel everywhere; a ViT learns places. Who changes first?",
        sample="cat",
        state=_dose("shift", 0.25),
    ),
    Try(
        label="A cup upside down",
        question="Whose first answer lasts at every angle, and is it the right one?",
        sample="coffee",
        state=_dose("rotation", 180),
    ),
    Try(
        label="In 196 pieces",
        question="Every piece is elsewhere. Whose first answer needs no arrangement?",
        sample="balloons",
        state=_dose("shuffle", 14),
    ),
    Try(
        label="Steady, or stuck?",
        question="Whose first answer lasts in any noise? Is that sight? Try another picture.",
        sample="butterfly",
        state=_dose("noise", 0.5),
    ),
)


def _match(other: str, **view: object) -> dict[str, object]:
    """The second picture and a view of both."""
    return {compare_match.OTHER: other, compare_match.ASKED: view}


MATCH = (
    Try(
        label="The same eye",
        question="The collage holds this very cat, moved. Does its eye find itself?",
        sample="cat",
        network=VIT,
        state=_match("cat-and-dog", layer=2, centred=True, lines=False, side=0, point=[0.46, 0.62]),
    ),
    Try(
        label="Another cat",
        question="Lines join patches that are each other’s nearest. Ear to ear, or place to place?",
        sample="cat",
        network=VIT,
        state=_match("cat-close", layer=4, centred=True, lines=True, side=0, point=[0.46, 0.62]),
    ),
    Try(
        label="Before the first block",
        question="Only colours, edges and positions so far. What does a patch of sky like?",
        sample="elephant",
        network=VIT,
        state=_match("rocket", layer=0, centred=True, lines=True, side=0, point=[0.1, 0.3]),
    ),
    Try(
        label="The shared part",
        question="Nothing taken off: the bird’s patches like all of their own picture. Why?",
        sample="peacock",
        network=VIT,
        state=_match("ibis", layer=-1, centred=False, lines=False, side=0, point=[0.4, 0.5]),
    ),
)

TRIES: dict[str, Sequence[Try]] = {"Panels": PANELS, "Survive": SURVIVE, "Match": MATCH}


def suggestions() -> Sequence[Try]:
    """Those of the step of this run."""
    return TRIES[LESSON.current()]
