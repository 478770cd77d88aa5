"""Steps 2 and 3 of the Swin page on their own, one below the other."""

import streamlit as st

from pages._ui import controls, frame, ready, swin_mask, swin_windows

SWIN = swin_windows.SHIPPED


def chosen() -> str:
    """The network in the sidebar if it has windows, else the shipped Swin."""
    return ready.network_name(view="window attention", default=SWIN)


def body() -> None:
    """Both steps."""
    st.title("Swin")
    swin_windows.show(chosen())
    swin_mask.show(chosen())


if __name__ == "__main__":
    frame.configure()
    page = st.navigation([st.Page(body, title="Swin", default=True)])
    controls.sidebar()
    page.run()
