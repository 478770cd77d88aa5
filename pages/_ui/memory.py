"""Garbage collection on a timer, in place of Streamlit's after every run."""

import gc
import threading
import time

import streamlit as st

SECONDS_BETWEEN_COLLECTIONS = 60


@st.cache_resource(show_spinner=False)
def keep_tidy() -> threading.Thread:
    """Start the collector once for the whole server; what is imported is never scanned again."""
    gc.collect()
    gc.freeze()
    thread = threading.Thread(target=_collect_for_ever, name="collector", daemon=True)
    thread.start()
    return thread


def _collect_for_ever() -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_COLLECTIONS)
        gc.collect()
