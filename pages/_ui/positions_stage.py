"""The stage of the page on positions: the board, and what it opens with."""

from dataclasses import dataclass

import streamlit as st

from pages._ui import controls, ready, tiles
from pages._ui.cached import positions as cached
from viz_core import positions

# Off the middle, so that row, column and corner differ at a glance.
PLACE = (0.36, 0.32)
# Entry by entry, random numbers and a formula have nothing in common; what began as it, has.
GIVEN = 0.5
OPENING = {"kind": "learned", "centred": True, "place": PLACE}


@dataclass(frozen=True)
class Shown:
    """What the sections below the stage need to know.

    Attributes:
        network: Key of the catalog.
        grid: Rows and columns of the board.
        patch: The pinned patch, row by row from 0, or the one that the board opened with.
        pinned: Whether somebody pinned it.
    """

    network: str
    grid: tuple[int, int]
    patch: int
    pinned: bool


def show() -> Shown:
    """Mount the board for the chosen picture and network."""
    picture, name = (
        controls.picture(),
        ready.network_name("tokens", lacks="adds no table of positions"),
    )
    view = _view()
    pin = tiles.board(cached.board(name, picture.key, picture.raw), key="positions", view=view)
    grid = cached.board_table(name).grid
    _origin(name)
    row, column = (int(share * side) for share, side in zip(view["place"], grid, strict=True))
    opened = row * grid[1] + column
    patch = opened if pin is None or pin >= grid[0] * grid[1] else pin
    return Shown(name, grid, patch, pin is not None)


def values(shown: Shown) -> dict[str, str]:
    """The numbers of this view for the text of the page."""
    own = cached.table(shown.network)
    width, columns = own.values.shape[1], own.grid[1]
    near = positions.similarity(positions.sinusoid(columns + 1, width))[0]
    return {
        "patches": str(len(own.values)),
        "width": str(width),
        "grid": f"{own.grid[0]} × {own.grid[1]}",
        "columns": str(columns),
        "shared": f"{100 * positions.shared_share(own.values):.3g} %",
        "next": f"{near[1]:.3f}",
        "below": f"{near[columns]:.3f}",
    }


def _origin(name: str) -> None:
    """Where the order of this network's table comes from, and on which grid it is shown."""
    grid, own, like = cached.board_table(name).grid, cached.table(name).grid, cached.agreement(name)
    if like > GIVEN:
        came = (
            "Not all of this order was discovered: number by number this table is the 2-D sin-cos "
            f"formula to a cosine of {like:.3f} (1 is the formula itself). It started from it."
        )
    else:
        came = (
            "The order was discovered: number by number this table has little of the 2-D sin-cos "
            f"formula (cosine {like:.3f}); it started from random numbers."
        )
    if grid != own:
        came += (
            f" The network learned {own[0]} × {own[1]} positions; you see them as they are added "
            f"here, resampled to the {grid[0]} × {grid[1]} patches of this picture."
        )
    st.caption(came)


def _view() -> dict:
    """The opening view; a suggestion brings another, also twice in a row."""
    asked = st.session_state.pop("positions-view", None)
    serial, view = st.session_state.get("positions-shown", (0, OPENING))
    if asked is not None:
        serial, view = serial + 1, {**OPENING, **asked}
        st.session_state["positions-shown"] = (serial, view)
    return {**view, "serial": serial}
