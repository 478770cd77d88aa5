"""What the road from ResNet-50 to ConvNeXt-T needs: 17 networks as they ran, and their times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from pages._ui import cached
from viz_core.road import ours, wire
from viz_core.road.stations import Station

if TYPE_CHECKING:
    from torch import nn

    from viz_core.probe.clock import Paired

SIDE = 224
RECORD = "road_nano.json"


def _built(key: str) -> nn.Module:
    """A network of the road without memory for its weights."""
    import torch

    from models.modernize import ModernNet
    from models.road import ROAD

    with torch.device("meta"):
        return ModernNet(ROAD[key].config).eval()


@st.cache_resource(max_entries=1, show_spinner=False)
def stations() -> tuple[Station, ...]:
    """The road with the paper's numbers."""
    from models.road import ROAD

    return tuple(
        Station(
            key=step.name, title=step.title, told=step.change, top1=step.top1, std=step.deviation,
            gflops=step.gflops, kept=step.kept, remark=step.remark,
        )
        for step in ROAD.values()
    )  # fmt: skip


@st.cache_resource(max_entries=1, show_spinner="Building the networks of the road")
def message() -> dict[str, Any]:
    """What the component `road` is sent, without times.

    Every network ran once on the meta device, which computes shapes and no numbers.
    """
    import torch

    from viz_core.probe import ledger

    image = torch.empty(1, 3, SIDE, SIDE, device="meta")
    found = {
        station.key: wire.variant(ledger.observe(_built(station.key), image))
        for station in stations()
    }
    return wire.with_ours(wire.message(stations(), found), _ours())


def _ours() -> ours.Record | None:
    """Our own short training of the stations, if its record is here and can be read."""
    from models import weights

    path = weights.FOLDER / RECORD
    try:
        return ours.read(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


@st.cache_resource(max_entries=1, show_spinner=False)
def _reference() -> nn.Module:
    """ResNet-50 with random weights, 100 MB, against which every station is timed."""
    from viz_core.probe import clock

    return clock.filled(_built(stations()[0].key))


@st.cache_resource(max_entries=32, show_spinner=False)
def seconds(key: str) -> Paired:
    """Time of one forward pass of a station on this machine, and its ratio to ResNet-50's.

    Args:
        key: Station of the road.
    """
    import torch

    from viz_core.probe import clock

    model, other = clock.filled(_built(key), seed=1), _reference()
    image = torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    with cached.FORWARD:
        return clock.paired(lambda: model(image), lambda: other(image))
