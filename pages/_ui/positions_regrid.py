"""The picture at another size: the table of positions has to follow."""

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import controls, positions_answers, positions_tries, tiles, tries
from pages._ui.cached import positions as cached
from pages._ui.positions_stage import Shown
from viz_core import positions
from viz_core.tiles import wire

SMALLEST, LARGEST = 4, 32
TARGET = (20, 20)
LOOKS = ["Similarity", "Component 1", "Component 2", "Component 3"]


@st.fragment
def show(shown: Shown) -> None:
    """Controls, the table before and after as maps, and the answers at both sizes."""
    tries.one(positions_tries.SHAPE)
    own = cached.table(shown.network)
    options, figures = st.columns([1, 3.2], gap="medium")
    with options:
        side = _source(own.grid[0])
        grid, way, antialias, look = _options()
    picture = controls.picture()
    run = shown.network, picture.key, picture.raw
    start = cached.source(shown.network, side)
    new = cached.regridded(*run, side, grid, way, antialias)
    naive = cached.regridded(*run, side, grid, "cut", True)
    before = cached.ablated(*run, "own", 0).logits
    with figures:
        small = cached.small(*run, grid)
        maps = [
            _map(
                "Learned" if start is own else "Source",
                start.values,
                start.grid,
                shown,
                look,
                own.grid,
            ),
            _map("Resampled", new.values, grid, shown, look, own.grid),
            _map("Cut off or repeated", naive.values, grid, shown, look, own.grid),
            wire.Map("What it sees", small, f"{small.shape[1]} × {small.shape[0]} px"),
        ]
        limit = 1.0 if look == "Similarity" else float(np.abs(maps[0].values).max())
        unit = "cosine, shared part out" if look == "Similarity" else "score along the component"
        tiles.gallery(
            wire.pack_maps(maps, unit=unit, limit=limit, columns=4), key="positions-regrid"
        )
        at = cached.running(shown.network).grid
        outputs = {
            f"{at[0]} × {at[1]}, as trained" if at == own.grid else f"{at[0]} × {at[1]}": before,
            f"{grid[0]} × {grid[1]}, resampled": new.output,
            f"{grid[0]} × {grid[1]}, cut or repeated": naive.output,
        }
        positions_answers.show(shown.network, outputs, "positions-regrid-answers")
        patch = CATALOG[shown.network].config.patch_size
        st.caption(
            f"The same square of your picture, squeezed into {grid[0]} × {grid[1]} patches of "
            f"{patch} × {patch} pixels: {grid[0] * grid[1]} tokens in {1000 * new.seconds:.3g} ms."
            f" {_same_count(start.grid, grid)}"
        )


def _source(native: int) -> int:
    return st.slider(
        "Source grid", SMALLEST, native, native, key=f"positions-source-{native}",
        persist_state="session",
        help=f"{native} × {native} is what was learned. Fewer: the table is first brought to so "
        "many rows and columns, as if no more places had been known.",
    )  # fmt: skip


def _options() -> tuple[tuple[int, int], cached.Way, bool, str]:
    rows = st.slider(
        "Target rows", SMALLEST, LARGEST, TARGET[0], key="positions-rows", persist_state="session",
        help="Rows of patches of the new size.",
    )  # fmt: skip
    columns = st.slider(
        "Target columns", SMALLEST, LARGEST, TARGET[1],
        key="positions-columns", persist_state="session",
        help="Columns of patches. Other than the rows: the picture is squeezed.",
    )  # fmt: skip
    way: cached.Way = st.segmented_control(
        "Resample by", ["bicubic", "bilinear"], default="bicubic", required=True,
        key="positions-way", persist_state="session",
        help="Bicubic looks at 16 neighbours, bilinear at 4.",
    )  # fmt: skip
    antialias = st.toggle(
        "Antialias", value=True, key="positions-antialias", persist_state="session",
        help="Averages over more neighbours on the way to a coarser grid; no effect on a finer.",
    )  # fmt: skip
    look = st.selectbox(
        "Map", LOOKS, key="positions-look", persist_state="session",
        help="Similarity: of the patch pinned on the stage with all others.",
    )  # fmt: skip
    return (rows, columns), way, antialias, look


def _map(
    label: str,
    values: np.ndarray,
    grid: tuple[int, int],
    shown: Shown,
    look: str,
    own: tuple[int, int],
) -> wire.Map:
    """A table as one map: the similarity of one position, or its score along a component."""
    if look == "Similarity":
        line = positions.similarity(values, centred=True)[at(shown, grid)]
    else:
        line = cached.components(shown.network).score(values, LOOKS.index(look) - 1)
    note = f"{grid[0]} × {grid[1]}" + (", as trained" if grid == own else "")
    return wire.Map(label, line.reshape(grid).astype(np.float32), note)


def at(shown: Shown, grid: tuple[int, int]) -> int:
    """The patch of another grid that lies where the stage's patch lies."""
    places = divmod(shown.patch, shown.grid[1])
    row, column = (
        int((place + 0.5) / side * new)
        for place, side, new in zip(places, shown.grid, grid, strict=True)
    )
    return row * grid[1] + column


def _same_count(own: tuple[int, int], grid: tuple[int, int]) -> str:
    if grid == own or grid[0] * grid[1] != own[0] * own[1]:
        return ""
    return (
        f"As many patches as {own[0]} × {own[1]}, yet the table must be resampled: "
        "its rows would wrap at the wrong place."
    )
