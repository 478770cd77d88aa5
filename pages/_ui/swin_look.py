"""Step 5 of the Swin page: attention in windows on the visitor's picture, and beside a ViT."""

import streamlit as st

from models.catalog import CATALOG, DEFAULT
from pages._ui import canvas, controls
from pages._ui import swin_substep as substep
from pages._ui.cached import swin_look

MODES: dict[str, canvas.Mode] = {
    "On the picture": "lookup",
    "All heads": "heads",
    "Beside ViT": "compare",
}
# Below the middle: a window in two pieces, at the bottom and at the top of the picture.
RESTING = (0.464, 0.75)
NOTICES = {
    "lookup": "A shifted window goes on at the other side, there the mask closes it. Set "
    "<i>Frame</i> to <i>Rolled</i>: its pieces meet.",
    "heads": "Each thumbnail is one window, one head: from stage to stage more heads, fewer "
    "patches. Click one.",
    "compare": "One place, one relative depth: Swin sees its window, ViT the whole picture from "
    "its first layer on.",
}


@st.fragment
def show(name: str) -> None:
    """The canvas over any stage, block and head; everything that moves is in the browser.

    Args:
        name: Key of the catalog.
    """
    picture = controls.picture()
    with substep.row():
        chosen = st.segmented_control(
            "Show",
            list(MODES),
            default="On the picture",
            required=True,
            key="swin-look-show",
            wrap=True,
            persist_state="session",
            label_visibility="collapsed",
            help="One head on the picture, every head of every block, or Swin beside a ViT.",
        )
        mode = MODES[chosen]
        substep.notice(NOTICES[mode])
    if mode == "compare":
        frame = swin_look.beside(name, _whole(name), picture.key, picture.raw)
    else:
        frame = swin_look.frame(name, picture.key, picture.raw)
    # The same view for all three: what was set in the browser stays through a change of mode.
    view = {"layer": swin_look.opening(name), "rest": RESTING, "reading": "single", "head": 0}
    view["keep"] = f"swin-look {name}"
    canvas.mount(frame, mode=mode, key="swin-look", view=view)


def _whole(name: str) -> str:
    """The network of global attention beside one of windows: the visitor's, or the shipped one."""
    chosen = controls.network_name()
    known = "global attention" in CATALOG[chosen].views
    here = chosen == DEFAULT or chosen in st.session_state.get("networks_here", ())
    return chosen if known and here and chosen != name else DEFAULT
