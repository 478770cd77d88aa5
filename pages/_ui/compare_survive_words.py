"""What sweeps say in words: a sentence for each network, from its numbers on this picture."""

from collections.abc import Mapping

import streamlit as st

from models.catalog import CATALOG
from pages._ui.cached import compare
from viz_core.compare.steady import Sweep
from viz_core.transforms import TRANSFORMS

THIN = "\u202f"  # a thin space at which no line breaks


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
    one = next(iter(sweeps.values()))
    label, share = compare.labels(name)[one.first], one.share[one.start]
    says = f"**{CATALOG[name].title}** says “{label}” with {100 * share:.3g}{THIN}%"
    ordered = sorted(sweeps.items(), key=lambda item: -item[1].steadiness)
    best, worst = _kept(*ordered[0]), _kept(*ordered[-1])
    if len(ordered) == 1:
        return f"{says} and keeps saying it under {best}."
    return f"{says}; that lasts best under {best} and worst under {worst}."


def _kept(transform: str, sweep: Sweep) -> str:
    """“rotation (13 of 23 doses)”, with spaces that do not break within a number."""
    count = f"{sweep.kept}\u00a0of\u00a0{sweep.changed}\u00a0doses"
    return f"{TRANSFORMS[transform].title.lower()} ({count})"
