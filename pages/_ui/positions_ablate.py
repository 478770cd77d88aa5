"""Positions taken away or replaced, live."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import (
    controls,
    positions_answers,
    positions_regrid,
    positions_tries,
    tiles,
    tries,
)
from pages._ui.cached import positions as cached
from pages._ui.positions_stage import GIVEN, Shown
from viz_core import ablation, attention, position_figures
from viz_core.tiles import wire

if TYPE_CHECKING:
    from viz_core.probe.positions import Outcome

LABELS: dict[ablation.Replacement, str] = {
    "own": "Its own",
    "none": "None (zeros)",
    "same": "Same for all",
    "shuffled": "Shuffled",
    "sinusoid": "1-D sinusoid",
    "sincos": "2-D sin-cos",
    "mirrored": "Mirrored",
    "transposed": "Transposed",
}
NOTES: dict[ablation.Replacement, str] = {
    "own": "Nothing is changed.",
    "none": "No patch gets a position; the class token keeps its own.",
    "same": "Every patch gets the mean of all positions: the shared part stays, the place goes.",
    "shuffled": "Every patch gets the position of another one.",
    "sinusoid": "Sines and cosines along the sequence, scaled to the mean length of its own.",
    "sincos": "Sines and cosines of column and row, scaled to the mean length of its own.",
    "mirrored": "Left and right change places.",
    "transposed": "Rows and columns change places.",
}
PAPER = """**Trained without, not just run without**

This network was trained with its own positions, so taking them away shows what it relies on,
not how well it could do without. The ViT paper *trained* ViT-B/16 with each kind:

| positions | accuracy |
|---|---|
| none | 61.4 % |
| 1-D learned | 64.2 % |
| 2-D learned | 64.0 % |
| relative | 64.0 % |

ImageNet 5-shot linear: .61382, .64206, .64001, .64032;
[arXiv:2010.11929](https://arxiv.org/abs/2010.11929), table 8, added once at the stem.
"""
NEARLY = " This network's own table is nearly that formula (cosine {:.3f}), so little changes."
DEFAULT: ablation.Replacement = "none"


@st.fragment
def show(shown: Shown) -> None:
    """Controls, answers before and after, all replacements at a glance, attention distance."""
    picture = controls.picture()
    run = shown.network, picture.key, picture.raw
    tries.one(positions_tries.SHUFFLE)
    kind, seed = _options()
    like = cached.agreement(shown.network)
    st.caption(NOTES[kind] + (NEARLY.format(like) if kind == "sincos" and like > GIVEN else ""))
    before, after = cached.ablated(*run, "own", 0), cached.ablated(*run, kind, seed)
    names = ("its own positions", LABELS[kind].lower())
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, height="stretch"):
        st.markdown("**What it answers**, before and after")
        outputs = {names[0]: before.logits, names[1]: after.logits}
        if kind == "own":
            outputs.pop(names[1])
        positions_answers.show(shown.network, outputs, "positions-ablate-answers")
        if CATALOG[shown.network].labels and kind != "own":
            st.caption(_moved(before.logits, after.logits, names[1]))
    with right, st.container(border=True, height="stretch"):
        st.markdown("**How far its heads look.** Each dot is a head.")
        grid = cached.running(shown.network).grid
        figure = position_figures.distance_before_after(
            before.distance, after.distance, even=attention.even_distance(grid), names=names
        )
        st.plotly_chart(figure, key="positions-far", config={"displayModeBar": False})
    with st.container(border=True):
        _attention(shown, before, after, names)
    left, right = st.columns([1.7, 1], gap="medium")
    with left, st.container(border=True, height="stretch"):
        _all(shown, seed, kind)
    with right, st.container(border=True, height="stretch"):
        st.markdown(PAPER)


def _moved(before: np.ndarray, after: np.ndarray, what: str) -> str:
    """How far the logits themselves move, most of all and on average."""
    change = np.abs(after - before)
    return (
        f"With {what}, a logit moves by up to {change.max():.3g}, on average by "
        f"{change.mean():.3g}; its own span from {before.min():.3g} to {before.max():.3g}."
    )


def _options() -> tuple[ablation.Replacement, int]:
    choice, order = st.columns([4, 1], gap="medium", vertical_alignment="bottom")
    with choice:
        kind: ablation.Replacement = st.pills(
            "Positions instead of its own", list(LABELS), default=DEFAULT, required=True,
            format_func=LABELS.__getitem__, key="positions-kind", persist_state="session",
            help="The picture and all weights stay as they are; only the positions change.",
        )  # fmt: skip
    with order:
        seed = st.slider(
            "Order", 0, 20, 0, key="positions-seed", disabled=kind != "shuffled",
            persist_state="session",
            help="Another shuffled order; for Shuffled only.",
        )  # fmt: skip
    return kind, seed


def _attention(shown: Shown, before: "Outcome", after: "Outcome", names: tuple[str, str]) -> None:
    """Where the patch of the stage looks in up to six layers, before and after."""
    grid = cached.running(shown.network).grid
    prefix = before.mean_pattern.shape[-1] - grid[0] * grid[1]
    patch = positions_regrid.at(shown, grid)
    layers = np.unique(np.linspace(0, len(before.mean_pattern) - 1, 6).round().astype(int))
    maps = [
        wire.Map(
            f"Layer {layer + 1}",
            100 * attention.patches(outcome.mean_pattern[layer, prefix + patch], grid, prefix),
            name,
        )
        for outcome, name in ((before, names[0]), (after, names[1]))
        for layer in layers
    ]
    row, column = divmod(patch, grid[1])
    whose = "the pinned patch" if shown.pinned else "the patch of the stage"
    st.markdown(
        f"**Where {whose} looks** (row {row + 1}, column {column + 1}; mean of the heads): "
        "does it still find its neighbours? Above before, below after."
    )
    unit = "% of this patch's attention"
    tiles.gallery(
        wire.pack_maps(maps, unit=unit, columns=len(layers), signed=False),
        key="positions-attention",
    )


def _all(shown: Shown, seed: int, kind: ablation.Replacement) -> None:
    """Every replacement at a glance."""
    picture = controls.picture()
    run = shown.network, picture.key, picture.raw
    outputs = [cached.ablated(*run, one, seed).logits for one in LABELS]
    shares, says, quantity = positions_answers.left(shown.network, outputs)
    st.markdown(f"**All of them on this picture**: {quantity}")
    figure = position_figures.verdicts(
        list(LABELS.values()), shares, says, list(LABELS).index(kind), quantity
    )
    st.plotly_chart(figure, key="positions-all", config={"displayModeBar": False})
