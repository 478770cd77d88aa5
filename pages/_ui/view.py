"""Which layer and head a page opens with: from the link, from a suggestion, or its default."""

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class View:
    """What the stage shows first. Layer and head count from 0; layer -1 is the last.

    Attributes:
        layer: Layer shown.
        head: Head shown; also the one that is marked in the charts.
        reading: "single", "mean", "max" or "rollout".
        serial: Grows when Python asks for another view; the browser's own changes do not count.
    """

    layer: int
    head: int
    reading: str
    serial: int = 0


def opening(layers: int, heads: int, default: View) -> View:
    """The view to open with; a link that asks for more than there is gets a notice."""
    asked = st.session_state.get("asked_view")
    if asked is None:
        asked = st.session_state.asked_view = _from_link(default)
    layer, head = min(asked.layer, layers - 1), min(asked.head, heads - 1)
    layer = layers - 1 if layer < 0 else layer
    if asked != default and (asked.layer >= layers or asked.head >= heads):
        st.info(
            f"This network has {layers} layers of {heads} heads: you see layer {layer + 1}, "
            f"head {head + 1}.",
            icon=":material/info:",
        )
    return View(layer, head, asked.reading, asked.serial)


def ask(layer: int, head: int, reading: str) -> None:
    """Bring a view onto the stage with the next run."""
    serial = st.session_state.asked_view.serial + 1 if "asked_view" in st.session_state else 1
    st.session_state.asked_view = View(layer, head, reading, serial)


def _from_link(default: View) -> View:
    wanted = {name: st.query_params.get(name) for name in ("layer", "head")}
    if not any(wanted.values()):
        return default
    numbers = {"layer": default.layer, "head": default.head}
    for name, text in wanted.items():
        if text is None:
            continue
        if text.isascii() and text.isdigit() and len(text) < 4:
            numbers[name] = int(text)
        else:
            st.toast(f"This link asks for {name} “{text[:20]}”; you see {name} 1 instead.")
            numbers[name] = 0
    return View(numbers["layer"], numbers["head"], "single", default.serial)
