"""The steps Road and Blocks of the ConvNeXt page on their own, as a link asks for one."""

import streamlit as st

from pages._ui import cached, convnext_blocks, convnext_road, samples
from pages._ui.controls import Picture


def body() -> None:
    """One of both steps."""
    name = st.query_params.get("sample", samples.DEFAULT)
    st.session_state.picture = Picture(*cached.sample(name), name)
    step = convnext_blocks if st.query_params.get("step") == "Blocks" else convnext_road
    st.markdown(step.NOTICE)
    step.show("")


if __name__ == "__main__":
    st.set_page_config(layout="wide")
    body()
