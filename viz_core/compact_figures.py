"""Figures of the page Compact."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viz_core.compact_paper import Family
from viz_core.figures import QUIET

if TYPE_CHECKING:
    import plotly.graph_objects as go

# Okabe and Ito's, except for the blue; the browser's part of the page has the same.
COLOURS: dict[Family, str] = {"ViT-Lite": "#5b9bd5", "CVT": "#009e73", "CCT": "#d55e00"}
SYMBOLS: dict[Family, str] = {"ViT-Lite": "circle", "CVT": "square", "CCT": "diamond"}
TICKS = (30, 40, 50, 60, 70, 75, 80, 85, 90, 92, 94, 95, 96)
LEFT = ("CVT-6/4", "ViT-Lite-6/4", "CCT-6/3×2")  # labels that would cover another one


@dataclass(frozen=True)
class Point:
    """One network in the plot.

    Attributes:
        title: What a reader is shown.
        family: Which of the three it is.
        parameters: Weights and biases.
        accuracy: Top-1 in percent.
        ours: Whether it was measured here; otherwise it is the paper's.
    """

    title: str
    family: Family
    parameters: int
    accuracy: float
    ours: bool = False


def accuracies(points: Sequence[Point], data: str) -> "go.Figure":
    """Accuracy over the number of parameters, the paper's and ours.

    Upwards the wrong answers shrink by a factor, so that the best networks do not crowd together.

    Args:
        points: Networks.
        data: What they were tested on, for the axis.

    Raises:
        ValueError: If there is no point, one without parameters, or an accuracy of 100 %.
    """
    import plotly.graph_objects as go

    if not points or any(one.parameters < 1 or one.accuracy >= 100 for one in points):
        raise ValueError("the plot needs networks with parameters that are not always right")
    figure = go.Figure()
    for ours in (False, True):
        for family, colour in COLOURS.items():
            some = [one for one in points if (one.family, one.ours) == (family, ours)]
            if not some:
                continue
            some = sorted(some, key=lambda one: one.parameters)
            line = {"color": colour, "width": 3} if ours else {"color": colour, "width": 1}
            figure.add_scatter(
                x=[one.parameters / 1e6 for one in some], y=[100 - one.accuracy for one in some],
                customdata=[one.accuracy for one in some],
                text=[one.title for one in some], mode="markers+text",
                name=f"{family}, {'ours' if ours else 'the paper'}",
                textposition=[
                    "middle left" if one.title in LEFT else "middle right" for one in some
                ],
                textfont={"size": 11, "color": colour}, cliponaxis=False,
                marker={
                    "symbol": f"{SYMBOLS[family]}{'-open' if ours else ''}", "color": colour,
                    "size": 14 if ours else 11, "line": line,
                },
                hovertemplate="%{text}<br>%{x:.3g} M weights<br>%{customdata:.2f} %<extra></extra>",
            )  # fmt: skip
    figure.update_xaxes(
        title="parameters (millions, each step doubles)", type="log", gridcolor=QUIET,
        tickvals=[0.25, 0.5, 1, 2, 4, 8], range=[-0.72, 0.86],
    )  # fmt: skip
    figure.update_yaxes(
        title=f"top-1 on {data} (%), wrong answers on a log scale", type="log", gridcolor=QUIET,
        autorange="reversed", tickvals=[100 - right for right in TICKS],
        ticktext=[str(right) for right in TICKS],
    )  # fmt: skip
    figure.update_layout(
        height=440, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure
