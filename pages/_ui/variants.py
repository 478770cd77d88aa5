"""The networks compared: each as it was trained, and without positions where it has any."""

from dataclasses import dataclass

import streamlit as st

from models.catalog import CATALOG, DEFAULT
from models.entry import Shipped
from pages._ui import controls
from pages._ui.cached import breaking as cached
from viz_core import breaking
from viz_core.figures import ACCENT

COLOURS = (ACCENT, "#d3436e", "#5b9bd5", "#8f9b3a", "#9aa0b5")


@dataclass(frozen=True)
class Variant:
    """A network as it is asked here.

    Attributes:
        name: Key of the catalog.
        positions: Whether its patches know their places.
        removable: Whether there is a variant of it without positions.
        colour: On cards and charts.
    """

    name: str
    positions: bool
    removable: bool
    colour: str

    @property
    def title(self) -> str:
        """What people call the network."""
        return CATALOG[self.name].title

    @property
    def dash(self) -> str:
        """Of its lines, in Plotly's words."""
        return "solid" if self.positions else "dash"

    @property
    def note(self) -> str:
        """What was done to it."""
        if not self.positions:
            return "without positions"
        return "with its positions" if self.removable else "as trained"


def variants() -> list[Variant]:
    """What ships with the first one's classes, one an architecture, and the chosen one if here."""
    first, names = CATALOG[DEFAULT], dict[str, str]()
    for entry in CATALOG.values():
        if isinstance(entry.weights, Shipped) and entry.labels == first.labels:
            names.setdefault(entry.architecture, entry.name)
    chosen = controls.network_name()
    if chosen in st.session_state.get("networks_here", ()) and CATALOG[chosen].labels:
        names["chosen"] = chosen
    found = []
    for name, colour in zip(dict.fromkeys(names.values()), COLOURS, strict=False):
        if CATALOG[name].preprocessing.size % breaking.UNITS:
            continue
        removable = cached.has_positions(name)
        found += [
            Variant(name, positions, removable, colour)
            for positions in ((True, False) if removable else (True,))
        ]
    return found
