"""Step “Knockout” of the page Heads: patches that some tokens may no longer read."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from models.catalog import CATALOG
from pages._ui import controls, heads_choice, heads_run, tries
from pages._ui.cached import attribution
from pages._ui.cached import heads as cached
from pages._ui.cached import heads_tokens as tokens
from pages._ui.heads_ablate import heads_component
from viz_core import patch_frames
from viz_core.attribution import Target
from viz_core.heads import wire, wire_tokens
from viz_core.heads.wire_tokens import Blow, Reader
from viz_core.probe import fork, knockout

LOW, HIGH = 0.2, 0.8  # the middle that is painted at first: as `middle` in knockout.js
KEY, MAP = "heads-knockout", "heads-map"
ASKED = f"{KEY}-view"
NOTICE = (
    "Paint patches that nobody may read: what does the answer lose, and what if the same shape "
    "lies elsewhere?"
)
CODE = (knockout.cut, knockout.each_patch, knockout.elsewhere, fork.forked)
GLOBAL = "This step closes edges of global attention; {} looks inside windows. Choose a ViT."


# No fragment: what is asked in one waits until a run is over, and could not stop what takes long.
def show(network: str) -> None:
    """A picture to paint on, and the map of every patch.

    Args:
        network: Key of the catalog, of a network with heads and classes.
    """
    if "window attention" in CATALOG[network].views:
        st.info(GLOBAL.format(CATALOG[network].title))
        return
    picture, wanted = controls.picture(), heads_choice.asked(KEY)
    given = network, picture.key, picture.raw
    target = heads_choice.target(network, picture, wanted)
    grid, depth = attribution.shape(network).cells, len(cached.sizes(network))
    first = heads_choice.whole(wanted.get("first"), depth, 0)
    readers = [Reader("all", "Everybody"), Reader("painted", "Painted")]
    if cached.reads_class(network):
        readers.insert(0, Reader("class", "Class token"))
    message = wire_tokens.knockout(
        cached.subject(*given), target=target, grid=grid, first=first, readers=readers,
        blow=_blow(given, target, wanted, grid, depth),
    )  # fmt: skip
    heads_component(
        data=patch_frames.with_view(message, tries.asked(ASKED)), key=KEY,
        on_asked_change=heads_choice.unchanged,
    )  # fmt: skip
    _map(given, target, first, depth)


def _map(given: tuple[str, str, bytes], target: Target, first: int, depth: int) -> None:
    """What nobody reading a patch does, for every patch: it comes when it is computed."""
    patches = attribution.shape(given[0]).cells ** 2
    seconds = attribution.seconds(*given) * patches * (depth - first) / depth
    logits = heads_run.measured(
        MAP, ("map", *given[:2], first), seconds,
        f"Map of {patches} patches that nobody may read from layer {first + 1} on",
        lambda progress: tokens.each_patch(*given, first, progress),
    )  # fmt: skip
    if logits is not None:
        changes = wire.scores(logits, target) - wire.scores(attribution.logits(*given), target)
        message = wire_tokens.edges(
            cached.subject(*given), target=target, first=first, changes=changes
        )
        heads_component(data=message, key=MAP)


def _blow(
    given: tuple[str, str, bytes], target: Target, wanted: Mapping[str, Any], grid: int, depth: int
) -> Blow | None:
    """What the painted patches did, if they were painted on this very picture."""
    if wanted.get("subject") != cached.subject(*given).key:
        return None
    sources, readers, first, last = painted(given, wanted, grid, depth)
    if not sources or not readers:
        return None
    logits = tokens.cut(*given, sources, readers, first, last)
    found = wire.scores(logits, target) - wire.scores(attribution.logits(*given), target)
    return Blow(wanted, float(found[0]), [float(x) for x in found[1:]], logits[0])


def painted(
    given: tuple[str, str, bytes], wanted: Mapping[str, Any], grid: int, depth: int
) -> tuple[tuple[int, ...], tuple[int, ...], int, int]:
    """Tokens that are not read, tokens that may not read them, and first and last layer.

    Before anything is painted: the patches in the middle, closed to everybody everywhere.
    """
    ahead, everybody = cached.prefix(given[0]), tuple(range(cached.prefix(given[0]) + grid**2))
    if "sources" not in wanted:
        inside = [k for k in range(grid) if LOW <= (k + 0.5) / grid <= HIGH]
        middle = tuple(ahead + grid * row + column for row in inside for column in inside)
        return middle, everybody, 0, depth - 1
    some = {"class": (0,), "painted": _tokens(wanted.get("readers"), grid, ahead)}
    first = heads_choice.whole(wanted.get("from"), depth, 0)
    last = max(first, heads_choice.whole(wanted.get("to"), depth, depth - 1))
    readers = some.get(str(wanted.get("who")), everybody)
    return _tokens(wanted.get("sources"), grid, ahead), readers, first, last


def _tokens(places: object, grid: int, ahead: int) -> tuple[int, ...]:
    """Painted patches as tokens; what is no patch is left out."""
    if not isinstance(places, list):
        return ()
    known = {heads_choice.whole(place, grid**2, -1) for place in places} - {-1}
    return tuple(ahead + place for place in sorted(known))
