"""What every page shares around its content: browser tab, trimmed margins, header."""

import runpy
from contextvars import ContextVar
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import StreamlitPage

from pages._ui import explain

ASSETS = Path(__file__).parents[2] / "assets"
_from_app: ContextVar[bool] = ContextVar("from_app", default=False)
STYLE = (Path(__file__).parent / "frame.css").read_text(encoding="utf-8")


def configure() -> None:
    """Tab title, icon and style; the first call of every run."""
    # A local icon: Streamlit would fetch a material one from outside.
    icon = str(ASSETS / "favicon.svg")
    st.set_page_config(page_title="Saccade", page_icon=icon, layout="wide")
    st.html(f"<style>{STYLE}</style>")
    st.logo(str(ASSETS / "logo.svg"), size="large")


def header(title: str, notice: str, words: tuple[str, ...] = ()) -> DeltaGenerator:
    """Title of a page and the one sentence that says what to notice; the first call of a page.

    Args:
        title: Name of the page.
        notice: What to notice, and what to do first.
        words: Terms of the glossary that the page uses; a popover explains them.

    Returns:
        A place right of the title for a control that changes the whole page.
    """
    _through_app()
    row = st.container(horizontal=True, horizontal_alignment="distribute", key="header")
    row.title(title, anchor=False, width="content")
    st.markdown(f'<p class="notice">{notice}</p>', unsafe_allow_html=True)
    if words:
        with row:
            explain.words(*words)
    return row


def section(title: str, notice: str) -> None:
    """A part of a page further down, with its own sentence on what to notice."""
    st.subheader(title, anchor=title.lower().replace(" ", "-"))
    st.markdown(f'<p class="notice">{notice}</p>', unsafe_allow_html=True)


def run(page: StreamlitPage) -> None:
    """Run a page from app.py."""
    token = _from_app.set(True)
    try:
        page.run()
    finally:
        _from_app.reset(token)


def _through_app() -> None:
    """Run app.py if Streamlit ran the page without it.

    Until `st.navigation` was first called, a server takes `pages/` for its automatic pages: a
    link to a page that is the very first visit would run that page alone, without sidebar.
    """
    if not _from_app.get():
        runpy.run_path(str(ASSETS.parent / "app.py"))
        st.stop()
