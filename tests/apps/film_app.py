"""The stage of "Training film" alone, on trainings that never were; FILMS says where they lie."""

import os
from pathlib import Path

import streamlit as st

from models.catalog import CATALOG
from pages._ui import controls, film_stage, film_tries, frame, tries
from pages._ui.cached import growth
from tests.growth_toys import ENTRIES, NAMES, write_films

FOLDER = Path(os.environ.get("FILMS", ""))


@st.cache_resource
def films() -> None:
    """Write them once, and have the page look for them."""
    write_films(FOLDER)
    for name in NAMES:
        CATALOG[name] = ENTRIES[name]
    growth.path = lambda name: FOLDER / f"{name}.film.safetensors"  # type: ignore[assignment]


if __name__ == "__main__":
    st.set_page_config(layout="wide")
    st.html(f"<style>{frame.STYLE}</style>")
    films()
    controls.sidebar()
    film_stage.show(film_stage.choose(st.container(horizontal=True), ("token",)))
    tries.show(film_tries.FILM)
