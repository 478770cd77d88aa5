"""Prose next to a figure: assets/text/<page>.md, and the code that computed it."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from string import Template
from typing import Any

import streamlit as st

TEXT = Path(__file__).parents[2] / "assets" / "text"


class _Live(Template):
    """Text whose @{name} are filled in; $ belongs to the formulas."""

    delimiter = "@"


def sections(name: str) -> dict[str, str]:
    """Text of a page by its second-level headings."""
    text = (TEXT / f"{name}.md").read_text(encoding="utf-8")
    parts = (part.partition("\n") for part in text.split("\n## ")[1:])
    return {title.strip(): body.strip() for title, _, body in parts}


def page(name: str, *code: Callable[..., Any], values: Mapping[str, str] | None = None) -> None:
    """Tabs See, Maths, Code, Sources; the code is the source of the functions that ran.

    Args:
        name: File in assets/text, without .md.
        code: Functions or classes of models and viz_core that computed the page.
        values: What stands for @{name} in the text: the numbers of this very view.
    """
    text = {title: _Live(body).substitute(values or {}) for title, body in sections(name).items()}
    see, maths, ran, sources = st.tabs(["See", "Maths", "Code", "Sources"])
    see.markdown(text["See"])
    maths.markdown(text["Maths"])
    ran.caption("The very functions that computed this page.")
    for function in code:
        ran.markdown(f"`{function.__module__}.{function.__qualname__}`")
        ran.code(inspect.getsource(function), language="python")
    sources.markdown(text["Sources"])


def glossary() -> dict[str, str]:
    """Every term of assets/text/glossary.md with its explanation."""
    text = (TEXT / "glossary.md").read_text(encoding="utf-8")
    lines = (line[2:].split(": ", 1) for line in text.splitlines() if line.startswith("- "))
    return {term: meaning for term, meaning in lines}


def words(*terms: str) -> None:
    """A popover that explains the terms of a page.

    Raises:
        KeyError: If the glossary has no such term.
    """
    known = glossary()
    with st.popover("Words", icon=":material/menu_book:", help="What the terms mean"):
        for term in terms:
            st.markdown(f"**{term}** {known[term]}")
