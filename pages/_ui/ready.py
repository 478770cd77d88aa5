"""Bringing the chosen network onto this machine: progress, cancel, and one sentence if it fails."""

import streamlit as st

from models.catalog import CATALOG, DEFAULT
from models.entry import Hub
from pages._ui import controls

PAINTS = "paints hidden patches and has a page of its own"


def network_name(
    view: str = "global attention", default: str = DEFAULT, lacks: str | None = None
) -> str:
    """The chosen network once its weights are here; a shipped one if that cannot be had.

    A download shows its progress and a button that stops it; what came so far is kept.

    Args:
        view: What the page asks of it, one of an entry's `views`.
        default: The shipped network for those that lack the view or cannot be fetched.
        lacks: What to say of a network that lacks the view, after its title.
    """
    if own := controls.own_network():
        st.caption(f"{own} is shown on the page Train: you see {CATALOG[default].title} here.")
        return default
    name = controls.network_name()
    if view not in CATALOG[name].views:
        if name != DEFAULT:
            why = PAINTS if CATALOG[name].architecture == "mae" else lacks or f"has no {view}"
            st.caption(f"{CATALOG[name].title} {why}: you see {CATALOG[default].title} here.")
        return default
    weights = CATALOG[name].weights
    if not isinstance(weights, Hub) or name in st.session_state.get("networks_here", ()):
        return name
    from models import hub
    from models.tensorfile import WeightsError

    if hub.cached(weights) is None:
        stopped, why = st.session_state.get("not_fetched", ("", ""))
        if stopped == name:  # asked for again by its button only: each try can take long
            return _instead(name, default, why)
        try:
            _download(name, weights)
        except WeightsError as problem:
            st.session_state.not_fetched = name, str(problem)
            return _instead(name, default, str(problem))
    st.session_state.networks_here = {*st.session_state.get("networks_here", ()), name}
    return name


def _download(name: str, weights: Hub) -> None:
    from models import hub

    place = st.empty()
    with place.container(key="download"):
        bar = st.progress(0.0, f"Fetching {CATALOG[name].title}…")
        # A click reruns the script, which ends this run at its next message to the page.
        st.button("Stop", on_click=_stop, args=(name,), help="What came so far is kept.")

    def report(done: int, total: int) -> None:
        mib = f"{done / 2**20:.0f} of {total / 2**20:.0f} MiB"
        bar.progress(min(1.0, done / max(total, 1)), f"Fetching {CATALOG[name].title}: {mib}")

    try:
        hub.fetch(weights, name, report)
    finally:
        place.empty()


def _stop(name: str) -> None:
    st.session_state.not_fetched = name, "The download was stopped; what came so far is kept."


def _instead(name: str, default: str, sentence: str) -> str:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            f"{sentence} You see {CATALOG[default].title} instead.", icon=":material/cloud_off:"
        )
        st.button("Try again", on_click=_again, help=f"Asks for {CATALOG[name].title} once more.")
    return default


def _again() -> None:
    st.session_state.pop("not_fetched", None)
