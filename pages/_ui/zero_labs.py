"""The labs below the stepper of "Attention from zero"."""

import streamlit as st

from models.catalog import CATALOG, DEFAULT
from models.entry import Shipped
from pages._ui import controls, zero_costs, zero_norms, zero_softmax

NEEDED = {"global attention", "tokens"}


def show() -> None:
    """All three, the one that needs no picture last."""
    name = _network()
    asked = controls.network_name()
    if name != asked:
        st.caption(
            f"The labs below show {CATALOG[name].title}: {CATALOG[asked].title} is not on this "
            "machine or does not attend over the whole picture."
        )
    zero_softmax.show(name)
    zero_norms.show(name)
    zero_costs.show()


def _network() -> str:
    """The chosen network if it is here and has what the labs show; they fetch none."""
    name = controls.network_name()
    entry = CATALOG[name]
    here = isinstance(entry.weights, Shipped) or name in st.session_state.get("networks_here", ())
    return name if here and entry.views >= NEEDED else DEFAULT
