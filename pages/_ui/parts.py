"""Small pieces of HTML that Streamlit has no widget for: bars, legends, cards."""

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


def cards(chapters: dict[str, tuple[str, str]]) -> None:
    """Links to chapters: title -> (page file, what one sees there)."""
    for column, (title, (target, text)) in zip(
        st.columns(max(2, len(chapters))), chapters.items(), strict=False
    ):
        with column, st.container(border=True):
            st.page_link(target, label=f"**{title}**", icon=":material/arrow_forward:")
            st.caption(text)


def note(text: str) -> None:
    """A quiet line below a picture."""
    st.html(f'<div class="legend">{escape(text)}</div>')
