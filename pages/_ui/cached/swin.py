"""What the Swin page computes on the server, kept: a few forward passes a block."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args

import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from pages._ui import cached
from viz_core import images, window_mask
from viz_core.images import Prepared
from viz_core.seam import wire as seam_wire
from viz_core.shift import wire
from viz_core.windows import Layout

PICTURE_PIXELS = 560
PAPER = Layout((8, 8), 4, 2)  # figures 2 and 4 of the paper


@st.cache_resource(max_entries=8, show_spinner=False)
def prepared(name: str, key: str, _raw: bytes) -> Prepared:
    """A picture as a network takes it; read-only."""
    how = CATALOG[name].preprocessing
    made = images.prepare(
        cached.picture(key, _raw),
        size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std,
    )  # fmt: skip
    made.pixels.flags.writeable = made.crop.flags.writeable = False
    return made


@st.cache_resource(max_entries=8, show_spinner=False)
def crop_jpeg(name: str, key: str, _raw: bytes) -> bytes:
    """What the network sees of a picture, for the browser."""
    return images.encode_jpeg(prepared(name, key, _raw).crop, side=PICTURE_PIXELS)


@st.cache_resource(max_entries=4, show_spinner=False)
def layouts(name: str) -> list[list[Layout]]:
    """How every block of every stage cuts its map, at the size that the network is given."""
    from viz_core.probe import swin

    size = CATALOG[name].preprocessing.size
    return swin.layouts(cached.network(name), size, size)


@st.cache_resource(max_entries=8, show_spinner=False)
def cuts(name: str, key: str, _raw: bytes, view: tuple[int, int, int] | None) -> bytes:
    """The frame of the component `shift`.

    Args:
        name: Key of the catalog.
        key: Key of the picture.
        view: (map, window, shift) to open with; None for the first stage of 4 windows.
    """
    maps = []
    for number, stage in enumerate(layouts(name)):
        cut = stage[-1]
        rows, columns = cut.grid
        maps.append(
            {
                "label": f"{rows} × {columns}",
                "hint": f"Stage {number + 1} of this network",
                **dataclasses.asdict(cut),
            }
        )
    rows, columns = PAPER.grid
    hint = {"label": f"{rows} × {columns}", "hint": "Figures 2 and 4 of the paper"}
    maps.append({**hint, **dataclasses.asdict(PAPER)})
    number, window, shift = view or (first_map(name), None, None)
    opening = {"map": number, "window": window, "shift": shift}
    header = {"picture": f"{name} {key}", "maps": maps, "view": opening}
    return wire.pack(header, {"picture": crop_jpeg(name, key, _raw)})


def first_map(name: str) -> int:
    """The stage whose shifted map falls into 2 × 2 windows, as in the paper's figures."""
    found = [k for k, stage in enumerate(layouts(name)) if stage[-1].windows == (2, 2)]
    return found[0] if found else 0


@st.cache_resource(max_entries=6, show_spinner="Running the network with and without its mask")
def seam(name: str, key: str, _raw: bytes, stage: int, block: int) -> bytes:
    """The frame of the component `seam`: a shifted block with its mask on and off.

    Three forward passes, two where no other block has a mask, and the proof's three of one
    block. At most 12 MB.
    """
    from viz_core.probe import swin

    model, pixels = cached.network(name), prepared(name, key, _raw).pixels
    with cached.FORWARD:
        looks = {
            run: swin.window_attention(model, pixels, stage, block, run)
            for run in get_args(swin.Opened)
        }
    layout = looks["none"].layout
    labels = CATALOG[name].labels
    rows = (
        seam_wire.logit_rows({run: look.logits for run, look in looks.items()}, class_names(labels))
        if labels
        else []
    )
    header: dict[str, Any] = {
        "picture": f"{name} {key}",
        "stage": stage,
        "block": block,
        "logits": rows,
        "first": seam_wire.seam_window(layout),
        "opening": seam_wire.opening(looks["this"].pattern, layout),
        "proof": _proof(name, key, _raw, layout, stage, block),
    }
    return seam_wire.pack_seam(
        layout,
        scores=looks["none"].scores,
        scores_all=looks["all"].scores,
        bias=looks["none"].bias,
        crossing={
            run: window_mask.crossing(look.pattern, layout).tolist() for run, look in looks.items()
        },
        picture_jpeg=crop_jpeg(name, key, _raw),
        header=header,
    )


def _proof(
    name: str, key: str, raw: bytes, layout: Layout, stage: int, block: int
) -> dict[str, Any] | None:
    """The proof's numbers; None where the map had to be filled up."""
    from viz_core.probe import swin

    if layout.padded != layout.grid:
        return None
    with cached.FORWARD:
        made = swin.ragged_proof(
            cached.network(name), prepared(name, key, raw).pixels, stage, block
        )
    return dataclasses.asdict(made)
