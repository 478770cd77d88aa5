"""Step “Ablate” of the page Heads: every head taken away, one by one and together."""

from typing import TYPE_CHECKING

from pages._ui import component, controls, heads_choice, heads_run, tries
from pages._ui.cached import attribution
from pages._ui.cached import heads as cached
from pages._ui.cached.turns import shares
from viz_core import patch_frames
from viz_core.attribution import Target
from viz_core.probe import ablate, fork, gaze

if TYPE_CHECKING:
    from viz_core.probe.ablate import By

KEY, BELOW = "heads-ablate", "heads-together"
ASKED = f"{KEY}-view"
NOTICE = (
    "Each field is one head, and the answer without it: point at one to see where it looked. "
    "Then take many away at once."
)
CODE = (ablate.heads, ablate.branches, ablate.pairs, ablate.removed, fork.forked, gaze.look)

heads_component = component.register("heads")


# No fragment: what is asked in one waits until a run is over, and could not stop what takes long.
def show(network: str) -> None:
    """The map of all heads, then what many or two of them do together.

    Args:
        network: Key of the catalog, of a network with heads and classes.
    """
    picture, wanted = controls.picture(), heads_choice.asked(KEY)
    given = network, picture.key, picture.raw
    target = heads_choice.target(network, picture, wanted)
    by: By = "mean" if wanted.get("by") == "mean" else "zero"
    sizes = cached.sizes(network)
    once = attribution.seconds(*given)
    # A head of layer k of n leaves the layers before it as they are: they run once a batch.
    share = sum(heads * (len(sizes) - k) / len(sizes) for k, heads in enumerate(sizes))
    found = heads_run.measured(
        KEY, ("singles", *given[:2], by), once * (share + 2 * len(sizes)),
        f"{sum(sizes)} heads, each taken away once",
        lambda progress: cached.singles(*given, by, progress),
    )  # fmt: skip
    make = cached.unmeasured if found is None else cached.board
    message = make(*given, by, target)
    heads_component(
        data=patch_frames.with_view(message, tries.asked(ASKED)), key=KEY,
        on_asked_change=heads_choice.unchanged,
    )  # fmt: skip
    if found is None:
        return
    layer = heads_choice.whole(wanted.get("layer"), len(sizes), 0)
    if wanted.get("subject") != cached.subject(*given).key:
        layer = first_layer(*given, by, target)
    _together(given, by, target, layer, once)


def first_layer(name: str, key: str, raw: bytes, by: "By", target: Target) -> int:
    """Layer of the head without which the target falls most: the one that is shown first."""
    return cached.orders(name, key, raw, by, target)["helpful"][0][0]


def _together(
    given: tuple[str, str, bytes], by: "By", target: Target, layer: int, once: float
) -> None:
    sizes = cached.sizes(given[0])
    passes = 2 * len(cached.counts(given[0])) + cached.DRAWS * len(cached.sparse(given[0]))
    doubles = sizes[layer] * (sizes[layer] + 1) / 2 * (len(sizes) - layer) / len(sizes)

    def compute(progress: heads_run.Progress) -> bytes:
        most, last = shares(progress, 2)
        cached.curves(*given, by, target, most)
        cached.pairs(*given, by, layer, last)
        return cached.together(*given, by, target, layer)

    about = ("together", *given[:2], by, target)
    message = heads_run.measured(
        BELOW, about, once * (passes + doubles), "Heads taken away one after another", compute
    )
    if message is not None:
        heads_component(data=message, key=BELOW)
