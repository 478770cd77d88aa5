"""The page Train on few pictures that are told apart within seconds, at ordinary priority."""

from pathlib import Path

import streamlit as st

from models.training import line
from pages._ui import controls, frame
from pages._ui.cached import train as cached
from tests.training_toys import two_colours

PAGES = Path(__file__).parents[2] / "pages"


def few() -> object:
    """In place of the pictures that come with Saccade."""
    from models.training import data

    classes = cached.shipped_facts()[2]
    return data.Dataset(
        "CIFAR-10", classes, two_colours(512, 1, side=32), two_colours(40, 2, side=32)
    )


if __name__ == "__main__":
    line.NICENESS = 0  # other tests' work must not keep it waiting
    cached.shipped = few  # type: ignore[assignment]
    cached.AWAY_SECONDS = 5.0
    frame.configure()
    page = st.navigation(
        [
            st.Page(PAGES / "positions.py", title="Positions", default=True),
            st.Page(PAGES / "train.py", title="Train", url_path="train"),
        ]
    )
    controls.sidebar()
    frame.run(page)
