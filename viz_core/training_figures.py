"""Curves of a training, while it runs and after."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from viz_core.figures import ACCENT, QUIET, TEAL

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_POINTS = 160
SLATE = "rgba(128, 128, 150, 0.9)"


@dataclass(frozen=True)
class Curves:
    """Numbers over the training pictures seen.

    Attributes:
        pictures: Seen at the end of each piece.
        loss: Mean of the piece in nats.
        accuracy: Right answers on the pictures of the piece in percent.
        asked: Pictures seen when the held-out ones were asked.
        held_out: Right answers on them in percent.
    """

    pictures: Float[np.ndarray, " piece"]
    loss: Float[np.ndarray, " piece"]
    accuracy: Float[np.ndarray, " piece"]
    asked: Float[np.ndarray, " exam"]
    held_out: Float[np.ndarray, " exam"]


def thinned(
    places: Float[np.ndarray, " piece"], values: Float[np.ndarray, " piece"], most: int
) -> tuple[Float[np.ndarray, " mean"], Float[np.ndarray, " mean"]]:
    """At most `most` means of neighbouring values, at their last place.

    Args:
        places: Where the values stand, ascending.
        values: As many numbers.
        most: Points to keep.

    Raises:
        ValueError: If `most` is below 1 or lengths differ.
    """
    if most < 1 or len(places) != len(values):
        raise ValueError(f"{len(places)} places, {len(values)} values, {most} points to keep")
    if len(values) <= most:
        return places, values
    ends = np.linspace(0, len(values), most + 1).round().astype(int)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return places[ends[1:] - 1], (sums[ends[1:]] - sums[ends[:-1]]) / np.diff(ends)


def curves(
    run: Curves | None, *, classes: int, example: Curves | None = None, called: str = ""
) -> "go.Figure":
    """Accuracy above, loss below, over the training pictures seen.

    Args:
        run: What is to be drawn; None before the first piece.
        classes: Of the data; guessing gets one in so many right.
        example: A run to compare with, drawn in grey behind.
        called: What the example is called in the legend.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    unit = 1000.0
    if example is not None:
        _line(figure, example.asked / unit, example.held_out, called, SLATE, "y", dash="dot")
        places, values = thinned(example.pictures / unit, example.loss, MOST_POINTS)
        _line(figure, places, values, called, SLATE, "y2", dash="dot", legend=False)
    if run is not None and len(run.pictures):
        for values, axis in ((run.accuracy, "y"), (run.loss, "y2")):
            x, y = thinned(run.pictures / unit, values, MOST_POINTS)
            _line(figure, x, y, "pictures it learns from", ACCENT, axis, legend=axis == "y")
    if run is not None and len(run.asked):
        figure.add_scatter(
            x=run.asked / unit, y=run.held_out, mode="lines+markers", name="held-out pictures",
            line={"color": TEAL, "width": 2.5}, marker={"size": 6},
            hovertemplate="%{y:.3g} % of the held-out pictures<extra></extra>",
        )  # fmt: skip
    _guessing(figure, 100 / classes, "%", "y")
    _guessing(figure, float(np.log(classes)), "nats", "y2")
    _axes(figure, run, example, classes)
    return figure


def _guessing(figure: "go.Figure", value: float, unit: str, axis: str) -> None:
    """A line where a network stands that knows nothing."""
    figure.add_shape(
        type="line", x0=0, x1=1, xref="paper", y0=value, y1=value, yref=axis,
        line={"color": SLATE, "width": 1, "dash": "dash"},
    )  # fmt: skip
    figure.add_annotation(
        x=1, xref="paper", xanchor="right", y=value, yref=axis, yanchor="bottom", showarrow=False,
        text=f"guessing: {value:.3g} {unit}", font={"color": SLATE, "size": 11},
    )  # fmt: skip
    # Without a trace Plotly draws no axis.
    figure.add_scatter(x=[None], y=[None], yaxis=axis, showlegend=False, hoverinfo="skip")


def _line(
    figure: "go.Figure",
    x: np.ndarray,
    y: np.ndarray,
    name: str,
    colour: str,
    axis: str,
    *,
    dash: str = "solid",
    legend: bool = True,
) -> None:
    what = "%" if axis == "y" else "nats"
    figure.add_scatter(
        x=x, y=y, mode="lines", name=name, yaxis=axis, showlegend=legend,
        line={"color": colour, "width": 2, "dash": dash},
        hovertemplate=f"{name}: %{{y:.3g}} {what}<extra></extra>",
    )  # fmt: skip


def _axes(figure: "go.Figure", run: Curves | None, example: Curves | None, classes: int) -> None:
    drawn = [one for one in (run, example) if one is not None and len(one.pictures)]
    if run is not None and len(run.pictures) > 1:  # an example may be far longer
        drawn = [run]
    farthest = max([float(one.pictures[-1]) for one in drawn] or [10_000.0]) / 1000
    losses = [float(one.loss.max()) for one in drawn]
    heights = [float(one.held_out.max()) for one in drawn if len(one.held_out)]
    highest = max([*heights, *(float(one.accuracy.max()) for one in drawn), 150 / classes, 30.0])
    grid = {"gridcolor": QUIET, "zeroline": False}
    figure.update_layout(
        height=400, margin={"l": 10, "r": 10, "t": 10, "b": 10}, hovermode="x",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        uirevision="training", transition={"duration": 0},
        xaxis={"title": "training pictures seen (thousand)", "range": [0, 1.03 * farthest],
               "anchor": "y2", **grid},
        yaxis={"title": "right answers (%)", "domain": [0.42, 1.0],
               "range": [0, min(100.0, 1.1 * highest)], **grid},
        yaxis2={"title": "loss (nats)", "domain": [0.0, 0.34],
                "range": [0, 1.25 * max([*losses, float(np.log(classes))])], **grid},
    )  # fmt: skip
