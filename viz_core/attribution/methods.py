"""What each method answers, when it misleads, and which networks it suits: data, no computation."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from viz_core.attribution import Settings

Resolution = Literal["pixels", "cells", "tokens"]
GLOBAL = frozenset({"global attention", "compact attention"})


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
        needs: Views of which a network must have one (`Entry.views`); empty if any network will do.
        passes: Cost in forward passes of one picture, known before it runs.
    """

    name: str
    title: str
    answers: str
    misleads: str
    source: str
    signed: bool
    resolution: Resolution
    passes: Callable[[Shape, Settings], float]
    complete: bool = False
    needs: frozenset[str] = frozenset()

    def suits(self, views: Collection[str]) -> bool:
        """Whether a network with these views can be asked."""
        return not self.needs or bool(self.needs & set(views))


_ALL = (
    Method(
        name="saliency",
        title="Saliency",
        answers="Which pixels would move the score most if they changed a little?",
        misleads="It says how steep the score is, not what made it: a sure answer is flat there.",
        source="Simonyan et al. 2014, arXiv:1312.6034",
        signed=False,
        resolution="pixels",
        passes=lambda shape, settings: 2.1,
    ),
)

METHODS: dict[str, Method] = {method.name: method for method in _ALL}
