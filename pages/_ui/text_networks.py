"""Below the stage of the page Text: the steps that words and patches share, and the networks."""

from collections.abc import Mapping
from statistics import mean, stdev
from typing import Any

import streamlit as st

from models.text_catalog import TEXTS
from pages._ui import explain, frame
from pages._ui.cached import text

# Hassani et al. 2021 (arXiv:2104.05704), text CCT-2 with kernels of 1, 2 and 4 words, percent.
PUBLISHED = {"trec": (91.0, 91.8, 91.0), "ag_news": (93.45, 93.51, 93.8)}
KINDS = {"text_vit_trec": "ViT-Lite", "text_cvt_trec": "CVT", "text_cct_trec": "CCT"}
LIVE = (
    "title", "rows", "word_width", "kernel", "window", "width", "heads", "head_width", "root",
    "layers",
)  # fmt: skip
HEAD = (
    "| network | parameters | right, here | published CCT-2, kernels of 1, 2, 4 words |\n"
    "|---|---|---|---|"
)


def steps() -> None:
    """What stands for what when words take the place of patches."""
    frame.section(
        "The same three steps as for pictures",
        "Swap the patch for a word and the rest stays: that is why one page can explain both.",
    )
    st.markdown(explain.sections("text")["Steps"])


def table() -> None:
    """The networks that ship, measured, beside what was published."""
    from models.tensorfile import WeightsError

    frame.section(
        "The networks",
        "Small ones, trained here from nothing on sentences alone, without word vectors of others.",
    )
    lines = []
    for name in TEXTS:
        try:
            lines.append(_line(name))
        except WeightsError as missing:
            st.caption(str(missing))
    st.markdown("\n".join([HEAD, *lines]))
    if kinds := text.kinds():
        st.caption(_kinds(kinds))
    st.caption(explain.sections("text")["Honestly"])


def live() -> dict[str, str]:
    """Numbers of the network on the stage for the maths; none of them where it is missing."""
    from models.tensorfile import WeightsError

    name = st.session_state.get("sentence_network", next(iter(TEXTS)))
    try:
        loaded = text.network(name)
    except WeightsError:
        return dict.fromkeys(LIVE, "–")
    shape = loaded.model.cfg
    head_width = shape.width // shape.heads
    first, end = shape.window(1)
    numbers = (
        len(loaded.vocabulary), shape.word_width, shape.kernel, end - first, shape.width,
        shape.heads, head_width, f"{head_width**0.5:.3g}", shape.depth,
    )  # fmt: skip
    return dict(zip(LIVE, (TEXTS[name].title, *map(str, numbers)), strict=True))


def _kinds(found: Mapping[str, Mapping[str, Any]]) -> str:
    """What networks of three kinds reached that were trained alike."""
    said = [
        f"{KINDS[name]} {mean(one['test']):.1f} ± {stdev(one['test']):.1f}\u2009%"
        for name, one in found.items()
        if name in KINDS and len(one["test"]) > 1
    ]
    return (
        f"Three kinds trained alike on TREC: {', '.join(said)} of the test questions (mean and "
        "standard deviation over seeds). One standard error of 500 questions is 1.4 points."
    )


def _line(name: str) -> str:
    about = text.network(name).about
    published = next((some for data, some in PUBLISHED.items() if name.endswith(data)), ())
    theirs = " / ".join(f"{one:g}" for one in published)
    return (
        f"| {TEXTS[name].title} `{name}` | {about['parameters']:,} "
        f"| **{about['accuracy']:.3g}\u2009%** of {about['test']:,} | {theirs}\u2009% |"
    )
