"""The wave of sinusoidal positions as a Streamlit component: its sliders live in the browser."""

import json

import streamlit as st

from pages._ui import component

_waves = component.register("waves")


def show(*, length: int, width: int, key: str) -> None:
    """Mount the table of sinusoidal positions with its sliders.

    Args:
        length: Positions to open with, from 8.
        width: Channels to open with, a multiple of 4.
        key: Key of the component; `KEY-view` in the session state, any of `length`, `width`,
            `base`, `anchor` and `position`, brings another view.
    """
    asked = st.session_state.pop(f"{key}-view", None)
    serial, view = st.session_state.get(f"{key}-shown", (0, {}))
    if asked is not None:
        serial, view = serial + 1, asked
        st.session_state[f"{key}-shown"] = (serial, view)
    opening = {"length": length, "width": width, **view, "serial": serial}
    _waves(data=json.dumps(opening).encode(), key=key)
