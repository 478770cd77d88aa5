"""Step “Variants” of the page Compact: every published one, what it costs, and a calculator."""

import json
from typing import Any

import streamlit as st

from models import compact as model
from models import compact_config
from pages._ui import compact_networks, component, frame
from pages._ui.cached import compact_variants as cached
from viz_core import compact_figures, compact_macs, compact_paper
from viz_core.compact_figures import Point
from viz_core.probe import clock

KEY, ASKED = "compact-variants", "compact-variants-view"
TABLE = "compact-table"
NOTICE = (
    "CCT-4/3×2 answers as well as ViT-Lite-7/4 with an eighth of its parameters. Build one of "
    "your own beside them."
)
CODE = (
    compact_config.CompactConfig, model.Compact, compact_macs.cost, clock.paired,
    compact_paper.measured,
)  # fmt: skip
DATA = {"CIFAR-10": "cifar10", "CIFAR-100": "cifar100"}
THIN = "\u2009"
UNTOLD = (
    "“Measure here” times every variant on this machine: half a minute, more where others work."
)
TOLD = (
    "Time: the fastest of three to seven passes of one picture, float32, random weights, each in "
    "turns with ViT-Lite-7/4."
)

_variants = component.register("variants")


def show(network: str) -> None:
    """The plot beside the calculator, then the table."""
    chart, build = st.columns([1.35, 1], gap="medium")
    with chart:
        _plot()
    with build:
        view = compact_networks.asked(ASKED)
        message = {"kind": "calculator", "rows": cached.rows(), "first": network, "view": view}
        _variants(data=json.dumps(message).encode(), key=KEY)
    frame.section(
        "Every published variant",
        "The name says layers, then the kernel and how many convolutions of it. Click a row to "
        "put it into the calculator, a heading to sort.",
    )
    _table()


@st.fragment
def _plot() -> None:
    data = st.segmented_control(
        "Data", list(DATA), default="CIFAR-10", required=True, key=f"{KEY}-data",
        persist_state="session", label_visibility="collapsed",
        help="What the networks were trained and tested on; ours saw CIFAR-10 only.",
    )  # fmt: skip
    points = plotted(cached.rows(), DATA[data], cached.ours() if data == "CIFAR-10" else {})
    st.plotly_chart(
        compact_figures.accuracies(points, data), key=f"{KEY}-plot",
        config={"displayModeBar": False},
    )  # fmt: skip
    longer = "; ".join(
        f"{how} {ten:.2f}{THIN}% and {hundred:.2f}{THIN}%"
        for how, ten, hundred in compact_paper.LONGER
    )
    st.caption(
        f"The paper's numbers: {compact_paper.SOURCE}, 200 epochs. Trained for longer, CCT-7/3×1 "
        f"reaches on CIFAR-10 and CIFAR-100: {longer}. Ours: the cards beside the shipped weights."
    )


def plotted(rows: list[dict[str, Any]], data: str, ours: dict[str, float]) -> list[Point]:
    """The points of the plot: what the paper reports, then what we measured.

    Args:
        rows: From `cached.rows`.
        data: "cifar10" or "cifar100".
        ours: Top-1 in percent by variant.
    """
    reported = [
        Point(row["title"], row["family"], row["parameters"], row[data])
        for row in rows
        if row[data] is not None
    ]
    measured = [
        Point(row["title"], row["family"], row["parameters"], ours[row["name"]], ours=True)
        for row in rows
        if row["name"] in ours
    ]
    return reported + measured


# No fragment: a click in one waits until the run is over, and Stop would come too late.
def _table() -> None:
    place = st.container(gap=None)
    _measure_if_asked()
    times = _times()
    message = {
        "kind": "table", "rows": cached.rows(), "ours": cached.ours(),
        "times": {name: 1e3 * time.seconds for name, time in times.items()},
        "told": TOLD if times else UNTOLD,
    }  # fmt: skip
    with place:
        _variants(data=json.dumps(message).encode(), key=TABLE, on_measure_change=_start)


def _times() -> dict[str, Any]:
    """What was measured in this session, by variant."""
    known: dict[str, Any] = st.session_state.setdefault(f"{KEY}-times", {})
    return known


def _start() -> None:
    st.session_state[f"{KEY}-measuring"] = True


def _stop() -> None:
    st.session_state.pop(f"{KEY}-measuring", None)


def _measure_if_asked() -> None:
    """Time variant by variant, with progress; a click on Stop ends it at the next one."""
    if not st.session_state.get(f"{KEY}-measuring"):
        return
    todo = [row for row in cached.rows() if not row["sine"]]
    place, said = st.empty(), ""
    with place.container(key=f"{KEY}-progress"):
        bar = st.progress(0.0, "Measuring…")
        st.button("Stop", key=f"{KEY}-stop", on_click=_stop, help="What was measured stays.")
    for done, row in enumerate(todo):
        title = row["title"]
        bar.progress(done / len(todo), f"{said}Measuring {title}, {done + 1} of {len(todo)}")
        time = _times()[row["name"]] = cached.seconds(row["name"])
        said = f"{title}: {1e3 * time.seconds:.3g}{THIN}ms. "
    place.empty()
    _stop()
