"""Why divide by the root of d: random vectors and the chosen network's heads."""

from typing import Any

import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached, controls, frame, labs
from pages._ui.cached import labs as numbers
from viz_core.labs import payload

KEYS = ("8", "32", "128")


@st.fragment
def show(name: str) -> None:
    """The lab; only the number of keys and a new draw need the server.

    Args:
        name: Network whose heads are shown: a key of the catalog.
    """
    frame.section(
        "Why divide by √d?",
        "Drag d: without the division one key soon takes everything, the softmax is stuck and "
        "passes no gradient. With it nothing changes.",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        keys = st.segmented_control(
            "Keys",
            KEYS,
            default="32",
            required=True,
            key="softmax_keys",
            persist_state="session",
            help="How many random keys a query is compared with.",
        )
        st.button(
            "Draw again",
            icon=":material/casino:",
            key="softmax_again",
            on_click=_again,
            help="New random queries and keys: the dots move, theory stays.",
        )
    n = int(keys)
    labs.mount(
        payload.encoded(
            "softmax",
            widths=payload.WIDTHS,
            random=numbers.random_row(n, st.session_state.get("softmax_seed", 0)),
            theory=numbers.theory(n),
            real=_real(name),
        ),
        key="softmax_lab",
    )


def _again() -> None:
    # 32 draws are kept for all visitors; they come round again after that.
    st.session_state.softmax_seed = (st.session_state.get("softmax_seed", 0) + 1) % 32


def _real(name: str) -> dict[str, Any]:
    picture = controls.picture()
    prefix = cached.scene(name, picture.key, picture.raw).prefix
    found = numbers.real_heads(name, picture.key, picture.raw)
    return found | {
        "title": CATALOG[name].title,
        "token": prefix[0] if prefix else "first patch",
        "widths": payload.WIDTHS,
        "theory": numbers.theory(found["n"]),
    }
