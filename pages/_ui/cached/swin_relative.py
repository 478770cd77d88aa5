"""The bias tables of a network of windows, their frames, and runs without them; kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages._ui import cached
from pages._ui.cached import swin
from viz_core.relative.tables import Kind
from viz_core.shift import wire

if TYPE_CHECKING:
    from viz_core.probe.bias import BlockTable, Run

LARGEST_WINDOW = 8  # of the index view: 64 x 64 pairs
View = tuple[tuple[str, Any], ...]  # names and values to open with; hashable


@st.cache_resource(max_entries=4, show_spinner=False)
def tables(name: str) -> tuple[BlockTable, ...]:
    """What every block of a network adds to its scores: 1.6 MB for Swin-B at 384 pixels."""
    from viz_core.probe import bias

    return bias.learned(cached.network(name))


@st.cache_resource(max_entries=8, show_spinner=False)
def strongest(name: str) -> tuple[int, int]:
    """Block, counted through all stages, and head whose table varies most.

    A block whose window is its whole map counts only where there is no other.
    """
    cuts = [layout for stage in swin.layouts(name) for layout in stage]
    spread = [table.values.std(axis=0) for table in tables(name)]
    many = [k for k, cut in enumerate(cuts) if cut.windows != (1, 1)] or range(len(cuts))
    block = max(many, key=lambda k: float(spread[k].max()))
    return block, int(spread[block].argmax())


@st.cache_resource(max_entries=16, show_spinner=False)
def index_frame(name: str, view: View) -> bytes:
    """The frame of the index view, with the table that varies most."""
    block, head = strongest(name)
    table = tables(name)[block]
    values = table.values[:, head]
    which = f"stage {table.stage + 1}, block {table.block + 1}, head {head + 1}"
    header = {
        "kind": "index",
        "window": table.window,
        "largest": min(LARGEST_WINDOW, table.window),
        "centre": float(values.mean()) if table.computed else 0.0,
        "from": f"The numbers in table and bias are this network’s own: {which}. It uses windows "
        f"of {table.window} × {table.window}; for a smaller M you see the middle of that table.",
        "view": dict(view),
    }
    return wire.pack(header, {"table": values})


@st.cache_resource(max_entries=8, show_spinner=False)
def tables_frame(name: str, key: str, _raw: bytes, view: View) -> bytes:
    """The frame of all tables: 40 kB of numbers for the shipped network, 0.8 MB for Swin-B."""
    grids = [layout.grid for stage in swin.layouts(name) for layout in stage]
    block, head = strongest(name)
    blocks = [
        {
            "stage": table.stage,
            "block": table.block,
            "heads": table.values.shape[1],
            "window": table.window,
            "shift": table.shift,
            "grid": grid,
            "computed": table.computed,
        }
        for table, grid in zip(tables(name), grids, strict=True)
    ]
    header = {
        "kind": "tables",
        "picture": f"{name} {key}",
        "network": name,
        "blocks": blocks,
        "view": {"block": block, "head": head, **dict(view)},
    }
    numbers = {f"table{k}": table.values.T for k, table in enumerate(tables(name))}
    return wire.pack(header, {"picture": swin.crop_jpeg(name, key, _raw), **numbers})


@st.cache_resource(max_entries=24, show_spinner="Running the network with another bias")
def run(name: str, key: str, _raw: bytes, kind: Kind, block: int | None, seed: int) -> Run:
    """One forward pass with another bias in one block, counted through all stages, or in all."""
    from viz_core.probe import bias

    model, seen = cached.network(name), swin.prepared(name, key, _raw)
    chosen = None if block is None else [(tables(name)[block].stage, tables(name)[block].block)]
    with cached.FORWARD:
        return bias.run(model, seen.pixels, kind, chosen, seed)
