"""The section "Do methods agree?" of the page Why with work that lasts, for a test of its Stop."""

import time

import streamlit as st

from pages._ui import controls, why_choice, why_honesty
from pages._ui.cached import honesty


@st.cache_resource(show_spinner=False)
def lasting(*given, _progress):
    for step in range(600):  # a minute: on no machine is it over before Stop is clicked
        _progress(step, 600)
        time.sleep(0.1)
    raise TimeoutError("nobody stopped it")


if __name__ == "__main__":
    honesty.agreement = lambda *given: lasting(*given[:2], _progress=given[-1])
    controls.sidebar()
    why_honesty._agreement(why_choice.current(why_choice.network()))
