"""“What survives”: a prediction against measured doses of damage, one line a network."""

from html import escape

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from pages._ui import controls
from pages._ui.cached import breaking as cached
from pages._ui.controls import Picture
from pages._ui.variants import Variant
from viz_core import damage
from viz_core.damage import Curve, Kind

TITLES: dict[Kind, str] = {
    "shuffle": "Patches shuffled",
    "erase": "Patches erased",
    "turn": "Patches turned",
    "shift": "Picture shifted",
}
WORDS: dict[Kind, str] = {
    "shuffle": "with half of the patches shuffled",
    "erase": "with half erased",
    "turn": "with half turned",
    "shift": "after a shift of 4 px",
}
BRIEF: dict[Kind, str] = {
    "shuffle": "shuffled", "erase": "erased", "turn": "turned", "shift": "shifted"
}  # fmt: skip
MEASURED, ASKED = "survival-measured", "survival-asked"
SECONDS_A_VARIANT = 2


# No fragment: a click in one waits until the run is over, and Stop would come too late.
def show(found: list[Variant]) -> None:
    """A button, then four charts and what they say in words."""
    picture = controls.picture()
    asked = (picture.key, tuple((variant.name, variant.positions) for variant in found))
    with st.container(border=True, key="survival"):
        st.markdown(
            "**What survives?** How likely the class stays that each network first named, under "
            "growing damage."
        )
        if asked not in st.session_state.get(MEASURED, ()):
            if not _measured(found, picture):
                return
            st.session_state[MEASURED] = {*st.session_state.get(MEASURED, ()), asked}
        _charts(found, picture)


def _measured(found: list[Variant], picture: Picture) -> bool:
    """Offer the measurement; True once it is done. Stop reruns the page and so ends it."""
    if not st.session_state.pop(ASKED, False):
        passes = len(damage.KINDS) * 5 * cached.DRAWS * len(found)
        st.caption(
            f"{passes} passes: 4 kinds of damage, 5 doses each, {cached.DRAWS} random draws, "
            f"{len(found)} networks. About {SECONDS_A_VARIANT * len(found)} s on two cores."
        )
        st.button(
            "Measure this picture", key="survival-run", icon=":material/timeline:",
            on_click=_ask, help="Draws how the answer fades as the damage grows.",
        )  # fmt: skip
        return False
    jobs = [(variant, kind) for variant in found for kind in damage.KINDS]
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, "Measuring")
        st.button("Stop", key="survival-stop", help="What was measured so far is kept.")
        for done, (variant, kind) in enumerate(jobs):
            bar.progress(done / len(jobs), f"{TITLES[kind]}: {variant.title}, {variant.note}")
            _table(variant, picture, kind)
    place.empty()
    return True


def _ask() -> None:
    st.session_state[ASKED] = True


def _table(variant: Variant, picture: Picture, kind: Kind) -> np.ndarray:
    return cached.survival(variant.name, picture.key, picture.raw, variant.positions, kind)


def _charts(found: list[Variant], picture: Picture) -> None:
    tables = {(v, kind): _table(v, picture, kind) for v in found for kind in damage.KINDS}
    _lines_legend(found, picture)
    kinds = iter(damage.KINDS)
    for row in (st.columns(2, gap="medium"), st.columns(2, gap="medium")):
        for column, kind in zip(row, kinds, strict=False):
            curves = [
                Curve(f"{v.title}, {v.note}", v.colour, v.dash, tables[v, kind]) for v in found
            ]
            with column:
                st.markdown(f"**{TITLES[kind]}**")
                st.plotly_chart(
                    damage.survival_figure(kind, curves),
                    key=f"survival-{kind}", config={"displayModeBar": False},
                )  # fmt: skip
    for variant in found:
        st.markdown(_sentence(variant, picture, {kind: tables[variant, kind] for kind in TITLES}))
    st.caption(
        f"One picture, {cached.DRAWS} draws: the line is their mean, the band their range. Another "
        "picture may tell another story; try one."
    )


def _first(variant: Variant, picture: Picture) -> str:
    """The class that a network names for the whole picture."""
    asked = variant.name, picture.key, picture.raw, variant.positions
    logits = cached.reaction(*asked, "[]").logits
    return class_names(CATALOG[variant.name].labels or "")[int(logits.argmax())]


def _lines_legend(found: list[Variant], picture: Picture) -> None:
    marks = "".join(
        f'<span style="display:inline-flex;align-items:center;gap:.5rem;margin-right:1.2rem">'
        f'<i style="width:26px;border-top:3px {"solid" if v.positions else "dashed"} {v.colour}">'
        f"</i>{escape(v.title)}, {escape(v.note)}: “{escape(_first(v, picture))}”</span>"
        for v in found
    )
    st.html(f'<div class="legend">{marks}</div>')


def _sentence(variant: Variant, picture: Picture, tables: dict[Kind, np.ndarray]) -> str:
    """What is left at the middle dose of each kind, best and worst."""
    whole = float(tables["shuffle"][0, 0])
    left = {kind: float(table[damage.MIDDLE].mean()) for kind, table in tables.items()}
    said = ", ".join(f"{100 * left[kind]:.3g} % {WORDS[kind]}" for kind in TITLES)
    best, worst = max(left, key=left.__getitem__), min(left, key=left.__getitem__)
    return (
        f"**{variant.title}, {variant.note}**, says “{_first(variant, picture)}” with "
        f"{100 * whole:.3g} %. What is left: {said}. It minds being **{BRIEF[worst]}** most and "
        f"being **{BRIEF[best]}** least."
    )
