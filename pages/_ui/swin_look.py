"""Step 5 of the Swin page: attention in windows on the visitor's picture, and beside a ViT."""

import streamlit as st

from models.catalog import CATALOG, DEFAULT
from pages._ui import canvas, controls, ready
from pages._ui.cached import swin_look
from pages._ui.swin_windows import SHIPPED

MODES: dict[str, canvas.Mode] = {
    "On the picture": "lookup",
    "All heads": "heads",
    "Beside ViT": "compare",
}
# Bottom right: its window takes a piece of every corner, and the mask closes three of them.
RESTING = (0.86, 0.82)
NOTICES = {
    "lookup": "Everything a patch can look at is inside its window. Where the windows are "
    "shifted, one window may lie in up to four pieces at the edges of the picture: move the "
    "pointer there, then set the frame to *Rolled* and see them come together.",
    "heads": "Each thumbnail is one window. Every stage has more heads than the one before it, "
    "and fewer patches to look at.",
    "compare": "One place, two networks at the same relative depth: Swin looks around itself, "
    "ViT looks everywhere from its first layer on.",
}


@st.fragment
def show(network: str | None = None) -> None:
    """The canvas over any stage, block and head; everything that moves is in the browser.

    Args:
        network: Key of the catalog; None takes the one in the sidebar if it has windows.
    """
    name = network or ready.network_name(view="window attention", default=SHIPPED)
    picture = controls.picture()
    chosen = st.segmented_control(
        "Show",
        list(MODES),
        default="On the picture",
        required=True,
        key="swin-look-show",
        label_visibility="collapsed",
        help="One head on the picture, every head of every block, or Swin and ViT side by side.",
    )
    mode = MODES[chosen]
    st.html(f'<p class="notice">{NOTICES[mode].replace("*Rolled*", "<i>Rolled</i>")}</p>')
    if mode == "compare":
        frame = swin_look.beside(name, _whole(name), picture.key, picture.raw)
    else:
        frame = swin_look.frame(name, picture.key, picture.raw)
    # The same view for all three: what was set in the browser stays through a change of mode.
    view = {"layer": swin_look.opening(name), "rest": RESTING, "reading": "single", "head": 0}
    canvas.mount(frame, mode=mode, key="swin-look", view=view)


def _whole(name: str) -> str:
    """The network of global attention beside one of windows: the visitor's, or the shipped one."""
    chosen = controls.network_name()
    known = "global attention" in CATALOG[chosen].views
    here = chosen == DEFAULT or chosen in st.session_state.get("networks_here", ())
    return chosen if known and here and chosen != name else DEFAULT
