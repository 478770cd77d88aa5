"""The road from ResNet-50 to ConvNeXt-T: its stations, and the reasons for each step.

Accuracies and GFLOPs are the authors' and come with `models.road`: nothing of that is measured
here. The reasons follow Liu et al. 2022, "A ConvNet for the 2020s", arXiv:2201.03545, section 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SOURCE = "Liu et al. 2022, arXiv:2201.03545, table 10"
SWIN_TINY = (81.30, 4.50)  # top-1 in percent, GFLOPs: the last row of table 10


@dataclass(frozen=True)
class Note:
    """What is said of a station besides its numbers.

    Attributes:
        short: Its name in at most ten letters.
        section: Section of the paper.
        why: What the step is for, or what came of it.
    """

    short: str
    section: str
    why: str


NOTES = {
    "resnet50": Note("ResNet-50", "2", "Trained for 90 epochs, the way of 2015."),
    "recipe": Note(
        "recipe", "2.1",
        "The largest step of all hardly changes a layer: much of a transformer's lead was its "
        "training.",
    ),
    "stage_ratio": Note("3·3·9·3", "2.2", "Most of the work moves to the third stage."),
    "patchify": Note(
        "patchify", "2.2", "Patches that do not overlap, as a ViT cuts them, are no worse."
    ),
    "depthwise": Note(
        "depthwise", "2.3",
        "Like attention, it mixes over places and over channels apart. Cheap, and it loses "
        "accuracy.",
    ),
    "width": Note(
        "width 96", "2.3", "What the depthwise convolution saved is spent on channels."
    ),
    "inverted": Note(
        "inverted", "2.4",
        "A transformer's MLP has this form. It costs less: what enters and leaves a stage is "
        "narrow.",
    ),
    "moved_up": Note(
        "dw first", "2.5",
        "Attention comes before the MLP too. A step back that makes large kernels cheap.",
    ),
    "kernel_5": Note("5 × 5", "2.5", "Larger kernels help, and cost next to nothing."),
    "kernel_7": Note("7 × 7", "2.5", "Here the gain ends."),
    "kernel_9": Note("9 × 9", "2.5", "Tried and left: no better than 7 × 7."),
    "kernel_11": Note(
        "11 × 11", "2.5", "Tried and left: no better than 7 × 7, to which the road returns."
    ),
    "gelu": Note("GELU", "2.6", "Transformers use it; accuracy stays as it was."),
    "one_activation": Note(
        "1 GELU", "2.6", "A transformer's block has one, in its MLP. Now it is level with Swin-T."
    ),
    "one_norm": Note(
        "1 norm", "2.6", "Fewer norms than a transformer's block has, and past Swin-T."
    ),
    "layer_norm": Note(
        "LN", "2.6", "In a plain ResNet this costs accuracy; in this block it does no harm."
    ),
    "convnext_tiny": Note(
        "ConvNeXt-T", "2.6",
        "Until now the first block of a stage did it on the side. The added norms keep training "
        "stable.",
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Station:
    """One network on the road.

    Attributes:
        key: Its name in `models.road`.
        title: What the paper calls the step.
        told: What is different from the step before.
        top1: The paper's top-1 accuracy in percent.
        std: Its standard deviation over three seeds; None where the paper gives none.
        gflops: The paper's GFLOPs: 10^9 multiply-adds.
        kept: Whether the road goes on from here; the others are tries at its side.
        remark: What a reader of the numbers has to know.
    """

    key: str
    title: str
    told: str
    top1: float
    std: float | None
    gflops: float
    kept: bool
    remark: str

    @property
    def note(self) -> Note:
        """Short name, section and reason."""
        return NOTES[self.key]


def before(stations: Sequence[Station], at: int) -> int | None:
    """Index of the station that a station was reached from; None for the first.

    A kernel follows the next smaller one; everything else the last station that was kept.

    Args:
        stations: The road.
        at: Index of the station.

    Raises:
        IndexError: If there is no such station.
    """
    if not 0 <= at < len(stations):
        raise IndexError(f"no station {at} on a road of {len(stations)}")
    if stations[at].key.startswith("kernel"):
        return at - 1
    kept = [i for i in range(at) if stations[i].kept]
    return kept[-1] if kept else None


def gain(stations: Sequence[Station], at: int) -> float | None:
    """Points of top-1 that a step won or lost in the paper; None at the start.

    Raises:
        IndexError: If there is no such station.
    """
    origin = before(stations, at)
    return None if origin is None else round(stations[at].top1 - stations[origin].top1, 2)
