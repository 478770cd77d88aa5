"""Entry point: page table, sidebar with picture and model, router. Run with `make app`."""

import streamlit as st

from pages._ui import cached, controls, frame

START = st.Page("pages/home.py", title="Start", icon=":material/home:", default=True)
GROUND = [
    st.Page("pages/zero.py", title="Attention from zero", icon=":material/function:"),
    st.Page("pages/patches.py", title="Patches and tokens", icon=":material/apps:"),
    st.Page("pages/positions.py", title="Positions", icon=":material/my_location:"),
]
INSIDE = [
    st.Page("pages/attention.py", title="Attention", icon=":material/grid_view:"),
    st.Page("pages/swin.py", title="Swin", icon=":material/window:"),
    st.Page("pages/convnext.py", title="ConvNeXt", icon=":material/layers:"),
    st.Page("pages/mae.py", title="MAE", icon=":material/brush:"),
    st.Page("pages/compact.py", title="Compact", icon=":material/compress:"),
    st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
    st.Page("pages/film.py", title="Training film", icon=":material/movie:"),
    st.Page("pages/text.py", title="Text", icon=":material/short_text:"),
]
WHY = [
    st.Page("pages/why.py", title="Why", icon=":material/contact_support:"),
    st.Page("pages/heads.py", title="Heads", icon=":material/psychology:"),
    st.Page("pages/compare.py", title="Compare", icon=":material/compare:"),
    st.Page("pages/regions.py", title="Regions", icon=":material/category:"),
]

frame.configure()
page = st.navigation(
    {"": [START], "From the ground up": GROUND, "Look inside": INSIDE, "Ask why": WHY},
    expanded=True,
)
controls.sidebar()
frame.run(page)
cached.collector()
