"""The stage of the page Why: the map, what is left without its best cells, and the answer.

Everything that moves is done in the browser. Python hears of another method, class or filling, and
of cells that were painted by hand; it answers with the map first, and with the curves once the rest
of the page stands. Nothing here is a fragment: a click in a fragment waits until the run before it
is done, and a click here has to end a computation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.catalog import CATALOG
from pages._ui import component, tries, why_choice
from pages._ui.busy import Busy, counted, took
from pages._ui.cached import attribution, erasing
from pages._ui.cached import why as cached
from pages._ui.cached.turns import shares
from pages._ui.why_choice import Choice
from viz_core import patch_frames
from viz_core.attribution import BASELINES
from viz_core.attribution.curves import ranked
from viz_core.attribution.methods import METHODS
from viz_core.why import wire

if TYPE_CHECKING:
    from viz_core.attribution.curves import Curve

KEY, ASKED = "why", "why-view"
RUN, STOPPED = "why-run", "why-stopped"
GO_ON = "Erases the cells step by step, here and for random orders."
FILLINGS = {"grey": "Grey", "mean": "Mean colour", "blur": "Blur"}
SAYS_BEFORE_SECONDS = 5
THIN = "\u2009"

mount = component.register("why")


@dataclass(frozen=True)
class Stage:
    """What is shown, and where what follows it is put."""

    choice: Choice
    place: DeltaGenerator


def show(network: str) -> Stage:
    """The stage with its map, and the answer to what was painted.

    Args:
        network: Key of the catalog, one with classes.
    """
    _suggested()
    choice = why_choice.current(network)
    for note in choice.notes:
        st.caption(note)
    with st.container(gap=None, key="why-stage"):
        busy = st.empty()
        if not _ready(choice, busy):
            choice = why_choice.quick(choice)
            busy = st.empty()
        progress = _busy(busy, choice, "Computing the map", "map", why_choice.back)
        values = erasing.on_cells(*choice.asked, progress)
        busy.empty()
        mount(
            data=patch_frames.with_view(_stage(choice, values), _view()), key=KEY,
            on_asked_change=_heard, on_hand_change=_nothing,
        )  # fmt: skip
        why_choice.shown()
        _hand(choice)
        return Stage(choice, st.container(gap=None, key="why-follows"))


def follow(stage: Stage) -> None:
    """The curves; called when the rest of the page stands, because they take longer."""
    asked = _ask(stage.choice)
    with stage.place:
        waiting = st.empty()
        if asked in st.session_state.get(STOPPED, ()):
            with waiting.container(horizontal=True, vertical_alignment="center"):
                st.button("Measure the curves", key="why-go-on", on_click=_go_on, help=GO_ON)
            return
        _curves(stage.choice, waiting)
        waiting.empty()


def _go_on() -> None:
    st.session_state[STOPPED] = set()


def cost(choice: Choice, method: str) -> tuple[float, float]:
    """Passes and seconds of a method, before it runs."""
    passes = METHODS[method].passes(attribution.shape(choice.network), choice.settings)
    return passes, passes * cached.seconds(choice.network)


def _ready(choice: Choice, place: DeltaGenerator) -> bool:
    """True unless a method takes long and nobody said yet that it should."""
    passes, seconds = cost(choice, choice.method)
    asked = (*choice.given[:2], choice.method, choice.target, choice.settings)
    if seconds <= SAYS_BEFORE_SECONDS or asked in st.session_state.get(RUN, ()):
        return True
    with place.container(border=True, horizontal=True, vertical_alignment="center", key="why-long"):
        title = METHODS[choice.method].title
        st.markdown(f"**{title}** takes {counted(passes)}, {took(seconds)} here.")
        st.button(
            "Compute it", key="why-yes", on_click=_yes, args=(asked,), type="primary",
            help="It can be stopped.",
        )  # fmt: skip
        st.button("Back", key="why-no", on_click=why_choice.back, help="Keeps what you see.")
    return False


def _yes(asked: object) -> None:
    st.session_state[RUN] = {*st.session_state.get(RUN, ()), asked}


def _busy(
    place: DeltaGenerator, choice: Choice, said: str, key: str, stop: Callable[[], None]
) -> Busy:
    return Busy(place, f"{said}: {METHODS[choice.method].title}", f"{KEY}-{key}", stop)


def _stage(choice: Choice, cells: np.ndarray) -> bytes:
    found = attribution.attribution(*choice.asked)
    shown = wire.Shown(
        found.values, cells, ranked(cells), found.signed, found.unit, found.score, found.gap
    )
    order = [int(k) for k in np.argsort(-choice.logits, kind="stable")[:5]]
    header = {
        "ask": _ask(choice), "of": _of(choice), "crop": wire.token(*choice.given[:2]),
        "title": CATALOG[choice.network].title, "picture": choice.picture,
        "labels": list(choice.labels), "top": order, "target": choice.target.label,
        "against": choice.target.against, "method": choice.method,
        "methods": [_method(choice, name) for name in METHODS],
        "baseline": choice.settings.baseline,
        "fillings": [[name, FILLINGS[name]] for name in BASELINES],
    }  # fmt: skip
    return wire.pack_stage(
        shown,
        picture_jpeg=cached.picture_jpeg(*choice.given),
        filling=cached.filling(*choice.given, choice.settings.baseline),
        logits=choice.logits,
        header=header,
    )


def _method(choice: Choice, name: str) -> dict[str, Any]:
    """A row of the picker: what it asks, when it misleads, what it costs or why it cannot run."""
    method = METHODS[name]
    suits = method.suits(CATALOG[choice.network].views)
    passes, seconds = cost(choice, name) if suits else (0.0, 0.0)
    return {
        "name": name, "title": method.title, "answers": method.answers,
        "misleads": method.misleads, "cost": f"{counted(passes)}, {took(seconds)}",
        "why": None if suits else f"needs {why_choice.lacking(name)}",
    }  # fmt: skip


def _curves(choice: Choice, place: DeltaGenerator) -> None:
    """Curves of the map at once, then again with random orders and the middle first."""
    filling = choice.settings.baseline

    def stop() -> None:
        st.session_state[STOPPED] = {*st.session_state.get(STOPPED, ()), _ask(choice)}

    parts = shares(_busy(place, choice, "Erasing step by step", "step", stop), 3)
    own = erasing.curves(*choice.asked, filling, parts[0])
    lines = {"deletion": [_line("own", own.deletion)], "insertion": [_line("own", own.insertion)]}
    mount(data=_walks(choice, own, lines), key=f"{KEY}-curves")
    band = erasing.chance(*choice.given, choice.target, filling, _progress=parts[1])
    middle = erasing.centre(*choice.given, choice.target, filling, parts[2])
    area = float(band.auc.mean())
    random = {
        "deletion": wire.Line("random", band.deletion, area, *band.deletion_range),
        "insertion": wire.Line("random", band.insertion, area, *band.insertion_range),
    }
    for name, curve in (("deletion", middle.deletion), ("insertion", middle.insertion)):
        lines[name] += [random[name], _line("centre", curve)]
    mount(data=_walks(choice, own, lines), key=f"{KEY}-chance")


def _line(name: str, curve: Curve) -> wire.Line:
    return wire.Line(name, curve.shares, curve.auc)


def _walks(choice: Choice, own: erasing.Curves, lines: dict[str, list[wire.Line]]) -> bytes:
    walks = {
        "deletion": wire.Walk(own.deletion.logits, lines["deletion"]),
        "insertion": wire.Walk(own.insertion.logits, lines["insertion"]),
    }
    label = choice.labels[choice.target.label]
    unit = f"the share of “{label}”"
    if choice.target.against is not None:
        unit += f" of the two, “{label}” and “{choice.labels[choice.target.against]}”"
    counts = [int(count) for count in own.deletion.counts]
    return wire.pack_curves(counts, walks, ask=_ask(choice), unit=unit)


def _hand(choice: Choice) -> None:
    """The answer to what was painted, if it was painted on this very stage."""
    told = (st.session_state.get(KEY) or {}).get("hand") or {}
    code, keep = told.get("code"), bool(told.get("keep"))
    if told.get("of") != _of(choice) or not isinstance(code, str):
        return
    kind = choice.settings.baseline
    try:
        found = cached.painted(*choice.given, code, keep, kind)
    except ValueError:
        return  # no browser of ours sends such a code
    said = partial(wire.pack_hand, found, of=_of(choice), code=code, keep=keep)
    mount(data=said(found[None][:0]), key=f"{KEY}-hand")
    elsewhere = cached.elsewhere(*choice.given, code, keep, kind)
    mount(data=said(elsewhere), key=f"{KEY}-random")


def _ask(choice: Choice) -> str:
    """Name of all that the curves depend on."""
    return wire.token(*choice.given[:2], choice.method, choice.target, choice.settings)


def _of(choice: Choice) -> str:
    """Name of all that a painted picture's answer depends on."""
    return wire.token(*choice.given[:2], choice.settings.baseline)


def _suggested() -> None:
    """What a suggestion asks for besides the view in the browser."""
    wanted = st.session_state.get(ASKED) or {}
    if "choice" in wanted:
        st.session_state[ASKED] = {k: v for k, v in wanted.items() if k != "choice"}
        why_choice.change(wanted["choice"])


def _view() -> dict[str, Any]:
    """What a suggestion asks of the browser, and which of the browser's questions was heard."""
    told = (st.session_state.get(KEY) or {}).get("asked") or {}
    return {**tries.asked(ASKED), "heard": told.get("stamp", 0)}


def _heard() -> None:
    told = (st.session_state.get(KEY) or {}).get("asked")
    if isinstance(told, dict):
        why_choice.change(told)


def _nothing() -> None:
    """Streamlit keeps a component's state only for names that have a callback."""
