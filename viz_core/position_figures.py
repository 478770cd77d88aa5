"""Figures of the page on positions. Plotly is imported when the first one is drawn."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from viz_core.figures import ACCENT, QUIET
from viz_core.positions import Curve

if TYPE_CHECKING:
    import plotly.graph_objects as go

# The network's own is violet as everywhere; the others are of Okabe & Ito's set.
COLOURS = (ACCENT, "#d55e00", "#56b4e9")
SLATE = "#94a3b8"
_DASHES = ("solid", "dash", "dot")
_LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
_MARGIN = {"l": 10, "r": 10, "t": 10, "b": 10}


def by_distance(curves: Mapping[str, Curve], *, legend: bool = True) -> "go.Figure":
    """Mean cosine similarity against distance in patches, one line a kind of positions.

    Args:
        curves: By what people call the kind; at most three.
        legend: Whether to name the lines.

    Raises:
        ValueError: If there are more kinds than colours.
    """
    import plotly.graph_objects as go

    if len(curves) > len(COLOURS):
        raise ValueError(f"{len(curves)} kinds of positions but {len(COLOURS)} colours")
    figure = go.Figure()
    for (label, curve), colour, dash in zip(curves.items(), COLOURS, _DASHES, strict=False):
        figure.add_scatter(
            x=curve.distance, y=curve.mean, customdata=curve.pairs, name=label,
            mode="lines+markers", line={"color": colour, "width": 2.5, "dash": dash},
            marker={"size": 5, "color": colour},
            hovertemplate=f"{label}: %{{y:.3f}} at %{{x}} patches<br>"
            "mean of %{customdata} pairs<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="distance (patches)", gridcolor=QUIET, zeroline=False)
    lowest = min(-0.5, *(float(curve.mean.min()) for curve in curves.values()))
    figure.update_yaxes(
        title="mean cosine", range=[lowest, 1.05], gridcolor=QUIET, zerolinecolor=QUIET
    )
    figure.update_layout(height=280, margin=_MARGIN, legend=_LEGEND, showlegend=legend)
    return figure


def answers(
    labels: Sequence[str], shares: Mapping[str, Float[np.ndarray, " class"]]
) -> "go.Figure":
    """A bar for each class and each way of running the network.

    Args:
        labels: Classes, the first one on top.
        shares: Share of each class in [0, 1], by the name of the way; at most three ways.

    Raises:
        ValueError: If there is not one share a label, or more ways than colours.
    """
    import plotly.graph_objects as go

    colours = (SLATE, ACCENT, COLOURS[1])
    if len(shares) > len(colours) or any(len(one) != len(labels) for one in shares.values()):
        raise ValueError(f"{len(shares)} ways need a share for each of {len(labels)} labels")
    figure = go.Figure()
    for (name, values), colour in zip(shares.items(), colours, strict=False):
        figure.add_bar(
            x=100 * values, y=list(labels), orientation="h", name=name, marker={"color": colour},
            hovertemplate=f"%{{y}}, {name}: %{{x:.3g}} %<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="share (%)", rangemode="tozero", gridcolor=QUIET)
    figure.update_yaxes(autorange="reversed", ticksuffix=" ")
    figure.update_layout(
        height=80 + (16 + 10 * len(shares)) * len(labels), margin=_MARGIN, barmode="group",
        bargap=0.3, legend=_LEGEND,
    )  # fmt: skip
    return figure


def distance_before_after(
    before: Float[np.ndarray, "layer head"],
    after: Float[np.ndarray, "its_layer its_head"],
    *,
    even: float,
    names: tuple[str, str],
) -> "go.Figure":
    """Mean attention distance of the heads of each layer, before and after.

    Args:
        before: In patches.
        after: In patches, of as many layers and heads.
        even: What a head would have that attends to all patches alike.
        names: What the two are called.

    Raises:
        ValueError: If the two differ in shape.
    """
    import plotly.graph_objects as go

    if before.shape != after.shape:
        raise ValueError(f"{before.shape} and {after.shape} are not the same heads")
    figure = go.Figure()
    layers = np.arange(len(before)) + 1
    for values, name, colour, shift in (
        (before, names[0], SLATE, -0.08),
        (after, names[1], ACCENT, 0.08),
    ):
        figure.add_scatter(
            x=(np.repeat(layers, values.shape[1]) + shift), y=values.ravel(), mode="markers",
            marker={"color": colour, "size": 6, "opacity": 0.45}, showlegend=False,
            customdata=np.tile(np.arange(values.shape[1]) + 1, len(layers)),
            hovertemplate=f"{name}, head %{{customdata}}<br>%{{y:.3g}} patches<extra></extra>",
        )  # fmt: skip
        figure.add_scatter(
            x=layers, y=values.mean(axis=1), mode="lines", name=name,
            line={"color": colour, "width": 2.5},
            hovertemplate=f"{name}, layer %{{x}}, mean<br>%{{y:.3g}} patches<extra></extra>",
        )  # fmt: skip
    figure.add_hline(
        y=even, line={"color": QUIET, "width": 1.5, "dash": "dash"},
        annotation={"text": "all patches alike", "yanchor": "bottom"},
    )  # fmt: skip
    figure.update_xaxes(title="layer", dtick=1, gridcolor=QUIET, zeroline=False)
    figure.update_yaxes(
        title="mean attention distance (patches)", rangemode="tozero", gridcolor=QUIET
    )
    figure.update_layout(height=300, margin=_MARGIN, legend=_LEGEND)
    return figure


def verdicts(
    labels: Sequence[str],
    shares: Float[np.ndarray, " kind"],
    says: Sequence[str],
    chosen: int,
    quantity: str,
) -> "go.Figure":
    """One bar a replacement: what is left of the first answer, and what is said instead.

    Args:
        labels: Replacements, the first one on top.
        shares: In [0, 1].
        says: What the network answers with each, written beside the bar.
        chosen: Index of the bar to stand out.
        quantity: What the shares are, for the axis.

    Raises:
        ValueError: If labels, shares and answers are not equally many.
    """
    import plotly.graph_objects as go

    if not len(labels) == len(shares) == len(says):
        raise ValueError(f"{len(labels)} labels, {len(shares)} shares, {len(says)} answers")
    colours = [ACCENT if k == chosen else "rgba(139, 124, 246, 0.4)" for k in range(len(labels))]
    figure = go.Figure()
    figure.add_bar(
        x=100 * shares, y=list(labels), orientation="h", text=list(says), textposition="outside",
        cliponaxis=False, marker={"color": colours},
        hovertemplate="%{y}: %{x:.3g} %<br>says %{text}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(
        title=quantity, range=[0, 140 * float(shares.max())], gridcolor=QUIET, zeroline=False
    )
    figure.update_yaxes(autorange="reversed", ticksuffix=" ")
    figure.update_layout(height=70 + 31 * len(labels), margin=_MARGIN, showlegend=False)
    return figure
