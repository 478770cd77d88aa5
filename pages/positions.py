from functools import partial

import streamlit as st

from pages._ui import (
    explain,
    frame,
    positions_ablate,
    positions_charts,
    positions_regrid,
    positions_stage,
    positions_tries,
    take,
    tries,
    waves,
)
from pages._ui.takes import positions as takes
from viz_core import ablation, positions
from viz_core.probe import positions as probe

header = frame.header(
    "Positions",
    "Point at a patch: purple patches have a position vector like its own, orange ones point "
    "the opposite way.",
    words=("patch", "token", "position", "cosine similarity", "sinusoid", "shared part"),
)
shown = positions_stage.show()
take.offer(header, partial(takes.view, shown))
tries.show(positions_tries.BOARD)
frame.section(
    "The wave",
    "Positions by formula: fast waves on the left, slow ones on the right. Drag the base.",
)
tries.one(positions_tries.WAVE)
waves.show(length=196, width=160, key="waves")
frame.section(
    "Similarity against distance",
    "Positions are useful when near patches look alike and far ones do not.",
)
positions_charts.distance(shown)
frame.section(
    "Principal components",
    "What the learned vectors differ in most: waves over the picture, first slow, then fast.",
)
positions_charts.parts(shown)
frame.section(
    "Another resolution",
    "More patches than positions: resample the table as a picture, and the network goes on.",
)
positions_regrid.show(shown)
frame.section(
    "Take positions away",
    "Same picture, same weights, other positions: does the answer survive?",
)
away = st.container()
explain.page(
    "positions",
    positions.sinusoid,
    positions.sincos_2d,
    positions.similarity,
    positions.by_distance,
    positions.components,
    probe.resampled,
    probe.run,
    ablation.replaced,
    values=positions_stage.values(shown),
)
with away:
    positions_ablate.show(shown)
