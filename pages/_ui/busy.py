"""Progress of work in cached functions: a bar after a moment, and a button that stops."""

import contextvars
import time
from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

PATIENCE_SECONDS = 0.4
BETWEEN_SECONDS = 0.1
THIN = "\u2009"


class Busy:
    """Called with how much is done and how much there is; draws nothing while it goes quickly.

    A click on Stop reruns the script, which ends the work at its next call from here.
    """

    def __init__(
        self, place: DeltaGenerator, said: str, key: str, stop: Callable[[], None]
    ) -> None:
        """Args: where it is drawn, what is computed, a key of its own, what Stop remembers."""
        self._place, self._said, self._key, self._stop = place, said, key, stop
        self._began, self._drawn = time.monotonic(), 0.0
        self._bar: DeltaGenerator | None = None
        # Streamlit keeps what is drawn within a cached function with its result, to draw it
        # again. This is drawn in the context of before, where no cached function runs.
        self._before = contextvars.copy_context()

    def over(self) -> None:
        """Take away what was drawn."""
        self._place.empty()

    def __call__(self, done: int, total: int) -> None:
        """Draw how far it is."""
        now = time.monotonic()
        if now - self._began >= PATIENCE_SECONDS and now - self._drawn >= BETWEEN_SECONDS:
            self._drawn = now
            self._before.run(self._draw, min(1.0, done / max(total, 1)), now - self._began)

    def _draw(self, share: float, gone: float) -> None:
        if self._bar is None:
            with self._place.container(
                horizontal=True, vertical_alignment="center", key=f"{self._key}-busy"
            ):
                self._bar = st.progress(0.0)
                st.button(
                    "Stop", key=f"{self._key}-stop", on_click=self._stop,
                    help="Ends the computation; what was there before stays.",
                )  # fmt: skip
        left = gone / share - gone if share > 0.02 else 0.0
        about = f", about {max(1, round(left))}{THIN}s left" if left > 1 else ""
        self._bar.progress(share, f"{self._said}{about}")


def counted(passes: float) -> str:
    """A number of passes for people: "1.2 passes", "1 600 passes"."""
    told = f"{passes:.3g}" if passes < 100 else f"{passes:,.0f}".replace(",", THIN)
    return f"{told} {'pass' if told == '1' else 'passes'}"


def took(seconds: float) -> str:
    """A time for people: "about 0.3 s", "about 2 min"."""
    if seconds < 0.1:
        return f"less than 0.1{THIN}s"
    if seconds < 99:
        return f"about {seconds:.2g}{THIN}s"
    minutes = seconds / 60
    return f"about {minutes:.2g}{THIN}min" if minutes < 99 else f"about {minutes / 60:.2g}{THIN}h"
