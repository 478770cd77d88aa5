"""Figures of the MAE chapter: the paper's curve, where hidden patches look, and our own runs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from viz_core.figures import ACCENT, AMBER, QUIET, TEAL
from viz_core.mae_attention import Shares
from viz_core.mae_paper import AtRatio

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLATE = "#94a3b8"
DEFAULT = 0.75  # the paper's own choice
TOLD = (0.1, 0.3, 0.5, 0.75, 0.9)  # ratios whose values stand in the paper's curve
COLOURS = {  # of the ways to fill in, the same wherever they are compared
    "network": ACCENT,
    "leak": ACCENT,
    "nearest": "#d55e00",
    "harmonic": TEAL,
    "bilinear": TEAL,
    "telea": AMBER,
    "navier_stokes": "#5b9bd5",
}
NAMES = {
    "network": "Network",
    "leak": "With leaked contrast",
    "nearest": "Nearest",
    "harmonic": "Harmonic",
    "telea": "Telea",
    "navier_stokes": "Navier–Stokes",
}


def called(way: str) -> str:
    """What people call a way to fill in."""
    return NAMES.get(way, way.replace("_", " ").capitalize())


def paper_curve(points: Sequence[AtRatio]) -> "go.Figure":
    """The paper's figure 5: accuracy after fine-tuning and of a linear probe over the ratio.

    The paper's default, 75 %, has the large dots.

    Args:
        points: Accuracies in percent.

    Raises:
        ValueError: If there is no point.
    """
    import plotly.graph_objects as go

    if not points:
        raise ValueError("the curve has no points")
    figure = go.Figure()
    ratios = [100 * point.ratio for point in points]
    for name, tint, values in (
        ("fine-tuned", ACCENT, [point.fine_tuned for point in points]),
        ("linear probe", TEAL, [point.linear for point in points]),
    ):
        figure.add_scatter(
            x=ratios, y=values, name=name, mode="lines+markers+text",
            text=[
                f"{value:.1f}" if point.ratio in TOLD else ""
                for point, value in zip(points, values, strict=True)
            ],
            textposition="top center",
            textfont={"size": 10, "color": tint}, cliponaxis=False,
            line={"color": tint, "width": 2.5},
            marker={"size": [13 if point.ratio == DEFAULT else 7 for point in points]},
            hovertemplate=f"{name}, %{{x:.0f}} % hidden<br>%{{y:.1f}} % top-1<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="hidden patches in pre-training (%)", range=[6, 94], dtick=10)
    figure.update_yaxes(title="ImageNet-1K top-1 (%)", range=[50, 90])
    return _finished(figure, 320)


def attention_shares(found: Shares, even: float) -> "go.Figure":
    """Where hidden patches look in the decoder, layer by layer.

    Args:
        found: Shares by layer and head; bars are means over heads, dots single heads.
        even: What visible patches would get if all tokens got the same; drawn as a line.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    layers = np.arange(len(found.visible)) + 1
    for name, tint, values in (
        ("visible patches", TEAL, found.visible),
        ("mask tokens", SLATE, found.hidden),
        ("class token", AMBER, found.first),
    ):
        figure.add_bar(
            x=layers, y=100 * values.mean(axis=1), name=name, marker={"color": tint}, width=0.62,
            hovertemplate=f"layer %{{x}}<br>%{{y:.3g}} % on {name}<extra></extra>",
        )  # fmt: skip
    heads = found.visible.shape[1]
    figure.add_scatter(
        x=np.repeat(layers, heads) + np.tile(np.linspace(-0.2, 0.2, heads), len(layers)),
        y=100 * found.visible.ravel(), mode="markers", name="single heads, on visible patches",
        customdata=np.tile(np.arange(heads) + 1, len(layers)),
        marker={"color": "white", "size": 8, "line": {"color": "#0f766e", "width": 2}},
        hovertemplate="head %{customdata}<br>%{y:.3g} % on visible patches<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[0.5, len(layers) + 0.5], y=[100 * even] * 2, mode="lines",
        name="visible, if all tokens got the same", hoverinfo="skip",
        line={"color": ACCENT, "width": 2, "dash": "dash"},
    )  # fmt: skip
    figure.update_xaxes(title="layer of the decoder", dtick=1, range=[0.5, len(layers) + 0.5])
    figure.update_yaxes(title="a hidden patch's attention (%)", range=[0, 100])
    figure.update_layout(barmode="stack")
    return _finished(figure, 340)


def lines(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float], str]], *, along: str, up: str
) -> "go.Figure":
    """Curves with a name and a colour each.

    Args:
        curves: Name -> (x, y, colour).
        along: Title of the horizontal axis, with its unit.
        up: Title of the vertical one.

    Raises:
        ValueError: If a curve has not as many x as y.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, (x, y, tint) in curves.items():
        if len(x) != len(y):
            raise ValueError(f"{name}: {len(x)} places but {len(y)} values")
        figure.add_scatter(
            x=list(x), y=list(y), name=name, mode="lines+markers", line={"color": tint, "width": 2},
            marker={"size": 5}, hovertemplate=f"{name}<br>%{{x}}: %{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=along)
    figure.update_yaxes(title=up)
    return _finished(figure, 320)


def _finished(figure: "go.Figure", height: int) -> "go.Figure":
    figure.update_xaxes(gridcolor=QUIET)
    figure.update_yaxes(gridcolor=QUIET)
    figure.update_layout(
        height=height, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
    )  # fmt: skip
    return figure
