from pages._ui import charts, explain, frame, rollout_lab, stage, tries
from viz_core import attention, probe, rollout

switch = frame.header(
    "Attention",
    "Move the pointer over the picture and watch where the patch under it looks: nearby in the "
    "first layers, anywhere in the last.",
)
shown = stage.show(key="attention", switch=switch)
stage.prediction(shown)
tries.show("attention")
frame.section(
    "Rollout",
    "Attention followed through all layers: where what arrives at one token came from.",
)
rollout_lab.show(shown)
frame.section("Every head at once", "Local heads in the first layers, global ones later.")
charts.heads_by_layer(shown)
explain.page(
    "attention", probe.attention, rollout.rollout_row, attention.distance, attention.mass_mask
)
