"""A page in steps: one view at a time, with a switch in the header and a walk below."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.catalog import CATALOG
from pages._ui import explain

KEY = "step"
# The comment makes every script another one: a browser does not run the same script twice.
TO_THE_TOP = """<script>
// {serial}
document.querySelector('[data-testid="stMain"]')?.scrollTo({{ top: 0 }});
</script>"""


@dataclass(frozen=True)
class Step:
    """One view of a page.

    Attributes:
        notice: What to notice, and what to do first.
        show: Draws it for a network of the catalog.
        code: What it runs besides the network.
    """

    notice: str
    show: Callable[[str], None]
    code: tuple[Callable[..., Any], ...]


@dataclass(frozen=True)
class Lesson:
    """The steps of a page, in the order of a lesson.

    Attributes:
        page: Its name, which begins the keys of its widgets.
        steps: At least one, by name.
    """

    page: str
    steps: Mapping[str, Step]

    @property
    def names(self) -> list[str]:
        """The steps in order."""
        return list(self.steps)

    @property
    def went(self) -> str:
        """Entry of the session that is set where the next run starts at the top of the page."""
        return f"{self.page}-went"

    def current(self) -> str:
        """The step of this run: what was chosen, or what the link asks for."""
        wanted: str = st.session_state.get(KEY) or st.query_params.get(KEY, "")
        return wanted if wanted in self.steps else self.names[0]

    def notice(self) -> str:
        """What to notice in the step of this run."""
        return self.steps[self.current()].notice

    def code(self) -> tuple[Callable[..., Any], ...]:
        """What the step of this run runs besides the network."""
        return self.steps[self.current()].code

    def switch(self, row: DeltaGenerator, words: tuple[str, ...]) -> None:
        """The switch in the header, and the glossary beside it.

        Args:
            row: Place in the header.
            words: Terms of the glossary that the page uses.
        """
        wanted = st.query_params.get(KEY)
        if KEY not in st.session_state and wanted and wanted not in self.steps:
            st.toast(f"This link asks for a step “{wanted[:20]}”; you see {self.names[0]} instead.")
        with row:
            st.segmented_control(
                "Step",
                self.names,
                default=self.names[0],
                required=True,
                key=KEY,
                bind="query-params",
                label_visibility="collapsed",
                wrap=True,
                help="Views of the same network, in the order of a lesson.",
            )
            explain.words(*words)

    def show(self, network: str, missing: str | None = None) -> None:
        """The chosen step, and the way to the ones before and after it.

        Args:
            network: Key of the catalog.
            missing: Why the step cannot be shown, in a sentence; None if it can.
        """
        name = self.current()
        with st.container(key=f"{self.page}-step"):
            if missing:
                st.info(missing)
            else:
                self.steps[name].show(network)
        self._walk(name, network)

    def _walk(self, name: str, network: str) -> None:
        names, at = self.names, self.names.index(name)
        with st.container(horizontal=True, vertical_alignment="center", key=f"{self.page}-walk"):
            st.button(
                "Back", key=f"{self.page}-back", on_click=self._go, args=(names[max(0, at - 1)],),
                disabled=not at, icon=":material/arrow_back:", help="The step before this one.",
            )  # fmt: skip
            following = names[(at + 1) % len(names)]
            last = at + 1 == len(names)
            st.button(
                "From the start" if last else f"Next: {following}", key=f"{self.page}-next",
                on_click=self._go, args=(following,), type="primary",
                icon=":material/arrow_forward:", icon_position="right",
                help="The next step of the walk.",
            )  # fmt: skip
            st.caption(f"Step {at + 1} of {len(names)}. You see {CATALOG[network].title}.")
        if st.session_state.pop(self.went, False):
            serial = st.session_state.get(f"{self.went}-times", 0) + 1
            st.session_state[f"{self.went}-times"] = serial
            st.html(TO_THE_TOP.format(serial=serial), unsafe_allow_javascript=True)

    def _go(self, name: str) -> None:
        st.session_state[KEY] = name
        st.session_state[self.went] = True
