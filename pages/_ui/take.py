"""“Take it with you”: pictures, a living page, the numbers and a script of the view on screen.

A page calls `offer(header, make)` once, after its content. `make` says what is shown in a `Take`
and runs only while the popover is open. Its script is a file of assets/scripts that computes the
same numbers without the app: `tests/test_scripts.py` opens every page, runs the script it offers
and compares. A new page therefore needs three things: a script whose capitals are the view's
settings, a `make` with numbers under the same names, and a line in that test.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.catalog import CATALOG
from pages._ui import cached, component, controls, samples
from viz_core.take import files, script
from viz_core.take.files import Numbers
from viz_core.take.script import Value

KEY = "taken"
LONG = 12  # values of a setting that a header still spells out
OWN = "your picture"  # what a script calls a picture that only its visitor has
_live = component.register("take")


@dataclass(frozen=True)
class Take:
    """One view as somebody takes it home.

    Attributes:
        name: Stem of the files, such as "attention-layer3-head2": lower case, no blanks.
        says: The view in a few words, for captions: "ViT-Nano, layer 3, head 2".
        numbers: The arrays of the view under the names that the script gives them.
        script: Stem of a file in assets/scripts.
        values: This view's constants, by the script's names. PICTURE is filled in here.
        measured: Arrays that no script repeats, such as the curve of a training, each with a
            note like those of a script: "(axis,): what, unit".
    """

    name: str
    says: str
    numbers: Numbers
    script: str
    values: Mapping[str, Value] = field(default_factory=dict)
    measured: Mapping[str, tuple[np.ndarray, str]] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The script with this view's constants, ready to be run."""
        values, notes = dict(self.values), {}
        if self.pictured:
            path = picture_path(controls.picture().title, controls.picture().key)
            values = {"PICTURE": path, **values}
            if path.startswith(OWN):
                notes["PICTURE"] = "put the path of your own picture here"
        source = script.filled(script.text(self.script), values, notes)
        return script.handed_out(source, self.stem)

    @property
    def stem(self) -> str:
        """Stem of all files of the view."""
        return f"saccade-{self.name}"

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """All that the files hold."""
        return {**self.numbers, **{name: array for name, (array, _) in self.measured.items()}}

    @property
    def notes(self) -> dict[str, str]:
        """What each array is."""
        known = script.notes(script.text(self.script))
        return known | {name: note for name, (_, note) in self.measured.items()}

    @property
    def pictured(self) -> bool:
        """Whether the view is of a picture."""
        return "PICTURE" in script.constants(script.text(self.script))

    @property
    def caption(self) -> str:
        """The view and its picture in one line."""
        return f"{self.says}, picture: {controls.picture().title}" if self.pictured else self.says

    @property
    def about(self) -> str:
        """What stands with the numbers in a file, without the script."""
        lines = [f"Saccade: {self.caption}"]
        if self.pictured:
            lines.append(f"SHA-256 of the picture's file: {controls.picture().key}")
        settings = ", ".join(f"{name}{_setting(value)}" for name, value in self.values.items())
        return "\n".join([*lines, f"Settings: {settings}"] if settings else lines)


def picture_path(title: str, key: str) -> str:
    """How a script names a picture, from the repository's root: a sample, or "your picture"."""
    if title in samples.SAMPLES and key == cached.sample(title)[0]:
        return samples.path(title).relative_to(samples.GALLERY.parents[1]).as_posix()
    ending = PurePath(title).suffix.lower()
    return f"{OWN}{ending if ending[1:] in controls.UPLOAD_TYPES else '.png'}"


def seen(name: str) -> Mapping[str, Any]:
    """What the browser shows just now, as far as it said when the popover opened.

    Much of a view moves without a word to Python: the layer of a canvas, the map of a wall.

    Args:
        name: "canvas" for the first canvas of the page, with the fields of `CanvasState`, or the
            name under which a component keeps what was set (`kept` in canvas/js/dom.js).

    Returns:
        Whatever a browser told: to be read with `whole` and `one_of`. Empty if it said nothing.
    """
    told: Any = st.session_state.get(KEY)
    for step in ("views", name):
        told = told.get(step) if isinstance(told, Mapping) else None
    return told if isinstance(told, Mapping) else {}


def whole(told: Mapping[str, Any], name: str, default: int, count: int) -> int:
    """A whole number from 0 to `count` - 1 that a browser told; the default for anything else."""
    value = told.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < count:
        return value
    return default


def one_of(told: Mapping[str, Any], name: str, default: str, known: Collection[str]) -> str:
    """A word that a browser told, if it is known; the default for anything else."""
    value = told.get(name)
    return value if isinstance(value, str) and value in known else default


def titled(network: str) -> str:
    """What people call a network of the catalog."""
    return CATALOG[network].title


def offer(place: DeltaGenerator, make: Callable[[], Take]) -> None:
    """Draw the popover of a page; nothing of it is computed before somebody opens it.

    Args:
        place: The row of the title that `frame.header` returned: the same place on every page.
        make: Says what is on screen now. Called with each run while the popover is open.
    """
    with place:
        _popover(make)


@st.fragment
def _popover(make: Callable[[], Take]) -> None:
    popover = st.popover(
        "Take it with you", icon=":material/download:", key="take", on_change="rerun",
        help="This view as a picture, a living page, its numbers, or a Python script.",
    )  # fmt: skip
    if popover.open:
        with popover:
            _contents(make())


def _contents(taken: Take) -> None:
    st.caption(taken.caption)
    about = {
        "stem": taken.stem,
        "caption": taken.caption,
        "pictured": f"picture: {controls.picture().title}" if taken.pictured else "",
    }
    _live(data=json.dumps(about).encode(), key=KEY, on_views_change=_nothing)
    source, name = taken.source, taken.stem
    # Files are made on a click, in a thread that knows no session: all texts are read now.
    arrays, notes, told = taken.arrays, taken.notes, taken.about
    with st.container(horizontal=True, vertical_alignment="center", key="take-numbers"):
        st.markdown("**The numbers**", width="stretch")
        st.caption(f"{_count(arrays)} in {len(arrays)} arrays", width="content")
        _download(
            "CSV", lambda: files.sheets(arrays, told, notes),
            f"{name}.{files.kind(arrays)}",
            "For a spreadsheet: one table for each array, in a ZIP if there are several.",
        )  # fmt: skip
        _download(
            "NPZ", lambda: files.npz(arrays, f"{told}\n\n{source}"), f"{name}.npz",
            "For numpy.load: all arrays, and a text that says what they are.",
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", key="take-script"):
        st.markdown("**The same in Python**", width="stretch")
        _download(
            "Script", source.encode, f"{name}.py",
            "All of the code below, with this view's settings.",
        )  # fmt: skip
    st.caption(f"Put it into Saccade’s folder and run `.venv/bin/python {name}.py` there.")
    st.code(source, language="python", height=300)


def _setting(value: Value) -> str:
    """A setting in a file of numbers; what would be a line without end is only counted."""
    if isinstance(value, tuple) and len(value) > LONG:
        return f": {len(value)} values, see the script"
    return f"={value!r}"


def _nothing() -> None:
    """Streamlit keeps a component's state only for names that have a callback."""


def _download(label: str, data: Callable[[], bytes], name: str, tip: str) -> None:
    st.download_button(
        label, data, name, key=f"take-{label}", help=tip, on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip


def _count(numbers: Numbers) -> str:
    return f"{sum(array.size for array in numbers.values()):,}".replace(",", "\u2009")
