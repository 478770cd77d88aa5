"""Takes of the steps of the ConvNeXt page."""

from typing import Any, cast

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import controls, convnext_features, convnext_field, convnext_kernels, take
from pages._ui.cached import blocks, convnext, field, road, takes
from pages._ui.take import Take, titled
from viz_core import convolution
from viz_core.field import wire


def view(step: str, network: str) -> Take:
    """The step on screen."""
    return STEPS[step](network)


def _of(name: str) -> tuple[str, str, bytes]:
    picture = controls.picture()
    return name, picture.key, picture.raw


def _features(network: str) -> Take:
    told = str((st.session_state.get(convnext_features.KEY) or {}).get("network"))
    name = told if convnext.here(told) else network
    tap = _map(name)
    count = convnext.EXPLAINED if CATALOG[name].labels else 0
    look = takes.feature_map(*_of(name), tap, count)
    return Take(
        name=f"features-{name}",
        says=f"{titled(name)}, map {tap}",
        numbers={
            "maps": look.maps[tap],
            "drive": look.drives[tap],
            "classes": np.array(look.classes),
            "logits": look.logits,
        },
        script="convnext_features",
        values={"NETWORK": name, "MAP": tap, "CLASSES": count},
    )


def _map(name: str) -> str:
    """Tap of the map on the picture; the last block's output where the browser said nothing."""
    told = take.seen("convnext-channels").get("at")
    at = [told.get(key) for key in ("stage", "block", "tap")] if isinstance(told, dict) else []
    places = convnext.places(name)
    found = [one.name for one in places if [one.stage, one.block, one.tap] == at]
    return (found or [one.name for one in places if one.tap == "output"])[-1]


def _kernels(network: str) -> Take:
    name, sizes = convnext_kernels.shown(network), convolution.SIZES
    blocks = sum(cast(Any, CATALOG[name].config).depths)
    at = take.whole(take.seen("convnext-kernels"), "at", 1, blocks + 1)  # 0 is the stem
    block = max(0, at - 1)
    bank = takes.bank(*_of(name), block, sizes)
    one = bank.kernels
    return Take(
        name=f"kernels-block{block + 1}",
        says=f"{titled(name)}, kernels of stage {one.stage + 1}, block {one.block + 1}",
        numbers={
            "kernels": one.kernels,
            "bias": one.bias,
            "given": bank.given,
            "response": convolution.depthwise(bank.given, one.kernels, one.bias),
            "sizes": np.array(sizes),
            "logits": bank.logits,
        },
        script="convnext_kernels",
        values={"NETWORK": name, "BLOCK": block, "SIZES": sizes},
    )


def _field(name: str) -> Take:
    (depth, channel), middle = convnext_field.chosen(name), field.MIDDLE
    row = field.row(*_of(name), depth, channel, middle)
    units = wire.units(field.side_of(name, depth), field.PLACES)
    return Take(
        name=f"field-block{depth + 1}",
        says=f"{titled(name)}, receptive fields after block {depth + 1}",
        numbers={
            "units": np.array([[units[middle], column] for column in units]),
            "fields": row.fields,
            "radii": row.radii,
        },
        script="convnext_field",
        values={
            "NETWORK": name, "DEPTH": depth, "CHANNEL": channel, "PLACES": field.PLACES,
            "ROW": middle,
        },
    )  # fmt: skip


def _road(_: str) -> Take:
    stations = road.message()["stations"]

    def column(key: str) -> np.ndarray:
        return np.array([station[key] for station in stations])

    return Take(
        name="road-resnet-convnext",
        says="From ResNet-50 to ConvNeXt-T",
        numbers={
            "station": column("title"),
            "weights": column("parameters"),
            "macs": column("macs"),
            "paper_top1": column("top1"),
            "paper_gflops": column("gflops"),
        },
        script="convnext_road",
        values={"SIDE": road.SIDE},
    )


def _blocks(_: str) -> Take:
    name = blocks.CONVNEXT if blocks.CONVNEXT in blocks.here() else blocks.here()[0]
    found = blocks.readings(*_of(name))
    return Take(
        name=f"operations-{name}",
        says=f"{titled(name)}, every operation",
        numbers={
            "operation": np.array([one.op.label for one in found]),
            "place": np.array([one.op.place for one in found]),
            "weights": np.array([one.op.parameters for one in found]),
            "macs": np.array([one.op.macs for one in found]),
            "mean": np.array([one.mean for one in found]),
            "std": np.array([one.std for one in found]),
            "zeros": np.array([one.zeros for one in found]),
            "negatives": np.array([one.negatives for one in found]),
        },
        script="convnext_blocks",
        values={"NETWORK": name},
    )


STEPS = {
    "Features": _features,
    "Kernels": _kernels,
    "Field": _field,
    "Road": _road,
    "Blocks": _blocks,
}
