"""Arrays to Plotly figures. Plotly is imported when the first figure is drawn."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    import plotly.graph_objects as go

ACCENT, AMBER, TEAL = "#8b7cf6", "#f0a030", "#20b2a6"
QUIET = "rgba(128, 128, 150, 0.25)"


def by_layer(
    values: Float[np.ndarray, "layer head"],
    *,
    quantity: str,
    unit: str,
    even: float,
    chosen: tuple[int, int] | None = None,
) -> "go.Figure":
    """One dot a head over the layers, and the mean of each layer as a line.

    Args:
        values: A number for every head of every layer.
        quantity: What the numbers are, for the axis.
        unit: Their unit, for the axis and the hover text.
        even: What a head would have that attends to all tokens alike; drawn as a line.
        chosen: Layer and head to mark, from 0.
    """
    import plotly.graph_objects as go

    layers, heads = values.shape
    layer, head = (index.ravel() + 1 for index in np.indices(values.shape))
    label = f"layer %{{x}}, head %{{customdata}}<br>%{{y:.3g}} {unit}<extra></extra>"
    figure = go.Figure()
    figure.add_scatter(
        x=layer, y=values.ravel(), customdata=head, hovertemplate=label, mode="markers",
        name=f"{heads} heads", marker={"color": ACCENT, "size": 9, "opacity": 0.75},
    )  # fmt: skip
    figure.add_scatter(
        x=np.arange(layers) + 1, y=values.mean(axis=1), mode="lines", name="mean of the layer",
        line={"color": ACCENT, "width": 2, "dash": "dot"},
        hovertemplate=f"layer %{{x}}, mean<br>%{{y:.3g}} {unit}<extra></extra>",
    )  # fmt: skip
    if chosen is not None:
        figure.add_scatter(
            x=[chosen[0] + 1], y=[values[chosen]], mode="markers", name="chosen head",
            customdata=[chosen[1] + 1], hovertemplate=label,
            marker={"color": "rgba(0,0,0,0)", "size": 16, "line": {"color": AMBER, "width": 3}},
        )  # fmt: skip
    figure.add_hline(
        y=even, line={"color": TEAL, "width": 1.5, "dash": "dash"},
        annotation={"text": "all tokens alike", "font": {"color": TEAL}, "yanchor": "bottom"},
    )  # fmt: skip
    figure.update_xaxes(title="layer", dtick=1, range=[0.5, layers + 0.5], gridcolor=QUIET)
    figure.update_yaxes(
        title=f"{quantity} ({unit})",
        range=[0, 1.15 * max(even, float(values.max()))],
        gridcolor=QUIET,
    )
    figure.update_layout(
        height=320, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure
