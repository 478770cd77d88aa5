"""Step “Survive” of the page Compare: one picture, nine ways to change it, every network asked."""

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.catalog import CATALOG
from pages._ui import cached, compare_survive_words, compare_wait, controls, samples, tries
from pages._ui.cached import attribution, compare
from pages._ui.compare_mount import mount, unchanged
from pages._ui.controls import Picture
from pages._ui.variants import COLOURS
from viz_core import patch_frames, transforms
from viz_core.compare import steady, wire
from viz_core.compare.steady import Sweep
from viz_core.probe import robust
from viz_core.transforms import TRANSFORMS

KEY, ASKED = "compare-survive", "compare-survive-view"
NOTICE = (
    "Drag a slider: the picture changes, and every network says at once what it takes it for now. "
    "Whose first answer lasts longest?"
)
CODE = (transforms.apply, robust.logits, steady.Sweep)
ABOUT = (
    f"Changes are made to the picture’s middle square at {compare.STAGE_PIXELS}\u202fpx, which "
    "each network then reduces to its own size. Reduced twice, the unchanged picture can score "
    "some points more or less than on other pages. All doses are computed before you drag."
)
SWEPT, ALL, LINK = "compare-swept", "compare-survive-every", "compare-survive-link"
NOW, HEARD = "compare-survive-now", "compare-survive-heard"
FIRST = "rotation"
SIXTH = "#b07aa1"  # of the sidebar’s network, after the shipped ones
EVERY = "all"


def show(network: str) -> None:
    """The board with its sweeps, what they say in words, and the way to breaking by hand."""
    _stage(network)
    st.page_link(
        "pages/patches.py", label="Break a picture by hand, patch by patch",
        icon=":material/apps:", help="The section Break it of the page Patches and tokens.",
    )  # fmt: skip


# No fragment: what is asked in one waits until a run is over, and could not stop what takes long.
def _stage(network: str) -> None:
    picture = controls.picture()
    names = asked_networks(network)
    asked = _told()
    seed = _seed(asked)
    board = f"{picture.key[:16]} {seed} {' '.join(names)}"
    now = _now(asked)
    place, waiting = st.container(gap=None), st.empty()
    with place:
        _board(names, picture, seed, board)
        done = _known(board)
        for transform in done:
            _mounted(names, picture, transform, seed, board)
    wanted = list(TRANSFORMS) if _all_asked(board) else [now]
    todo = [one for one in wanted if one not in done]
    for transform in _measured(names, picture, seed, todo, board, waiting):
        st.session_state[SWEPT] = board, (*_known(board), transform)
        with place:
            _mounted(names, picture, transform, seed, board)
    _offer(names, picture, board)
    st.caption(ABOUT)
    compare_survive_words.show(
        {name: {one: _sweep(name, picture, one, seed) for one in _known(board)} for name in names}
    )


def asked_networks(network: str) -> tuple[str, ...]:
    """Shipped networks of one set of classes, and the sidebar's if it names classes."""
    chosen = [network] if CATALOG[network].labels else []
    return tuple(dict.fromkeys([*compare.everyday(), *chosen]))


def _told() -> Mapping[str, Any]:
    """What the browser told last."""
    return st.session_state.get(KEY, {}).get("asked") or {}


def _seed(asked: Mapping[str, Any]) -> int:
    told = asked.get("seed")
    return told if isinstance(told, int) and told >= 0 else 0


def measured() -> tuple[str, int]:
    """The transform on the board, and the seed of what is random."""
    return st.session_state.get(NOW) or FIRST, _seed(_told())


def _now(asked: Mapping[str, Any]) -> str:
    """The transform on the board: a suggestion's, or the browser's if it told a newer one."""
    suggested = st.session_state.get(ASKED, {}).get("transform")
    if suggested:
        st.session_state[NOW] = suggested
    elif asked.get("serial") != st.session_state.get(HEARD):
        st.session_state[HEARD] = asked.get("serial")
        st.session_state[NOW] = str(asked.get("transform"))
    if LINK not in st.session_state:
        link = st.session_state[LINK] = st.query_params.get("change", "")
        if link and link not in TRANSFORMS:
            compare_wait.missing("change")
            st.session_state[LINK] = ""
    link = st.session_state[LINK]
    now = st.session_state.get(NOW) or link
    now = st.session_state[NOW] = now if now in TRANSFORMS else FIRST
    if st.query_params.get("change", FIRST) != now:
        st.query_params["change"] = now
    return now


def _board(names: tuple[str, ...], picture: Picture, seed: int, board: str) -> None:
    networks = [
        wire.Named(name, CATALOG[name].title, colour, compare.labels(name))
        for name, colour in zip(names, (*COLOURS, SIXTH), strict=False)
    ]
    frames = compare.frames(picture.key, picture.raw, seed)
    message = wire.survive(networks, frames, name=board, pixels=compare.STAGE_PIXELS, seed=seed)
    link = st.session_state.get(LINK)
    view = tries.asked(ASKED) or ({"transform": link, "serial": -1} if link else {})
    mount(data=patch_frames.with_view(message, view), key=KEY, on_asked_change=unchanged)


def _known(board: str) -> tuple[str, ...]:
    """Transforms that were measured for what the board shows."""
    known, done = st.session_state.get(SWEPT, ("", ()))
    return done if known == board else ()


def _sweep(name: str, picture: Picture, transform: str, seed: int) -> Sweep:
    asked = name, picture.key, picture.raw, transform, seed
    return compare.sweep(*asked)


def _mounted(
    names: tuple[str, ...], picture: Picture, transform: str, seed: int, board: str
) -> None:
    found = {name: _sweep(name, picture, transform, seed) for name in names}
    mount(data=wire.sweeps(transform, found, name=board), key=f"{KEY}-{transform}")


def _cost(names: tuple[str, ...], todo: list[str]) -> float:
    """Seconds of the passes of all doses; a pass takes the same for any picture."""
    anything = cached.sample(samples.DEFAULT)
    a_picture = sum(attribution.seconds(name, *anything) for name in names)
    return a_picture * sum(len(TRANSFORMS[one].doses) for one in todo)


def _measured(
    names: tuple[str, ...],
    picture: Picture,
    seed: int,
    todo: list[str],
    board: str,
    waiting: DeltaGenerator,
) -> Iterator[str]:
    """Each transform once all networks were asked about all its doses."""
    if not todo:
        return
    # A click asked for it: on a button that says what it takes, or on a slider, where the board
    # would be useless without. Only a Stop keeps it from starting.
    asked, seconds = (board, _work(todo)), _cost(names, todo)
    with waiting.container():
        what = f"{sum(len(TRANSFORMS[one].doses) for one in todo)} pictures, {len(names)} networks"
        if not compare_wait.allowed(KEY, asked, seconds, what, short=True):
            return
    with compare_wait.bar(KEY, asked, waiting, seconds) as tell:
        for k, transform in enumerate(todo):
            for n, name in enumerate(names):
                title = f"{TRANSFORMS[transform].title}: {CATALOG[name].title}"
                for at in compare.parts(transform):
                    tell((k + n / len(names)) / len(todo), title)
                    compare.doses(name, picture.key, picture.raw, transform, seed, at)
            yield transform


def _work(todo: list[str]) -> str:
    """What a Stop stops: one transform, or all that are left, however many those are by then."""
    return todo[0] if len(todo) == 1 else EVERY


def _all_asked(board: str) -> bool:
    """Whether all transforms were asked for, and not stopped."""
    stopped = st.session_state.get(f"{KEY}-stopped") == (board, EVERY)
    return st.session_state.get(ALL) == board and not stopped


def _offer(names: tuple[str, ...], picture: Picture, board: str) -> None:
    """A button for what was not measured yet."""
    todo = [one for one in TRANSFORMS if one not in _known(board)]
    if not todo:
        return
    seconds = max(1, round(_cost(names, todo)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Measure all nine", key=f"{KEY}-all", icon=":material/timeline:",
            on_click=_all, args=(board,), help="Fills the table: every dose of every transform.",
        )  # fmt: skip
        st.caption(
            f"{len(todo)} of {len(TRANSFORMS)} are not measured yet: about {seconds}\u202fs."
        )


def _all(board: str) -> None:
    st.session_state[ALL] = board
    st.session_state.pop(f"{KEY}-stopped", None)
