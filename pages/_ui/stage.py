"""The stage: the canvas with the chosen picture, and what the page needs to know of it."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models.catalog import CATALOG
from pages._ui import cached, canvas, controls, parts, ready, view
from pages._ui.cached import Scene
from pages._ui.controls import Picture
from pages._ui.view import View

# The head of the shipped network whose class token settles most clearly on things.
DEFAULT = View(layer=-1, head=4, reading="single")


@dataclass(frozen=True)
class Shown:
    """What the stage last told Python; it does not tell while one only moves over it.

    Attributes:
        network: Network whose attention is shown: a key of the catalog.
        layer: Layer, from 0.
        head: Head, from 0.
        reading: "single", "mean", "max" or "rollout".
        token: The pinned token, or the class token.
        token_name: What people call it.
        residual: Weight of the skip connection in the rollout.
    """

    network: str
    layer: int
    head: int
    reading: str
    token: int
    token_name: str
    residual: float = 0.5


MODES: dict[str, canvas.Mode] = {"Picture": "lookup", "All heads": "heads", "Matrix": "matrix"}


def show(key: str, switch: DeltaGenerator | None = None) -> Shown:
    """Mount the canvas for the chosen picture and network.

    Args:
        key: Key of the canvas.
        switch: Where to offer the other modes; without it only the picture is shown.
    """
    mode = "lookup" if switch is None else _mode(switch)
    picture, name = controls.picture(), ready.network_name()
    scene = _scene(name, picture)
    layers, heads = scene.patterns.shape[:2]
    opening = view.opening(layers, heads, DEFAULT)
    state = canvas.mount(
        cached.frame(name, picture.key, picture.raw),
        mode=mode,
        key=key,
        view={
            "layer": opening.layer,
            "head": opening.head,
            "reading": opening.reading,
            "address": True,
            "serial": opening.serial,
            # Only a view that Python asks for anew clears these: see `canvas.mount`.
            "direction": "row",
            "pins": [],
        },
    )
    pin = state.pins[0] if state.pins else None
    columns = scene.grid[1]
    token = 0 if pin is None else pin
    patch = token - len(scene.prefix)
    where = f"patch in row {patch // columns + 1}, column {patch % columns + 1}"
    called = scene.prefix[token] if patch < 0 else where
    return Shown(name, state.layer, state.head, state.reading, token, called, state.residual)


def _mode(switch: DeltaGenerator) -> canvas.Mode:
    with switch:
        chosen = st.segmented_control(
            "Show",
            list(MODES),
            default="Picture",
            required=True,
            key="show",
            bind="query-params",
            label_visibility="collapsed",
            help="The picture, every head of every layer at once, or who looks at whom.",
        )
    return MODES[chosen]


def _scene(name: str, picture: Picture) -> Scene:
    from models.tensorfile import WeightsError

    try:
        return cached.scene(name, picture.key, picture.raw)
    except WeightsError as problem:
        st.error(str(problem))
        st.stop()


def prediction(shown: Shown) -> None:
    """What the network takes the picture for."""
    picture = controls.picture()
    rows = cached.prediction(shown.network, picture.key, picture.raw)
    if not rows:
        st.caption("This network was trained without labels: it has no classes to predict.")
        return
    st.subheader("What the network takes it for", anchor=False)
    parts.guesses(rows)
    if accuracy := CATALOG[shown.network].accuracy:
        st.caption(f"Accuracy: {accuracy}. It knows only its own classes and always names one.")


def numbers(shown: Shown) -> dict[str, str]:
    """What the formulas of a page are filled in with, as text."""
    picture, config = controls.picture(), cached.vit_config(shown.network)
    head_width = config.width // config.heads
    return {
        "tokens": str(cached.scene(shown.network, picture.key, picture.raw).patterns.shape[-1]),
        "head_width": str(head_width),
        "root": f"{head_width**0.5:.3g}",
    }
