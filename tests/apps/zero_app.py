"""The stepper and the encoder-decoder without sidebar and labs, for the browser tests."""

import streamlit as st

from models.catalog import DEFAULT
from pages._ui import cached, zero_decoder, zero_stage
from pages._ui.controls import Picture

st.set_page_config(layout="wide")
key, raw = cached.sample("cat")
st.session_state.picture = Picture(key, raw, "cat")
st.session_state.model = DEFAULT
zero_stage.show()
zero_decoder.show()
