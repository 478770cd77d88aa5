"""What the text of the page “Regions” is filled in with, and the functions behind it."""

from collections.abc import Callable
from typing import Any

from models.catalog import CATALOG
from pages._ui import controls
from pages._ui.cached import regions
from viz_core import attention, clusters, cuts
from viz_core import regions as numbers
from viz_core.probe import tokens

CODE: tuple[Callable[..., Any], ...] = (
    tokens.look, clusters.groupings, clusters.silhouettes, cuts.affinity, cuts.spectrum,
    cuts.bipartition, cuts.division, attention.mass_mask, numbers.adjusted_rand, numbers.matched,
    numbers.apart,
)  # fmt: skip


def values(network: str | None) -> dict[str, str]:
    """The numbers of this view for the text of the page."""
    if network is None:
        return {"network": "The network", "places": "all", "prefers": "some", "alike": "–"}
    picture = controls.picture()
    at = network, picture.key, picture.raw
    by_tokens, by_colours = regions.grouped(*at)
    last, level = by_tokens[-1], regions.look(*at).levels[-1]
    control = by_colours[level.grid]
    alike = "–"
    if last.counts and control.counts:
        likeness = numbers.adjusted_rand(last.labels[0], control.labels[0])
        alike = f"{round(likeness, 2) + 0.0:.2f}".replace("-", "−")  # + 0.0: no minus at zero
    best = last.counts[last.whole.index(max(last.whole))] if last.counts else 1
    return {
        "network": CATALOG[network].title,
        "places": f"{level.grid[0]} × {level.grid[1]}",
        "prefers": str(best),
        "alike": alike,
    }
