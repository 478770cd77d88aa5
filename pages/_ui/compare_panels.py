"""Step “Panels” of the page Compare: up to four maps of one picture under one pointer."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.catalog import CATALOG
from pages._ui import cached, compare_wait, controls, samples, tries
from pages._ui.cached import attribution, compare, why
from pages._ui.compare_mount import mount
from pages._ui.compare_wait import Tell
from pages._ui.controls import Picture
from viz_core.attribution import Attribution, Settings, Target
from viz_core.attribution.methods import METHODS
from viz_core.attribution.run import Progress, attribute
from viz_core.compare import agreement, wire

KEY, ASKED = "compare-panels", "compare-panels-view"
NOTICE = (
    "Up to four maps of one picture, one pointer: the same place is marked in every panel. Do they "
    "find the class in the same place?"
)
CODE = (attribute, agreement.agreement, agreement.resampled)
SIDEBAR, NONE = "sidebar", "none"
MOST = 4
FEW = 20  # passes: fewer are not worth a measurement of what they take
# What is shown first: for each panel a network, and one method for all. Occlusion is surer, but
# its 145 passes a network would keep the stage empty for seconds.
OPENING = (
    (SIDEBAR, "grad_cam"),
    ("swin_nano_patch2_window7_56", "grad_cam"),
    ("convnext_nano_patch2_56", "grad_cam"),
    ("resnet_nano_56", "grad_cam"),
)
# What a panel falls back to, in this order, where its network lacks what was asked.
PREFERRED = ("relevance", "grad_cam", "saliency")
SAME, OWN = "first", "own"
# What the first letter of a chooser's name in links stands for.
NAMED = {"n": "network", "m": "method", "o": "class"}
CALLED = {SAME: "first panel’s answer", OWN: "each network’s own answer"}
SURELY = 2  # standard errors
NARROW = "\u202f"  # a space at which no line breaks
DOUBT = (
    "Over the gallery (page Why), not surely better than cells in random order, by deletion and "
    "insertion:"
)
DONE, SHOWN = "compare-panels-done", "compare-panels-shown"


@dataclass(frozen=True)
class Choice:
    """What a panel shows.

    Attributes:
        name: Key of the catalog.
        method: Key of METHODS.
    """

    name: str
    method: str


@dataclass(frozen=True)
class Job:
    """A map to be had.

    Attributes:
        choice: Of a panel.
        target: What it explains.
    """

    choice: Choice
    target: Target


def show(network: str) -> None:
    """The stage and the choosers below it."""
    _stage(network)


# No fragment: what is asked in one waits until a run is over, and could not stop what takes long.
def _stage(network: str) -> None:
    picture = controls.picture()
    place, waiting, below = st.container(), st.empty(), st.container(key="compare-choosers")
    with below:
        chosen = _choose(network)
        wanted = _class(chosen[0])
        _doubts(dict.fromkeys(chosen))
    asked = (picture.key, wanted, *chosen)
    jobs = [Job(one, _target(one, chosen[0], wanted, picture)) for one in chosen]
    costs = [_seconds(job, picture) for job in jobs]
    late = {job for job, seconds in zip(jobs, costs, strict=True) if seconds}
    with waiting.container():
        what = f"{len(late)} map{'s' * (len(late) != 1)} to compute"
        if compare_wait.allowed(KEY, asked, sum(costs), what):
            late = set()
    st.session_state[SHOWN] = tuple(job for job in jobs if job not in late)
    found = _computed(jobs, late, picture, asked, waiting)
    with place:
        mount(data=_message(found, picture), key=KEY)


def _choose(network: str) -> list[Choice]:
    names = compare.present()
    found = []
    for k, (column, (first, method)) in enumerate(
        zip(st.columns(MOST, gap="small"), OPENING, strict=True)
    ):
        options = [SIDEBAR, *names] if not k else [*names, NONE]
        default = first if first in options else options[-1]
        with column:
            name = _linked(
                f"n{k + 1}", options, default, f"Panel {k + 1}", lambda one: _called(one, network),
                "Networks on this machine; the sidebar brings others.",
            )  # fmt: skip
            name = _meant(name, network)
            if name != NONE:
                found.append(Choice(name, _method(k, name, method)))
    return found


def _linked(
    key: str, options: list[str], default: str, label: str, called: Callable[[str], str],
    tip: str, *, shown: bool = True,
) -> str:  # fmt: skip
    """A chooser that links carry by its options' keys; a bound one would put titles into links.

    Args:
        key: Of the chooser, and its name in links.
        options: What can be chosen.
        default: What is chosen if neither the visitor nor the link names one of them.
        label: What people call it.
        called: What people call an option.
        tip: Help, in a line.
        shown: Whether the label is seen.
    """
    if st.session_state.get(key) not in options:  # new here, or what it held is gone
        link = st.query_params.get(key)
        if link is not None and link not in options and key not in st.session_state:
            compare_wait.missing(NAMED[key[0]])
        st.session_state[key] = link if link in options else default
    chosen = st.selectbox(
        label, options, format_func=called, key=key, help=tip,
        label_visibility="visible" if shown else "collapsed",
    )  # fmt: skip
    if chosen != st.query_params.get(key, default):
        st.query_params[key] = chosen
    return chosen


def _called(option: str, network: str) -> str:
    if option == NONE:
        return "no panel"
    if option == SIDEBAR:
        return f"{CATALOG[_meant(SIDEBAR, network)].title} (sidebar)"
    return CATALOG[option].title


def _meant(option: str, network: str) -> str:
    """The network of an option; one without classes has nothing to explain."""
    if option != SIDEBAR:
        return option
    return network if attribution.suits(network) else compare.everyday()[0]


def _method(k: int, name: str, first: str) -> str:
    """The chooser of one panel's method: those that its network can be asked by."""
    options = [m for m in METHODS if METHODS[m].suits(CATALOG[name].views)]
    preferred = next(m for m in (first, *PREFERRED, *options) if m in options)
    return _linked(
        f"m{k + 1}", options, preferred, f"Method of panel {k + 1}",
        lambda one: METHODS[one].title, "The page Why explains each of them.", shown=False,
    )  # fmt: skip


def _doubtful(one: Choice) -> bool:
    """Whether a method was measured on the gallery and not found surely better than chance."""
    measured = why.gallery(one.name)
    found = measured.summary.get(one.method) if measured else None
    if found is None:
        return False
    gains = [found["deletion_gain"], found["insertion_gain"]]
    return any(mean <= SURELY * error for mean, error in gains)


def _doubts(chosen: Iterable[Choice]) -> None:
    """Which of the maps on screen may be no better than chance, and what is surer."""
    found = [one for one in chosen if _doubtful(one)]
    if not found:
        return
    told = "; ".join(f"{METHODS[one.method].title} of {CATALOG[one.name].title}" for one in found)
    surer = not any(_doubtful(Choice(one.name, "occlusion")) for one in found)
    more = " Occlusion is surer there, and slower." if surer else ""
    st.caption(f"{DOUBT} {told.replace(' px', NARROW + 'px')}.{more}")


def _class(first: Choice) -> str:
    options = [SAME, OWN, *dict.fromkeys(compare.labels(first.name))]
    with st.container(width=320):
        return _linked(
            "of", options, SAME, "Class that is asked about", lambda one: CALLED.get(one, one),
            "One class for all networks that have it by this name; the others explain their own.",
        )  # fmt: skip


def _target(one: Choice, first: Choice, wanted: str, picture: Picture) -> Target:
    """What a panel explains: the class of all, or its network's own first answer."""
    own = int(compare.shares(one.name, picture.key, picture.raw).argmax())
    if wanted == OWN:
        return Target(own)
    if wanted == SAME:
        answers = compare.shares(first.name, picture.key, picture.raw)
        wanted = compare.labels(first.name)[int(answers.argmax())]
    labels = compare.labels(one.name)
    return Target(labels.index(wanted) if wanted in labels else own)


def _seconds(job: Job, picture: Picture) -> float:
    """What a map takes; 0 if it was computed in this visit or takes no time worth a word."""
    one = job.choice
    passes = METHODS[one.method].passes(attribution.shape(one.name), Settings())
    if passes < FEW or (job, picture.key) in st.session_state.get(DONE, ()):
        return 0.0
    return passes * attribution.seconds(one.name, *cached.sample(samples.DEFAULT))


def _computed(
    jobs: list[Job], late: set[Job], picture: Picture, asked: Hashable, place: DeltaGenerator
) -> list[wire.Panel]:
    """A panel for each job; those that are too late stay pending."""
    found = []
    with compare_wait.bar(KEY, asked, place) as tell:
        for k, job in enumerate(jobs):
            if job in late:
                found.append(_panel(job, picture, None))
                continue
            one = job.choice
            made = attribution.attribution(
                one.name, picture.key, picture.raw, one.method, job.target, Settings(),
                _part(tell, one, k, len(jobs)),
            )  # fmt: skip
            st.session_state[DONE] = {*st.session_state.get(DONE, ()), (job, picture.key)}
            found.append(_panel(job, picture, made))
    return found


def _part(tell: Tell, one: Choice, k: int, count: int) -> Progress:
    text = f"{METHODS[one.method].title}: {CATALOG[one.name].title}"
    return lambda done, total: tell((k + done / max(total, 1)) / count, text)


def _panel(job: Job, picture: Picture, made: Attribution | None) -> wire.Panel:
    name, method = job.choice.name, METHODS[job.choice.method]
    shares, labels = compare.shares(name, picture.key, picture.raw), compare.labels(name)
    answer = int(shares.argmax())
    return wire.Panel(
        network=CATALOG[name].title, method=method.title, answers=method.answers,
        values=made.values if made else np.zeros((1, 1), np.float32),
        signed=method.signed, unit=made.unit if made else method.unit,
        explained=labels[job.target.label], explained_share=float(shares[job.target.label]),
        answer=labels[answer], share=float(shares[answer]), box=compare.box(name),
        pending=made is None,
    )  # fmt: skip


def _message(found: list[wire.Panel], picture: Picture) -> bytes:
    pairs = {
        (i, j): agreement.agreement(found[i].values, found[j].values, (found[i].box, found[j].box))
        for i, j in combinations(range(len(found)), 2)
        if not (found[i].pending or found[j].pending)
    }
    message = wire.panels(
        found, agreements=pairs, note=_note(found),
        picture_jpeg=compare.square_jpeg(picture.key, picture.raw, compare.PICTURE_PIXELS),
    )  # fmt: skip
    return wire.patch_frames.with_view(message, tries.asked(ASKED))


def _note(found: list[wire.Panel]) -> str:
    """What is not the same in all panels: the class, or what part of the picture is seen."""
    told = []
    if len(classes := dict.fromkeys(one.explained for one in found)) > 1:
        told.append(f"Not all panels are about one class: {', '.join(classes)}.")
    if len({one.box for one in found}) > 1:
        told.append(
            "These networks crop the picture differently: what one does not see is dark, and the "
            "pointer marks the same place of the picture in all."
        )
    if any(not one.pending and not one.values.any() for one in found):
        told.append("A map without any colour is 0 everywhere.")
    return " ".join(told)
