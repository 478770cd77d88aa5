"""The Swin page's look at attention on its own; an untrained network stands in."""

import streamlit as st

from pages._ui import controls, frame, swin_look
from tests.apps import swin_app

PAGES = {"look": swin_look.show}

if __name__ == "__main__":
    swin_app.stand_in()
    frame.configure()
    pages = [st.Page(page, title=name, url_path=name) for name, page in PAGES.items()]
    page = st.navigation(pages)
    controls.sidebar()
    page.run()
