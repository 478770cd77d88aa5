"""What is asked on the page Why: which method, which class, against which, filled with what.

The session keeps what was chosen; the address says it, so that a link brings the view back.
Another picture or network keeps it where it fits, and the page says where it does not.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import controls, ready
from pages._ui.cached import attribution
from pages._ui.cached import why as cached
from viz_core.attribution import BASELINES, Settings, Target
from viz_core.attribution.methods import METHODS

KEPT, ADDRESS, LAST = "why-choice", "why-address", "why-last"
# The first that suits the network is what a first visit sees: quick, and about a class.
FIRST = ("relevance", "grad_cam", "saliency")
LATE_SECONDS = 5
PARAMETERS = {"method": "method", "class": "label", "against": "against"}


@dataclass(frozen=True)
class Wanted:
    """What a person or a link asked for; None leaves it to the page.

    Attributes:
        method: Key of METHODS.
        label: Name of the class; None follows the first answer.
        against: Name of the class that it is compared with.
        baseline: One of BASELINES.
    """

    method: str | None = None
    label: str | None = None
    against: str | None = None
    baseline: str = BASELINES[0]


@dataclass(frozen=True)
class Choice:
    """What is shown, all of it possible.

    Attributes:
        network: Key of the catalog.
        key: Of the picture.
        raw: Its bytes.
        picture: What people call it.
        method: Key of METHODS.
        target: The class.
        settings: Of the method; its baseline also fills what is erased.
        labels: Names of all classes, unique.
        logits: What the head says of the whole picture.
        notes: Sentences on what was asked for and cannot be shown.
    """

    network: str
    key: str
    raw: bytes
    picture: str
    method: str
    target: Target
    settings: Settings
    labels: tuple[str, ...]
    logits: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def given(self) -> tuple[str, str, bytes]:
        """Network and picture, as cached functions take them."""
        return self.network, self.key, self.raw

    @property
    def asked(self) -> tuple[str, str, bytes, str, Target, Settings]:
        """All that a map depends on, as cached functions take it."""
        return *self.given, self.method, self.target, self.settings

    @property
    def named(self) -> str:
        """The target in words: “dog”, or “dog” against “cat”."""
        label = f"“{self.labels[self.target.label]}”"
        if self.target.against is None:
            return label
        return f"{label} against “{self.labels[self.target.against]}”"


def network() -> str:
    """The network of this run: one with classes."""
    name = controls.network_name()
    view = next(iter(CATALOG[name].views)) if attribution.suits(name) else "classes"
    return ready.network_name(view=view, lacks="names no classes, so there is nothing to ask why")


def current(name: str) -> Choice:
    """What is shown of the sidebar's picture, and the address that says so."""
    wanted, picture = _wanted(), controls.picture()
    labels = cached.labels(CATALOG[name].labels or "")
    logits = attribution.logits(name, picture.key, picture.raw)
    notes: list[str] = []
    method = _method(name, wanted.method, notes)
    label = _index(wanted.label, labels, "its first answer is explained", notes)
    target = int(logits.argmax()) if label is None else label
    against = _index(wanted.against, labels, "nothing is compared", notes)
    if against == target:
        notes.append(f"“{labels[target]}” cannot be compared with itself: choose another class.")
        against = None
    _to_address(_possible(wanted, method, label, against))
    return Choice(
        name, picture.key, picture.raw, picture.title, method, Target(target, against),
        Settings(baseline=wanted.baseline), labels, logits, tuple(notes),
    )  # fmt: skip


def _possible(wanted: Wanted, method: str, label: int | None, against: int | None) -> Wanted:
    """What was asked for without what is not shown: a link must not say what nobody sees.

    The session keeps the rest, for a picture or network that it fits.
    """
    return replace(
        wanted,
        method=wanted.method if wanted.method == method else None,
        label=None if label is None else wanted.label,
        against=None if against is None else wanted.against,
    )


def quick(choice: Choice) -> Choice:
    """The same question to a method that takes no time."""
    return replace(choice, method=_method(choice.network, None, []))


def change(part: Mapping[str, Any]) -> None:
    """What a person chose in the browser; anything that no browser sends is left out."""
    known = {field.name for field in fields(Wanted)}
    texts: dict[str, Any] = {
        k: v for k, v in part.items() if k in known and (v is None or isinstance(v, str))
    }
    if texts.get("baseline", BASELINES[0]) not in BASELINES:
        del texts["baseline"]
    if texts.get("method", "") not in (*METHODS, ""):
        del texts["method"]
    known_so_far = _wanted()
    if texts.get("label") and texts["label"] == known_so_far.against:
        texts.setdefault("against", None)  # it was compared with what is explained now
    st.session_state[KEPT] = replace(known_so_far, **texts)


def shown() -> None:
    """Remember that the present choice is on the stage: the one that Stop goes back to."""
    st.session_state[LAST] = st.session_state[KEPT]


def back() -> None:
    """What Stop does: the last choice that was shown, or the quick method if that is what ran."""
    last: Wanted = st.session_state.get(LAST, Wanted())
    same = last == st.session_state.get(KEPT)
    st.session_state[KEPT] = replace(last, method=None) if same else last


def _wanted() -> Wanted:
    """What is asked for: by a link that was followed since, else by what was kept."""
    kept: Wanted | None = st.session_state.get(KEPT)
    link = _address()
    if kept is None or (link and not _ours(link)):
        read: dict[str, Any] = {"label": None, "against": None}
        read |= {PARAMETERS[name]: text for name, text in link.items()}
        kept = replace(kept or Wanted(), **read) if link else Wanted()
        if kept.method is not None and kept.method not in METHODS:
            st.toast(f"This link asks for a method “{kept.method[:20]}” that is not here.")
            kept = replace(kept, method=None)
        st.session_state[KEPT] = kept
        st.session_state[ADDRESS] = Written(link, link, time.monotonic())
    return kept


@dataclass(frozen=True)
class Written:
    """What this page wrote into the address last, what stood there before, and when."""

    told: Mapping[str, str]
    before: Mapping[str, str]
    at: float


def _address() -> dict[str, str]:
    return {name: st.query_params[name] for name in PARAMETERS if name in st.query_params}


def _ours(link: Mapping[str, str]) -> bool:
    """Whether this page wrote the address: a click may come with the one of just before."""
    written: Written | None = st.session_state.get(ADDRESS)
    if written is None:
        return False
    late = time.monotonic() - written.at < LATE_SECONDS
    return link == written.told or (late and link == written.before)


def _to_address(wanted: Wanted) -> None:
    texts = {name: getattr(wanted, field) for name, field in PARAMETERS.items()}
    told = {name: text for name, text in texts.items() if text is not None}
    before = _address()
    if told == before:
        return
    for name, text in texts.items():
        if text is not None:
            st.query_params[name] = text
        elif name in before:
            del st.query_params[name]
    st.session_state[ADDRESS] = Written(told, before, time.monotonic())


def _method(name: str, wanted: str | None, notes: list[str]) -> str:
    views = CATALOG[name].views
    if wanted is not None and METHODS[wanted].suits(views):
        return wanted
    found = next(method for method in FIRST if METHODS[method].suits(views))
    if wanted is not None:
        notes.append(
            f"{METHODS[wanted].title} needs {lacking(wanted)}, and {CATALOG[name].title} has none: "
            f"you see {METHODS[found].title}."
        )
    return found


def lacking(method: str) -> str:
    """What a network must have for a method, in words."""
    needs = METHODS[method].needs
    if any("attention" in one for one in needs):
        return "attention" if "window attention" in needs else "attention over the whole picture"
    return " or ".join(sorted(needs))


def _index(
    wanted: str | None, labels: tuple[str, ...], instead: str, notes: list[str]
) -> int | None:
    if wanted is None:
        return None
    if wanted in labels:
        return labels.index(wanted)
    notes.append(f"This network knows no class “{wanted[:40]}”: {instead}.")
    return None
