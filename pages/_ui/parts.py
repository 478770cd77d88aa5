"""Small pieces of HTML that Streamlit has no widget for: bars, legends, cards."""

from dataclasses import dataclass, field
from html import escape

import streamlit as st

from viz_core import colour
from viz_core.colour import Sequential
from viz_core.prediction import Guess


def guesses(rows: list[Guess]) -> None:
    """Classes with a bar and their share in percent."""
    lines = "".join(
        f'<div class="guess"><span>{escape(row.label)}</span>'
        f'<div class="track"><div class="bar" style="width:{100 * row.share:.1f}%"></div></div>'
        f'<span class="percent">{100 * row.share:.3g} %</span></div>'
        for row in rows
    )
    st.html(f'<div class="guesses" role="list" aria-label="Prediction">{lines}</div>')


def legend(name: Sequential, lowest: str, highest: str, meaning: str) -> None:
    """The colour bar of a map with both ends and what the colours mean."""
    stops = ", ".join(f"rgb({r},{g},{b})" for r, g, b in colour.table(name)[::17])
    st.html(
        f'<div class="legend"><span>{escape(lowest)}</span>'
        f'<span class="ramp" style="background:linear-gradient(90deg,{stops})"></span>'
        f"<span>{escape(highest)}</span><span>{escape(meaning)}</span></div>"
    )


@dataclass(frozen=True)
class Card:
    """A link to a view: its page and what the address carries."""

    title: str
    text: str
    page: str
    query: dict[str, str] = field(default_factory=dict)


def cards(*chapters: Card) -> None:
    """Links side by side."""
    for column, card in zip(st.columns(len(chapters)), chapters, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.page_link(
                card.page,
                label=f"**{card.title}**",
                icon=":material/arrow_forward:",
                query_params=card.query or None,
            )
            st.caption(card.text)


def note(text: str) -> None:
    """A quiet line below a picture."""
    st.html(f'<div class="legend">{escape(text)}</div>')
