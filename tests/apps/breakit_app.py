"""The section "Break it" alone, and a second page to come back from."""

import streamlit as st

from pages._ui import breakit, controls, frame


def board() -> None:
    breakit.show()


def elsewhere() -> None:
    st.text("somewhere else")


if __name__ == "__main__":
    st.set_page_config(layout="wide")
    st.html(f"<style>{frame.STYLE}</style>")
    page = st.navigation(
        [st.Page(board, title="Board", url_path="board"), st.Page(elsewhere, title="Elsewhere")]
    )
    controls.sidebar()
    page.run()
