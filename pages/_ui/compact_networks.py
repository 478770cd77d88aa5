"""Which networks the page Compact shows, what it says where some are missing, and asked views."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages._ui.cached import compact as cached


def shown(network: str) -> tuple[str, ...]:
    """The networks of a trio whose weights are here; one line says which are not.

    Args:
        network: Key of the catalog: one of the trio.
    """
    names = cached.trio(network)
    found = tuple(name for name in names if cached.here(name))
    lacking = [cached.title(name) for name in names if name not in found]
    if lacking:
        told = f"The weights of {' and '.join(lacking)} are missing from assets/weights."
        (st.caption if found else st.info)(told)
    return found


def asked(key: str) -> Mapping[str, Any]:
    """The view that a suggestion asked for; its serial grows with every click.

    Args:
        key: Entry of the session where suggestions leave it.
    """
    wanted = st.session_state.pop(key, None)
    known = st.session_state.get(f"{key}-asked", {})
    if wanted is not None:
        known = {**wanted, "serial": known.get("serial", 0) + 1}
        st.session_state[f"{key}-asked"] = known
    return known
