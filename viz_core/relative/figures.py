"""Figures of the step on relative positions. Plotly is imported when the first one is drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from viz_core.figures import ACCENT, QUIET

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLATE = "#94a3b8"


def distances(
    labels: Sequence[str],
    before: Sequence[Float[np.ndarray, " _head"]],
    after: Sequence[Float[np.ndarray, " _head"]],
    *,
    even: float,
    names: tuple[str, str],
) -> "go.Figure":
    """Mean attention distance of every block before and after; a faint dot is a head.

    Args:
        labels: Blocks in order.
        before: In tokens; blocks may differ in their number of heads.
        after: The same blocks and heads.
        even: What a head would have that attends to its whole window alike; drawn as a line.
        names: What the two are called.

    Raises:
        ValueError: If the two do not have the same heads, or not one label a block.
    """
    import plotly.graph_objects as go

    heads = [len(one) for one in before]
    if len(labels) != len(heads) or heads != [len(one) for one in after]:
        raise ValueError(f"{len(labels)} labels, {heads} heads before, {len(after)} blocks after")
    figure = go.Figure()
    block = np.repeat(np.arange(len(heads)), heads)
    number = np.concatenate([np.arange(count) + 1 for count in heads])
    for values, name, colour, shift in (
        (before, names[0], SLATE, -0.1),
        (after, names[1], ACCENT, 0.1),
    ):
        figure.add_scatter(
            x=block + shift, y=np.concatenate(values), mode="markers", showlegend=False,
            marker={"color": colour, "size": 6, "opacity": 0.4}, customdata=number,
            hovertemplate=f"{name}, head %{{customdata}}<br>%{{y:.3g}} tokens<extra></extra>",
        )  # fmt: skip
        figure.add_scatter(
            x=np.arange(len(heads)), y=[float(one.mean()) for one in values], name=name,
            mode="lines+markers", line={"color": colour, "width": 2.5}, customdata=labels,
            hovertemplate=f"{name}, %{{customdata}}, mean<br>%{{y:.3g}} tokens<extra></extra>",
        )  # fmt: skip
    figure.add_hline(
        y=even, line={"color": QUIET, "width": 1.5, "dash": "dash"},
        annotation={"text": "whole window alike", "yanchor": "bottom"},
    )  # fmt: skip
    ticks = {"tickvals": list(range(len(heads))), "ticktext": list(labels)}
    figure.update_xaxes(title="stage · block", gridcolor=QUIET, zeroline=False, **ticks)
    figure.update_yaxes(
        title="mean attention distance (tokens)", rangemode="tozero", gridcolor=QUIET
    )
    figure.update_layout(
        height=300, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure
