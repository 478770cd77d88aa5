"""How similarity falls with distance, and the directions in which positions differ most."""

import numpy as np
import streamlit as st

from pages._ui import tiles
from pages._ui.cached import positions as cached
from pages._ui.positions_stage import Shown
from viz_core import position_figures, positions
from viz_core.tiles import wire

CHARTS: dict[positions.Direction, str] = {
    "any": "**In any direction**",
    "row": "**Along a row**: right or left",
    "column": "**Along a column**: up or down",
}


@st.fragment
def distance(shown: Shown) -> None:
    """Three charts of mean similarity against distance."""
    centred = st.toggle(
        "Shared part taken out",
        value=True,
        key="positions-centred",
        persist_state="session",
        help="Takes out the mean of all positions first: it cannot say where a patch is.",
    )
    for column, (direction, title) in zip(st.columns(3), CHARTS.items(), strict=True):
        with column:
            st.markdown(title)
            figure = position_figures.by_distance(cached.curves(shown.network, direction, centred))
            _chart(figure, f"positions-distance-{direction}")
    st.caption(
        "The 1-D sinusoid counts along the sequence: one patch down is a whole row further, so "
        "its similarity falls at once along a column. The 2-D sin-cos falls alike both ways; does "
        "the learned table?"
    )


def parts(shown: Shown) -> None:
    """The strongest components of the learned table as maps, and the first three as colours."""
    found, own = cached.components(shown.network), cached.table(shown.network)
    maps = [
        wire.Map(
            f"Component {k + 1}",
            scores.reshape(own.grid).astype(np.float32),
            f"{100 * share:.3g} % of the variance",
        )
        for k, (scores, share) in enumerate(zip(found.scores, found.share, strict=True))
    ]
    colours = positions.as_rgb(found.scores[:3]).reshape(*own.grid, 3)
    maps.insert(0, wire.Map("First three as colour", colours, "red, green, blue: 1, 2, 3"))
    tiles.gallery(
        wire.pack_maps(maps, unit="score along the component", columns=6),
        key="positions-components",
    )
    st.caption(
        f"The first {len(found.share)} components hold {100 * found.share.sum():.3g} % of the "
        f"variance of the {own.grid[0]} × {own.grid[1]} learned positions. Signs mean nothing; "
        "here the largest entry of each is positive."
    )


def _chart(figure: object, key: str) -> None:
    st.plotly_chart(figure, key=key, config={"displayModeBar": False})
