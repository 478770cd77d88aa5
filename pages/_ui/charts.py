"""The charts below the stage: how far and how widely every head looks."""

import numpy as np
import streamlit as st

from pages._ui import cached, controls
from pages._ui.stage import Shown
from viz_core import attention, figures


def heads_by_layer(shown: Shown) -> None:
    """Mean attention distance and entropy of every head, the one on the stage marked."""
    picture = controls.picture()
    chosen = (shown.layer, shown.head) if shown.reading == "single" else None
    numbers = cached.head_numbers(shown.network, picture.key, picture.raw)
    scene = cached.scene(shown.network, picture.key, picture.raw)
    rows, columns = scene.grid
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True):
        st.markdown("**How far do heads look?** Each dot is a head; low is local, high is global.")
        _chart(
            figures.by_layer(
                numbers.distance, quantity="mean attention distance", unit="patches",
                even=attention.even_distance(scene.grid), chosen=chosen,
            ),
            "distance",
        )  # fmt: skip
        st.caption(
            f"1 patch is {scene.patch_pixels} pixels of the network's input. Two patches are at "
            f"most {np.hypot(rows - 1, columns - 1):.3g} patches apart."
        )
    with right, st.container(border=True):
        st.markdown("**How widely do they spread?** 0 bits: one token gets everything.")
        most = float(np.log2(scene.patterns.shape[-1]))
        _chart(
            figures.by_layer(
                numbers.entropy, quantity="mean entropy", unit="bits", even=most,
                chosen=chosen,
            ),
            "entropy",
        )  # fmt: skip
        st.caption(f"All {scene.patterns.shape[-1]} tokens alike would be {most:.3g} bits.")


def _chart(figure: object, key: str) -> None:
    st.plotly_chart(figure, key=key, config={"displayModeBar": False})
