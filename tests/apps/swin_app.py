"""Steps of the Swin page on their own; without shipped weights an untrained network stands in."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
import torch

from models import entry, weights
from models.catalog import CATALOG, DEFAULT
from models.entry import Entry, Shipped
from pages._ui import controls, frame, swin_mask, swin_windows

SWIN = swin_windows.SHIPPED


def stand_in() -> None:
    """A small untrained Swin under the name of the one that ships."""
    if SWIN in CATALOG:
        return
    shape = dict(width=64, depths=(2, 4, 2), heads=(2, 4, 8), classes=32)
    CATALOG[SWIN] = Entry(
        name=SWIN,
        title="Swin, untrained",
        architecture="swin",
        options=dict(image_size=56, patch_size=2, **shape),
        weights=Shipped("none"),
        labels="everyday32",
        preprocessing=CATALOG[DEFAULT].preprocessing,
        licence="none",
        accuracy=None,
        note="Untrained.",
    )
    load = weights.load
    weights.load = lambda name: untrained() if name == SWIN else load(name)


@contextmanager
def standing_in() -> Iterator[None]:
    """`stand_in`, taken back at the end: other tests look at the catalog too."""
    known, load = dict(CATALOG), weights.load
    stand_in()
    try:
        yield
    finally:
        CATALOG.clear()
        CATALOG.update(known)
        weights.load = load


def untrained() -> torch.nn.Module:
    torch.manual_seed(0)
    model = entry.build(CATALOG[SWIN]).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.08 * torch.randn_like(parameter))
    return model.requires_grad_(False)


def body() -> None:
    """Both steps, as the page composes them."""
    st.title("Swin")
    swin_windows.show()
    swin_mask.show()


if __name__ == "__main__":
    stand_in()
    frame.configure()
    page = st.navigation([st.Page(body, title="Swin", default=True)])
    controls.sidebar()
    page.run()
