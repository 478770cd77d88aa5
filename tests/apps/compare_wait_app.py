"""Long work in a cached function that tells of its progress, twice; for tests of a Stop."""

import time

import streamlit as st

from pages._ui import compare_wait

compare_wait.PATIENCE = 0.0
ASKED = ("work", 1)


@st.cache_resource(show_spinner=False)
def work(_tell):
    for step in range(3):
        _tell(step / 3, f"step {step}")
        time.sleep(0.01)
    return "done"


place = st.empty()
with place.container():
    ready = compare_wait.allowed("work", ASKED, st.session_state.get("cost", 0.0), "A test")
if ready:
    with compare_wait.bar("work", ASKED, place) as tell:
        first = work(tell)
    with compare_wait.bar("work", ASKED, place) as tell:
        second = work(tell)  # from the cache: what was told then is not told again
    st.write(f"{first}, {second}")
