"""Prose next to a figure: assets/text/<page>.md, and the code that computed it."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

TEXT = Path(__file__).parents[2] / "assets" / "text"


def sections(name: str) -> dict[str, str]:
    """Text of a page by its second-level headings."""
    text = (TEXT / f"{name}.md").read_text(encoding="utf-8")
    parts = (part.partition("\n") for part in text.split("\n## ")[1:])
    return {title.strip(): body.strip() for title, _, body in parts}


def page(name: str, *code: Callable[..., Any]) -> None:
    """Tabs See, Maths, Code, Sources; the code is the source of the functions that ran."""
    text = sections(name)
    see, maths, ran, sources = st.tabs(["See", "Maths", "Code", "Sources"])
    see.markdown(text["See"])
    maths.markdown(text["Maths"])
    ran.caption("The very functions that computed this page.")
    for function in code:
        ran.markdown(f"`{function.__module__}.{function.__qualname__}`")
        ran.code(inspect.getsource(function), language="python")
    sources.markdown(text["Sources"])
