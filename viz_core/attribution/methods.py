"""What each method answers, when it misleads, and which networks it suits: data, no computation."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from viz_core.attribution import BASELINES, Settings

Resolution = Literal["pixels", "cells", "tokens"]
GLOBAL = frozenset({"global attention", "compact attention"})
ANY_ATTENTION = GLOBAL | {"window attention"}
MAPS = ANY_ATTENTION | {"block maps"}
# A backward pass in forward passes, where parameters need no gradient, by
# benchmarks.attribution_cost: 1.04 for a ViT-B/16, 1.3 for ViT-Nano with its narrow layers.
BACKWARD = 1.1


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the cost of a method depends on.

    Attributes:
        cells: Patches along one side of the picture; see `grid.side`.
        layers: Layers with attention; 0 for a network without.
        heads: Heads of a layer.
    """

    cells: int
    layers: int = 0
    heads: int = 0


Count = Callable[[Shape, Settings], float]


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to ask why.

    Attributes:
        name: Key in `METHODS` and in links.
        title: What people call it.
        answers: What it answers, in one plain sentence.
        misleads: When it misleads, in one plain sentence.
        source: Its paper.
        signed: Whether its map has values below 0.
        complete: Whether it promises that the map adds up to score - baseline.
        resolution: What a value of its map belongs to.
        extensive: Whether values are amounts, which add up when places are joined, or
            intensities, of which the mean is taken.
        unit: What a value is counted in.
        reads: Names of the `Settings` that it reads; the others change nothing.
        needs: Views of which a network must have one (`Entry.views`); empty if any network will do.
        forwards: Pictures that go through the network.
        backwards: Pictures whose gradient comes back; less than 1 where it ends on the way.
    """

    name: str
    title: str
    answers: str
    misleads: str
    source: str
    signed: bool
    resolution: Resolution
    extensive: bool
    unit: str
    forwards: Count
    backwards: Count
    complete: bool = False
    reads: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()

    def suits(self, views: Collection[str]) -> bool:
        """Whether a network with these views can be asked."""
        return not self.needs or bool(self.needs & set(views))

    def only(self, settings: Settings) -> Settings:
        """The settings with all that this method does not read as by default."""
        return Settings(**{name: getattr(settings, name) for name in self.reads})

    def passes(self, shape: Shape, settings: Settings) -> float:
        """Cost in forward passes of one picture, known before it runs."""
        return self.forwards(shape, settings) + BACKWARD * self.backwards(shape, settings)


def _one(shape: Shape, settings: Settings) -> float:
    return 1


def _none(shape: Shape, settings: Settings) -> float:
    return 0


def _last_layer(shape: Shape, settings: Settings) -> float:
    """Way back through the last of the layers; through the head alone where there are none."""
    return 1 / shape.layers if shape.layers else 0


def _windows(shape: Shape, settings: Settings) -> float:
    return 1 + max(shape.cells - settings.window + 1, 0) ** 2


_ALL = (
    Method(
        name="saliency",
        title="Saliency",
        answers="Which pixels would move the score most if they changed a little?",
        misleads="It says how steep the score is, not what made it: where the network is sure, "
        "the score can be flat.",
        source="Simonyan et al. 2014, arXiv:1312.6034",
        signed=False,
        resolution="pixels",
        extensive=False,
        unit="logit per unit of input",
        forwards=_one,
        backwards=_one,
    ),
    Method(
        name="input_x_gradient",
        title="Input × gradient",
        answers="How much would each pixel carry if the score were a straight line from grey "
        "through this picture?",
        misleads="The score is no straight line, and a pixel of the colour that the network "
        "counts as 0 gets nothing, whatever it shows.",
        source="Shrikumar et al. 2016, arXiv:1605.01713",
        signed=True,
        resolution="pixels",
        extensive=True,
        unit="logit",
        forwards=_one,
        backwards=_one,
    ),
    Method(
        name="integrated_gradients",
        title="Integrated gradients",
        answers="How does the score build up, pixel by pixel, while the picture fades in from a "
        "baseline?",
        misleads="It depends on the baseline: what looks like the baseline gets nothing, even "
        "where it matters.",
        source="Sundararajan et al. 2017, arXiv:1703.01365",
        signed=True,
        resolution="pixels",
        extensive=True,
        unit="logit",
        complete=True,
        reads=("baseline", "steps"),
        forwards=lambda shape, settings: settings.steps + 2,
        backwards=lambda shape, settings: settings.steps,
    ),
    Method(
        name="gradient_shap",
        title="GradientShap",
        answers="How does the score build up on the way from three baselines (grey, the mean "
        "colour, the blurred picture), at random points of the way?",
        misleads="It is an estimate by lot: few draws leave noise, and half-faded pictures are "
        "like nothing the network learned from.",
        source="Lundberg & Lee 2017, arXiv:1705.07874; Erion et al. 2021, arXiv:1906.10670",
        signed=True,
        resolution="pixels",
        extensive=True,
        unit="logit",
        complete=True,
        reads=("samples", "seed"),
        forwards=lambda shape, settings: settings.samples + len(BASELINES) + 1,
        backwards=lambda shape, settings: settings.samples,
    ),
    Method(
        name="occlusion",
        title="Occlusion",
        answers="How far does the score fall when a square of the picture is covered?",
        misleads="The cover is a strange object itself, and of two things that say the same, "
        "neither is missed.",
        source="Zeiler & Fergus 2014, arXiv:1311.2901",
        signed=True,
        resolution="cells",
        extensive=False,
        unit="logit",
        reads=("baseline", "window"),
        forwards=_windows,
        backwards=_none,
    ),
    Method(
        name="ablation",
        title="Cell by cell",
        answers="How far does the score fall when this cell alone is covered?",
        misleads="One small cell is rarely missed: its neighbours say the same, so a large object "
        "can look unimportant.",
        source="Kokhlikyan et al. 2020, arXiv:2009.07896 (feature ablation)",
        signed=True,
        resolution="cells",
        extensive=True,
        unit="logit",
        reads=("baseline",),
        forwards=lambda shape, settings: 1 + shape.cells**2,
        backwards=_none,
    ),
    Method(
        name="grad_cam",
        title="Grad-CAM",
        answers="Where on the last map are the channels that speak for this class?",
        misleads="It is coarse and reads only the end of the network, where a place may hold what "
        "was seen elsewhere.",
        source="Selvaraju et al. 2017, arXiv:1610.02391, without its ReLU",
        signed=True,
        resolution="tokens",
        extensive=True,
        unit="logit",
        needs=MAPS,
        forwards=_one,
        backwards=_last_layer,
    ),
    Method(
        name="rollout",
        title="Attention rollout",
        answers="Which patches does attention mix into what the head reads, whatever the class?",
        misleads="It does not know the class: it is the control that a map about a class has to "
        "beat.",
        source="Abnar & Zuidema 2020, arXiv:2005.00928",
        signed=False,
        resolution="tokens",
        extensive=True,
        unit="share",
        needs=ANY_ATTENTION,
        reads=("start",),
        forwards=_one,
        backwards=_none,
    ),
    Method(
        name="gradient_rollout",
        title="Gradient rollout",
        answers="What share of what the head reads comes from each patch, if only attention that "
        "raises this score counts?",
        misleads="Every row is brought back to 1, so weak and strong effects look alike, and what "
        "speaks against is left out.",
        source="Gildenblat 2020, github.com/jacobgil/vit-explain, mended",
        signed=False,
        resolution="tokens",
        extensive=True,
        unit="share",
        needs=GLOBAL,
        reads=("start",),
        forwards=_one,
        backwards=_one,
    ),
    Method(
        name="relevance",
        title="Relevance",
        answers="Which patches reach the head through attention that raises this score, added up "
        "over the layers?",
        misleads="It follows attention alone and keeps only what speaks for the class: MLPs, "
        "values and all that speaks against are left out.",
        source="Chefer, Gur & Wolf 2021, arXiv:2103.15679",
        signed=False,
        resolution="tokens",
        extensive=True,
        unit="relevance",
        needs=GLOBAL,
        reads=("start",),
        forwards=_one,
        backwards=_one,
    ),
    Method(
        name="attention_x_gradient",
        title="Attention × gradient",
        answers="How much does attention to each patch in the last layer add to the score, if the "
        "score is taken for a straight line?",
        misleads="It sees the last layer alone: by then a patch's token holds what earlier layers "
        "brought there from other patches.",
        source="First-order term, as in Chefer et al. 2021, arXiv:2103.15679, with its sign",
        signed=True,
        resolution="tokens",
        extensive=True,
        unit="logit",
        needs=GLOBAL,
        forwards=_one,
        backwards=_last_layer,
    ),
    Method(
        name="logit_lens",
        title="Logit lens",
        answers="What would the head say if it read each place alone?",
        misleads="A patch's token holds more than its patch, and where the head learned to read a "
        "class token, patches never learned to be read.",
        source="nostalgebraist 2020; for patches Vilas et al. 2023, arXiv:2310.18969",
        signed=True,
        resolution="tokens",
        extensive=False,
        unit="logit",
        needs=MAPS,
        reads=("layer",),
        forwards=_one,
        backwards=_none,
    ),
)

METHODS: dict[str, Method] = {method.name: method for method in _ALL}
