"""“Try this” of the ConvNeXt page: telling views of the step that is shown."""

from collections.abc import Mapping

from pages._ui import (
    convnext_blocks,
    convnext_features,
    convnext_field,
    convnext_kernels,
    convnext_road,
)
from pages._ui.convnext_steps import LESSON
from pages._ui.lesson import KEY
from pages._ui.tries import Try


def _try(
    step: str, asked: str, label: str, question: str, view: Mapping[str, object], sample: str = ""
) -> Try:
    """A view of a step; `asked` is the entry of the session that the step reads it from."""
    state = {KEY: step, LESSON.went: True, asked: view}
    return Try(label=label, question=question, sample=sample or None, state=state)


def _features(label: str, question: str, sample: str, /, **view: object) -> Try:
    return _try("Features", convnext_features.ASKED, label, question, view, sample)


def _kernels(label: str, question: str, /, **view: object) -> Try:
    return _try("Kernels", convnext_kernels.ASKED, label, question, view)


def _field(label: str, question: str, /, **view: object) -> Try:
    return _try("Field", convnext_field.ASKED, label, question, view)


def _road(label: str, question: str, /, **view: object) -> Try:
    return _try("Road", convnext_road.ASKED, label, question, view)


def _blocks(label: str, question: str, sample: str, /, **view: object) -> Try:
    return _try("Blocks", convnext_blocks.ASKED, label, question, view, sample)


TRIES: dict[str, tuple[Try, ...]] = {
    "Features": (
        _features(
            "Ask the eye",
            "Which channels answer at the cat’s eye more than elsewhere?",
            "cat-close", view="channels", sort="here", pinned=[0.36, 0.33],
        ),
        _features(
            "What speaks for it",
            "Sorted by what each adds to the answer: do the first lie on the animal?",
            "dog", view="channels", sort="drive", label=0,
        ),
        _features(
            "Cut it into regions",
            "At which number of regions does the bird stand alone?",
            "ibis", view="regions", count=4,
        ),
        _features(
            "What is alike",
            "Which places hold the same as this wing? Move on along the strip and look again.",
            "butterfly", view="likeness", pinned=[0.4, 0.35],
        ),
    ),
    "Kernels": (
        _kernels(
            "Only the middle",
            "All kernels cropped to 3 × 3: does the network still say the same?",
            size=3,
        ),
        _kernels(
            "On grey values",
            "What does this kernel make of plain brightness: an edge, a blur, a spot?",
            source="grey", size=7, stage=0, block=0,
        ),
        _kernels(
            "The last block",
            "Here the map is hardly larger than its kernels. What is left to look for?",
            source="own", size=7, last=True,
        ),
    ),
    "Field": (
        _field(
            "See it all",
            "At the end everything could matter. How much of the picture really does?",
            depth=convnext_field.STEPS,
        ),
        _field(
            "One block deep",
            "After one block Swin’s field has straight edges. Where do they come from?",
            depth=1, at=[3, 3],
        ),
        _field(
            "A corner",
            "Beyond the border there is nothing. Which way does the field grow?",
            depth=6, at=[0, 0],
        ),
        _field(
            "The mean of eight",
            "One picture’s field is ragged. What shape is left when eight are averaged?",
            depth=5, average=True,
        ),
    ),
    "Road": (
        _road(
            "One wide layer each",
            "Dense 3 × 3 kernels become depthwise: where did most of the multiply-adds go?",
            station="depthwise",
        ),
        _road(
            "Fewer activations",
            "Two of three activations go, and accuracy rises. What does the block resemble now?",
            station="one_activation",
        ),
        _road(
            "Where it ends",
            "The last step separates the stages. Is it still a ResNet? Play the road from there.",
            station="convnext_tiny",
        ),
    ),
    "Blocks": (
        _blocks(
            "Who looks around?",
            "Each block has one operation that sees its neighbours. Which is the cheapest?",
            "dog", side=7, kind="depthwise",
        ),
        _blocks(
            "Narrow or wide",
            "ResNet is narrow in the middle, ConvNeXt wide. Where do numbers turn to zero?",
            "cat-close", side=14, kind="activation",
        ),
    ),
}  # fmt: skip


def suggestions() -> tuple[Try, ...]:
    """What to try next in the step of this run."""
    return TRIES[LESSON.current()]
