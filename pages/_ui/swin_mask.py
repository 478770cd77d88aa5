"""Step 3 of the Swin page: the mask of a shifted block, on and off, and why it is right."""

from typing import TYPE_CHECKING

import streamlit as st

from pages._ui import component, controls, tries
from pages._ui.cached import swin
from viz_core.shift import wire
from viz_core.windows import Layout

if TYPE_CHECKING:
    from viz_core.probe.swin import Opened

KEY = "swin-mask"
ASKED = f"{KEY}-view"
RUNS: tuple["Opened", ...] = ("none", "this", "all")  # whose masks are opened

_seam = component.register("seam")


@st.fragment
def show(name: str) -> None:
    """One shifted block: choose a window, point at a token, switch the mask off.

    Args:
        name: Key of the catalog.
    """
    picture = controls.picture()
    stages = swin.layouts(name)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stage = _stage(stages, swin.first_map(name))
        block = _block(len(stages[stage]), stage)
    cut = stages[stage][block]
    if not cut.shift:
        _why_no_shift(cut, stage, block)
        return
    frame = swin.seam(name, picture.key, picture.raw, stage, block)
    view = tries.asked(ASKED)
    with st.container(gap=None):
        _seam(data=wire.pack({"view": view}, {"frame": frame}), key=KEY)


def chosen(name: str) -> tuple[int, int]:
    """Stage and block of the last run, from 0."""
    stages, state = swin.layouts(name), st.session_state
    stage = int(state.get(f"{KEY}-stage-{len(stages)}") or swin.first_map(name) + 1) - 1
    block = int(state.get(f"{KEY}-block-{stage}-{len(stages[stage])}") or 2) - 1
    return stage, block


def _stage(stages: list[list[Layout]], first: int) -> int:
    options = [str(k + 1) for k in range(len(stages))]
    grids = [f"Stage {k + 1}: {' × '.join(map(str, one[0].grid))}" for k, one in enumerate(stages)]
    chosen = st.segmented_control(
        "Map",
        options,
        label_visibility="collapsed",
        default=str(first + 1),
        required=True,
        format_func=lambda option: grids[int(option) - 1],
        key=f"{KEY}-stage-{len(stages)}",
        persist_state="session",
        help="Rows and columns of tokens that the stage works on.",
    )
    return int(chosen) - 1


def _block(depth: int, stage: int) -> int:
    options = [str(k) for k in range(2, depth + 1, 2)]
    chosen = st.segmented_control(
        "Block",
        options,
        format_func=lambda option: f"Block {option}",
        label_visibility="collapsed",
        default=options[0],
        required=True,
        key=f"{KEY}-block-{stage}-{depth}",
        persist_state="session",
        help="Every second block of a stage shifts its windows.",
    )
    return int(chosen) - 1


def _why_no_shift(cut: Layout, stage: int, block: int) -> None:
    rows, columns = cut.grid
    st.info(
        f"The map of stage {stage + 1} is {rows} × {columns} tokens, and one window of "
        f"{cut.window} × {cut.window} holds all of it. A shift would only cut it to pieces, so "
        f"block {block + 1} keeps shift 0: no roll, no mask, every token may see every other.",
        icon=":material/select_all:",
    )
