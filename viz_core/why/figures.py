"""How well methods do on many pictures, against orders that know nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

DELETION, INSERTION, BOLD = "#8b7cf6", "#20b2a6", 2.0


@dataclass(frozen=True)
class Gain:
    """One method on the gallery.

    Attributes:
        title: What people call it.
        deletion: By how much its area is smaller than that of random orders, and the standard
            error of this mean.
        insertion: By how much its area is larger.
    """

    title: str
    deletion: tuple[float, float]
    insertion: tuple[float, float]

    @property
    def sure(self) -> bool:
        """Whether both are above 0 by more than two standard errors."""
        return all(mean > BOLD * error for mean, error in (self.deletion, self.insertion))


def gains(found: Sequence[Gain], current: str = "") -> go.Figure:
    """Gains over chance of every method with two standard errors, the best one on top.

    Args:
        found: At least one.
        current: Title of the method that is set in bold.

    Raises:
        ValueError: If there is nothing to show.
    """
    if not found:
        raise ValueError("a figure needs at least one method")
    ordered = sorted(found, key=lambda one: one.deletion[0] + one.insertion[0])
    names = [f"<b>{g.title}</b>" if g.title == current else g.title for g in ordered]
    figure = go.Figure()
    for name, colour, symbol, pairs in (
        ("Deletion", DELETION, "circle", [one.deletion for one in ordered]),
        ("Insertion", INSERTION, "diamond", [one.insertion for one in ordered]),
    ):
        figure.add_scatter(
            x=[mean for mean, _ in pairs], y=names, name=name, mode="markers",
            marker={"size": 10, "color": colour, "symbol": symbol},
            error_x={"array": [BOLD * error for _, error in pairs], "thickness": 1.5, "width": 3},
            hovertemplate="%{y}: %{x:+.3f} ± %{error_x.array:.3f}<extra>" + name + "</extra>",
        )  # fmt: skip
    figure.add_vline(x=0, line={"width": 1.5, "dash": "dot", "color": "#9aa0b5"})
    figure.update_layout(
        height=70 + 30 * len(ordered), margin={"l": 8, "r": 8, "t": 8, "b": 40},
        legend={"orientation": "h", "y": 1.08, "x": 0}, yaxis={"automargin": True},
        xaxis={"title": "gain over random orders"},
    )  # fmt: skip
    return figure
