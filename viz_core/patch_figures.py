"""Figures of the patches chapter: matrices as pictures, signed maps, and what attention costs."""

from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from viz_core import colour, macs
from viz_core.figures import ACCENT, AMBER, QUIET, TEAL
from viz_core.macs import Kind, Shape

if TYPE_CHECKING:
    import plotly.graph_objects as go

Quantity = Literal["total", "attention", "pattern_bytes"]
KINDS: dict[Kind, tuple[str, str]] = {
    "full": ("full attention", ACCENT),
    "window": ("windows", TEAL),
    "axial": ("axial", AMBER),
}
PARTS = {
    "embedding": ("patch embedding", "#9aa0b5"),
    "projections": ("projections q, k, v, output", "#5b9bd5"),
    "attention": ("attention: scores and mixing", "#d3436e"),
    "mlp": ("MLP", "#20b2a6"),
    "head": ("head", "#f0a030"),
}
QUANTITIES: dict[Quantity, tuple[str, str]] = {
    "total": ("multiply-adds of everything", "MACs"),
    "attention": ("multiply-adds of scores and mixing", "MACs"),
    "pattern_bytes": ("memory of all attention weights", "B"),
}
LARGEST_SIDE, POINTS = 2048, 40


def heat(
    values: Float[np.ndarray, "row column"], top: float, pixels: int = 640, most: int = 320
) -> UInt8[np.ndarray, "height width 3"]:
    """A signed matrix as a picture: one flat rectangle a number, zero is white.

    Args:
        values: Numbers; beyond `top` they get the last colour.
        top: Absolute value at both ends of the colours; 0 paints everything as zero.
        pixels: Width of the picture, about.
        most: Rows and columns drawn at most; of more, every k-th.

    Raises:
        ValueError: If a value is not finite, `top` is negative, or nothing is to be drawn.
    """
    if not values.size or not np.isfinite(values).all() or top < 0 or pixels < 1 or most < 1:
        raise ValueError("a heat map needs finite values and a top that is not negative")
    down, across = (-(-side // most) for side in values.shape)
    few = values[::down, ::across]
    level = np.rint(127.5 + 127.5 * np.clip(few / top if top > 0 else 0 * few, -1, 1))
    scale = max(1, round(pixels / few.shape[1]))
    rgb = colour.table(colour.DIVERGING)[level.astype(np.uint8)]
    size = (few.shape[1] * scale, few.shape[0] * scale)
    return cv2.resize(rgb, size, interpolation=cv2.INTER_NEAREST)


def signed_overlay(
    picture: UInt8[np.ndarray, "height width 3"], values: Float[np.ndarray, "rows columns"]
) -> UInt8[np.ndarray, "height width 3"]:
    """Signed patch values over a grey picture; zero leaves it clear.

    Args:
        picture: What the patches were cut from.
        values: One value a patch, coloured relative to the largest absolute one.

    Raises:
        ValueError: If a value is not finite.
    """
    if not np.isfinite(values).all():
        raise ValueError("values must be finite")
    top = float(np.abs(values).max(initial=0.0))
    share = values / top if top > 0 else np.zeros_like(values)
    level = np.rint(127.5 + 127.5 * share).astype(np.uint8)
    size = (picture.shape[1], picture.shape[0])
    rgb = cv2.resize(
        colour.table(colour.DIVERGING)[level], size, interpolation=cv2.INTER_NEAREST
    ).astype(np.float64)
    alpha = cv2.resize(
        0.9 * np.sqrt(np.abs(share)).astype(np.float32), size, interpolation=cv2.INTER_NEAREST
    )[..., None]
    grey = picture.mean(axis=-1, keepdims=True)
    return np.rint(grey * (1 - alpha) + rgb * alpha).astype(np.uint8)


def sides(patch: int) -> list[int]:
    """Picture sizes in pixels, multiples of a patch, evenly spaced on a log axis.

    Raises:
        ValueError: If `patch` is below 1 or leaves no picture of two patches a side.
    """
    if not 1 <= patch <= LARGEST_SIDE // 2:
        raise ValueError(f"patch must be 1 to {LARGEST_SIDE // 2} pixels, got {patch}")
    counts = np.geomspace(max(2, 28 // patch), LARGEST_SIDE // patch, POINTS)
    return sorted({patch * round(count) for count in counts})


def cost_curves(
    shapes: dict[int, Shape], *, along: str, chosen: int, window: int, quantity: Quantity
) -> "go.Figure":
    """Cost of full, window and axial attention, both axes logarithmic.

    Args:
        shapes: Networks by what the x axis counts, in pixels.
        along: What that is, for the axis.
        chosen: The x value to mark; one of the keys.
        window: Side of a window in patches.
        quantity: What the y axis counts.

    Raises:
        KeyError: If `chosen` is none of the shapes.
    """
    import plotly.graph_objects as go

    title, unit = QUANTITIES[quantity]
    figure = go.Figure()
    xs = sorted(shapes)
    for kind, (name, tint) in KINDS.items():
        called = f"{name} of {window} × {window}" if kind == "window" else name
        ys = [getattr(macs.cost(shapes[x], kind, window), quantity) for x in xs]
        texts = [macs.readable(y, unit) for y in ys]
        figure.add_scatter(
            x=xs, y=ys, name=called, mode="lines", customdata=texts,
            line={"color": tint, "width": 2.5},
            hovertemplate=f"{called}, {along} %{{x}} px<br>%{{customdata}}<extra></extra>",
        )  # fmt: skip
        here = getattr(macs.cost(shapes[chosen], kind, window), quantity)
        figure.add_scatter(
            x=[chosen], y=[here], mode="markers", showlegend=False, hoverinfo="skip",
            marker={"color": tint, "size": 11, "line": {"color": "white", "width": 2}},
        )  # fmt: skip
    figure.add_vline(x=chosen, line={"color": "#9aa0b5", "width": 1, "dash": "dot"})
    ticks = [x for x in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048) if x <= xs[-1]]
    figure.update_xaxes(
        type="log", title=f"{along} (px)", gridcolor=QUIET, tickvals=ticks,
        ticktext=[str(x) for x in ticks],
    )  # fmt: skip
    figure.update_yaxes(
        type="log", title=f"{title} ({unit})", gridcolor=QUIET, exponentformat="SI", dtick=1
    )
    figure.update_layout(
        height=340, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )  # fmt: skip
    return figure


def cost_parts(shape: Shape, window: int) -> "go.Figure":
    """Where the multiply-adds of one forward pass go, for the three kinds of attention.

    Raises:
        ValueError: If the shape's picture does not divide into patches.
    """
    import plotly.graph_objects as go

    costs = {name: macs.cost(shape, kind, window) for kind, (name, _) in KINDS.items()}
    figure = go.Figure()
    for part, (name, tint) in PARTS.items():
        counts = [getattr(cost, part) for cost in costs.values()]
        figure.add_bar(
            y=list(costs), x=counts, name=name, orientation="h", marker={"color": tint},
            customdata=[
                (macs.readable(count, "MACs"), 100 * count / cost.total)
                for count, cost in zip(counts, costs.values(), strict=True)
            ],
            hovertemplate=f"{name}<br>%{{customdata[0]}}, %{{customdata[1]:.3g}} % of this "
            "kind's total<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="multiply-adds (MACs)", gridcolor=QUIET, exponentformat="SI")
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(
        barmode="stack", height=230, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={
            "orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal",
        },
    )  # fmt: skip
    return figure
