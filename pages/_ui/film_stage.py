"""The stage of the page “Training film”: which run, and all its moments on the chosen picture."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.catalog import CATALOG, DEFAULT
from pages._ui import component, controls, explain, ready
from pages._ui.cached import growth as cached
from viz_core import growth_reading, patch_frames

KEY, RUN, ASKED = "growth", "run", "growth-asked"
COMMAND = """\
python -m models.training {name} --data DATA --out runs/{name}
python -m models.training.film {name} --data DATA --out runs/{name} \\
    --target assets/weights/{name}.film.safetensors"""

_mount = component.register("growth")


def choose(row: DeltaGenerator, words: tuple[str, ...]) -> str | None:
    """The run that is shown, None if there is none.

    The switch follows the sidebar when a network with a film is chosen there.

    Args:
        row: Place in the header for the switch.
        words: Terms of the glossary that the page uses.
    """
    titles = {cached.title(name): name for name in cached.runs()}
    wanted = controls.network_name()
    if wanted in titles.values() and st.session_state.get("growth-sidebar") != wanted:
        st.session_state[RUN] = cached.title(wanted)
    st.session_state["growth-sidebar"] = wanted
    chosen = None
    with row:
        if titles:
            chosen = st.segmented_control(
                "Run", list(titles), default=next(iter(titles)), required=True, key=RUN,
                bind="query-params", label_visibility="collapsed", wrap=True,
                help="Trainings whose moments were kept: all on CIFAR-10, by one recipe.",
            )  # fmt: skip
        explain.words(*words)
    name = titles.get(chosen or "")
    if wanted not in (DEFAULT, *titles.values()):
        paints = CATALOG[wanted].architecture == "mae"
        why = ready.PAINTS if paints else "left no moments of its training"
        instead = f": you see {CATALOG[name].title} here." if name else "."
        st.caption(f"{CATALOG[wanted].title} {why}{instead}")
    return name


def show(run: str | None) -> None:
    """The film of a run on the chosen picture, or what is missing."""
    if run is None:
        _missing()
        return
    picture = controls.picture()
    others = tuple(name for name in cached.runs() if name != run)
    with st.spinner("Running the network as it was at each saved moment"):
        message = cached.message(run, others, picture.key, picture.raw)
    _mount(data=patch_frames.with_view(message, _view()), key=KEY)
    st.caption(
        "Weights are averaged over the steps before each moment, and rounded to fit a small file. "
        "The network knows ten classes: whatever you show it, it must choose one of them."
    )


def elsewhere() -> None:
    """What is missing, in a line, and the way to the other film."""
    here = cached.runs()
    without = [name for name in cached.networks() if name not in here]
    if here and without:
        st.caption(
            f"No film yet of {', '.join(cached.title(name) for name in without)}: "
            f"`python -m models.training.film {without[0]}` makes it from its run."
        )
    st.page_link(
        "pages/mae.py", label="Another film: MAE learns to paint", icon=":material/movie:",
        query_params={"step": "Learning"},
    )  # fmt: skip


def values(run: str | None) -> dict[str, str]:
    """The numbers of this view for the text of the page."""
    if run is None:
        return {"network": "The network", "moments": "several", "order": "no run is here yet"}
    picture = controls.picture()
    found, _ = cached.grown(run, picture.key, picture.raw)
    rows = cached.moments(run)
    order = growth_reading.order(growth_reading.ways(found), [row["share"] for row in rows])
    called = {"reading": "class token" if found.reads_class else "pooling"}
    told = ", ".join(f"{called.get(name, name)} by {_percent(share)}" for name, share in order)
    return {"network": CATALOG[run].title, "moments": str(len(rows)), "order": told}


def _percent(share: float) -> str:
    """In two digits, as the charts have it."""
    return f"{float(f'{100 * share:.2g}'):g} %"


def _missing() -> None:
    names = cached.networks()
    st.caption(
        "No film of a Compact network is here yet. These two commands train one, keep its "
        "moments and make the film:"
    )
    st.code(COMMAND.format(name=names[0] if names else "NAME"), language="bash")


def _view() -> dict[str, Any]:
    """What a suggestion asked for; its serial grows with every click."""
    wanted = st.session_state.pop(ASKED, None)
    known: dict[str, Any] = st.session_state.get("growth-view", {})
    if wanted is not None:
        known = {**wanted, "serial": known.get("serial", 0) + 1}
        st.session_state["growth-view"] = known
    return known
