"""Step 1 of the MAE page: hide patches of your picture, and a network paints them back.

Everything that moves is done in the browser. Python hears of another strategy, seed or baseline,
and of a mask painted by hand when the pointer is let go; it answers through components that show
nothing and only bring bytes: first what is on the screen, then the other ratios.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from models.tensorfile import WeightsError
from pages._ui import canvas, component, controls
from pages._ui.cached import mae as cache
from viz_core.canvas import wire as envelope
from viz_core.unmask import wire

KEY = "mae-hide"
ASKED = f"{KEY}-view"  # what a suggestion asks for: fields of `View`, and `shown` or `wipe`
_TOLD, _LAST = f"{KEY}-told", f"{KEY}-asked"

_unmask = component.register("unmask")


@dataclass(frozen=True)
class View:
    """What is painted.

    Attributes:
        strategy: A key of `cache.STRATEGIES`, or "hand".
        seed: Of random and block masks.
        slot: The ratio, by its place in `wire.PERCENTS`.
        baseline: A key of `cache.BASELINES`.
        hand: The mask by hand, from `wire.code`; None if there is none.
        serial: Number of the last suggestion that the browser has shown.
    """

    strategy: str = "random"
    seed: int = cache.mae_more.FIRST_SEED
    slot: int = wire.PERCENTS.index(75)
    baseline: str = "harmonic"
    hand: str | None = None
    serial: int = 0


OPENING = {
    "strategy": View.strategy,
    "seed": View.seed,
    "slot": View.slot,
    "baseline": View.baseline,
}


@st.fragment
def show(network: str) -> None:
    """The stage and what feeds it.

    Args:
        network: Key of the catalog, a masked autoencoder.
    """
    picture = controls.picture()
    given = network, picture.key, picture.raw
    asked, view = _asked(), current()
    try:
        frame = cache.stage(*given)
        with st.container(gap=None):
            mount = envelope.pack_mount(frame, {"opening": OPENING, "asked": asked})
            _unmask(data=mount, key=KEY, on_unmask_change=_remember)
            _feed(given, view)
    except WeightsError as problem:
        st.error(str(problem))


def current() -> View:
    """What is on the screen, as far as Python was told or asked for it."""
    asked = st.session_state.get(_LAST, {"serial": 0})
    told = _read(st.session_state.get(_TOLD))
    if told.serial != asked["serial"]:
        known = {name: value for name, value in asked.items() if name in View.__annotations__}
        return replace(told, **known)
    return told


def _feed(given: tuple[str, str, bytes], view: View) -> None:
    """Bring what the view needs, the most urgent first; what is known already costs nothing."""
    grid = cache.mae_more.given(*given).grid
    masks = cache.mask_frame(*given, view.seed)
    painters = [wire.NETWORK] if view.baseline == "none" else [wire.NETWORK, view.baseline]
    mask = by_hand(view, grid)
    if mask is not None:
        code = wire.code(mask)
        for by in painters:
            _bring(cache.one(*given, f"hand {code}", 0, code, by), f"now-{by}")
        return _bring(masks, "masks")
    strategy = view.strategy if view.strategy in cache.STRATEGIES else View.strategy
    _bring(masks, "masks")
    code = wire.code(cache.masks(grid, view.seed)[strategy][view.slot])
    run = cache.run_name(strategy, view.seed)
    for by in painters:
        _bring(cache.one(*given, run, view.slot, code, by), f"now-{by}")
    near = sorted(range(cache.PIECES), key=lambda part: abs(part - view.slot // cache.PIECE))
    for by in painters:
        for part in near:
            _bring(cache.piece(*given, strategy, view.seed, part, by), f"piece-{part}-{by}")
    return None


def _bring(frame: bytes, name: str) -> None:
    canvas.bring(frame, key=f"{KEY}-{name}")


def by_hand(view: View, grid: tuple[int, int]) -> np.ndarray | None:
    """The mask by hand; None where there is none, or it was painted on another grid."""
    if view.strategy != "hand" or view.hand is None:
        return None
    try:
        return wire.decoded(view.hand, grid)
    except ValueError:
        return None


def _asked() -> dict[str, Any]:
    """The view that a suggestion asked for last; its serial grows with every click."""
    wanted = st.session_state.pop(ASKED, None)
    known: dict[str, Any] = st.session_state.get(_LAST, {"serial": 0})
    if wanted is not None:
        known = {"strategy": View.strategy, **wanted, "serial": known["serial"] + 1}
        st.session_state[_LAST] = known
    return known


def _remember() -> None:
    st.session_state[_TOLD] = st.session_state[KEY].unmask


def _read(message: object) -> View:
    """What a browser told, with anything that no stage tells replaced by the opening view."""
    first = View()
    if not isinstance(message, Mapping):
        return first
    told: dict[str, Any] = {name: message.get(name) for name in View.__annotations__}
    fits = {
        "strategy": told["strategy"] in [*cache.STRATEGIES, "hand"],
        "seed": isinstance(told["seed"], int) and 0 <= told["seed"] < 2**31,
        "slot": isinstance(told["slot"], int) and 0 <= told["slot"] < len(wire.PERCENTS),
        "baseline": told["baseline"] in [*cache.BASELINES],
        "hand": isinstance(told["hand"], str),
        "serial": isinstance(told["serial"], int),
    }
    return replace(first, **{name: told[name] for name, fine in fits.items() if fine})
