"""Entry point: page table, sidebar with picture and model, router. Run with `make app`."""

import streamlit as st

from pages._ui import cached, controls, frame

PAGES = [
    st.Page("pages/home.py", title="Start", icon=":material/home:", default=True),
    st.Page("pages/attention.py", title="Attention", icon=":material/grid_view:"),
]

frame.configure()
page = st.navigation({"": PAGES[:1], "Look inside": PAGES[1:]})
controls.sidebar()
frame.run(page)
cached.collector()
