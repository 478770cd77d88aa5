"""Damage in measured doses, and a figure of what a prediction survives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from jaxtyping import Float

from viz_core import breaking
from viz_core.breaking import Mosaic
from viz_core.figures import QUIET

if TYPE_CHECKING:
    import plotly.graph_objects as go

Kind = Literal["shuffle", "erase", "turn", "shift"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DOSES: dict[Kind, tuple[float, ...]] = {
    "shuffle": (0, 0.1, 0.25, 0.5, 0.75, 1),
    "erase": (0, 0.1, 0.25, 0.5, 0.75, 0.9),
    "turn": (0, 0.1, 0.25, 0.5, 0.75, 1),
    "shift": (0, 1, 2, 4, 8, 14),
}
# Index of the dose that stands for "half": half of the patches, or a shift of one patch.
MIDDLE = 3
_WAYS = ((0, 1), (1, 0), (0, -1), (-1, 0))


def damaged(kind: Kind, dose: float, *, size: int, grid: int, seed: int) -> Mosaic:
    """A picture with so much damage of one kind.

    Args:
        kind: Patches that change places (each of them moves), are erased, or turn by one to
            three quarters; or a cyclic shift of the whole picture.
        dose: Share of the patches in [0, 1]; for a shift units of 1/56 of the side.
        size: Side of the picture in pixels.
        grid: Patches along one side.
        seed: Which patches; for a shift 0 to 3 is right, down, left, up, and so on.

    Raises:
        ValueError: If a share is outside [0, 1] or the picture does not divide into patches.
    """
    mosaic = breaking.whole(size)
    if kind == "shift":
        down, right = _WAYS[seed % 4]
        units = round(dose * size / breaking.UNITS)
        return breaking.shift(mosaic, down * units, right * units)
    if not 0 <= dose <= 1:
        raise ValueError(f"a share must be in [0, 1], got {dose}")
    generator = np.random.default_rng(seed)
    chosen = generator.permutation(grid**2)[: round(dose * grid**2)]
    if kind == "erase":
        return breaking.erase(mosaic, grid, chosen.tolist())
    if kind == "shuffle":
        order = np.arange(grid**2)
        order[chosen] = np.roll(chosen, 1)
        return breaking.rearrange(mosaic, order)
    for quarters, places in enumerate(np.array_split(chosen, 3), start=1):
        mosaic = breaking.turn(mosaic, grid, places.tolist(), quarters)
    return mosaic


@dataclass(frozen=True)
class Curve:
    """How likely one class stays while the damage grows.

    Attributes:
        title: What was damaged and asked, for people.
        colour: Of its line.
        dash: Plotly's name of the line's dash.
        shares: Share of the class in [0, 1] for each dose and each random draw.
    """

    title: str
    colour: str
    dash: str
    shares: Float[np.ndarray, "dose draw"]


def survival_figure(kind: Kind, curves: Sequence[Curve]) -> "go.Figure":
    """One line a network over the doses of one kind of damage: mean and range of the draws.

    Raises:
        ValueError: If a curve has not one row a dose.
    """
    import plotly.graph_objects as go

    doses = np.asarray(DOSES[kind], np.float64) * (1 if kind == "shift" else 100)
    unit = "px" if kind == "shift" else "%"
    figure = go.Figure()
    for curve in curves:
        if len(curve.shares) != len(doses):
            raise ValueError(f"{len(curve.shares)} rows for {len(doses)} doses of {kind}")
        percent = 100 * curve.shares
        low, high, mean = percent.min(axis=1), percent.max(axis=1), percent.mean(axis=1)
        figure.add_scatter(
            x=np.concatenate([doses, doses[::-1]]), y=np.concatenate([high, low[::-1]]),
            fill="toself", fillcolor=_faint(curve.colour), mode="lines", line={"width": 0},
            hoverinfo="skip", showlegend=False,
        )  # fmt: skip
        figure.add_scatter(
            x=doses, y=mean, mode="lines+markers", name=curve.title,
            customdata=np.stack([low, high], axis=1),
            line={"color": curve.colour, "width": 2.5, "dash": curve.dash}, marker={"size": 6},
            hovertemplate=f"{curve.title}<br>at %{{x}} {unit}: %{{y:.3g}} % "
            "(%{customdata[0]:.3g} to %{customdata[1]:.3g} %)<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=_AXES[kind], gridcolor=QUIET, zeroline=False, tickvals=doses)
    figure.update_yaxes(
        title="its first class (%)", range=[0, 103], gridcolor=QUIET, zeroline=False
    )
    figure.update_layout(
        height=260, margin={"l": 10, "r": 10, "t": 8, "b": 10}, showlegend=False
    )  # fmt: skip
    return figure


_AXES: dict[Kind, str] = {
    "shuffle": "patches that changed places (%)",
    "erase": "patches erased (%)",
    "turn": "patches turned (%)",
    "shift": "shift, wrapping around (px of 56)",
}


def _faint(colour: str) -> str:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgba({red}, {green}, {blue}, 0.12)"
