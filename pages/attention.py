from functools import partial

from pages._ui import charts, explain, frame, rollout_lab, stage, take, tries
from pages._ui.takes import attention as takes
from viz_core import attention, probe, rollout

switch = frame.header(
    "Attention",
    "Move the pointer over the picture: the bright patches are where the patch under it looks. "
    "Then change layer and head.",
)
shown = stage.show(key="attention", switch=switch)
take.offer(switch, partial(takes.view, shown))
stage.prediction(shown)
tries.show(tries.ATTENTION)
frame.section(
    "Rollout",
    "Attention followed through all layers: where what arrives at one token came from.",
)
rollout_lab.show(shown)
frame.section(
    "Every head at once",
    "One head may stay with its neighbours while another of the same layer looks everywhere.",
)
charts.heads_by_layer(shown)
explain.page(
    "attention", probe.attention, rollout.rollout_row, attention.distance, attention.mass_mask,
    values=stage.numbers(shown),
)  # fmt: skip
