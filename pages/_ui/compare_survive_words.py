"""What sweeps say in words: numbers of this picture, and what each architecture builds in."""

from collections.abc import Mapping

import streamlit as st

from models.catalog import CATALOG
from pages._ui.cached import compare
from viz_core.compare import wire
from viz_core.compare.steady import Sweep
from viz_core.transforms import TRANSFORMS

# What an architecture assumes before it learns: see the sources in assets/text/compare.md.
BUILT_IN = {
    "vit": "patches; every patch sees every other; where they lie is learned",
    "swin": "neighbours first: windows, and positions relative to each other",
    "swin_v2": "neighbours first: windows, and positions relative to each other",
    "convnext": "neighbours first: one kernel for all places",
    "resnet": "neighbours first: one kernel for all places",
    "compact": "overlapping convolutions, then every token sees every other",
}


def show(found: Mapping[str, Mapping[str, Sweep]]) -> None:
    """One line a network, from its sweeps alone.

    Args:
        found: By key of the network, then by transform; the same transforms for all.
    """
    if not found or not all(found.values()):
        return
    with st.container(border=True, key="survive-words"):
        st.markdown("**On this picture**")
        for name, sweeps in found.items():
            st.markdown(_line(name, sweeps))
        st.caption(
            "One picture and these very doses: another picture may tell another story. An answer "
            "that stays need not be right."
        )


def _line(name: str, sweeps: Mapping[str, Sweep]) -> str:
    entry = CATALOG[name]
    one = next(iter(sweeps.values()))
    label = compare.labels(name)[one.first]
    share = one.share[one.start]
    told = [_kept(transform, sweep) for transform, sweep in _ordered(sweeps)]
    return (
        f"**{entry.title}** ({BUILT_IN[entry.architecture]}) says “{label}” with "
        f"{100 * share:.3g}\u2009% and keeps saying it at {', '.join(told)}."
    )


def _ordered(sweeps: Mapping[str, Sweep]) -> list[tuple[str, Sweep]]:
    """From what it survives best to what it survives worst."""
    return sorted(sweeps.items(), key=lambda item: -item[1].steadiness)


def _kept(transform: str, sweep: Sweep) -> str:
    others = len(sweep.stays) - 1
    stays = int(sweep.stays.sum()) - 1
    known = TRANSFORMS[transform]
    title = known.title.lower()
    if stays == others:
        return f"all {others} doses of {title}"
    low, high = (wire.told(known, known.doses[at]) for at in sweep.span)
    unbroken = f" (without a break from {low} to {high}\u2009{known.unit})" if low != high else ""
    return f"{stays} of {others} of {title}{unbroken}"
