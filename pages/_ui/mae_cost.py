"""Step “Cost”: what the asymmetry saves, counted at every ratio and measured on this machine."""

from statistics import median
from typing import Any

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import component, controls, tries
from pages._ui.cached import mae_more as cached
from viz_core import mae_frames, mae_macs, mae_paper, masking, patch_frames
from viz_core import reconstruction as scoring
from viz_core.mae_macs import MAEShape
from viz_core.probe import pyramid

NOTICE = (
    "The wide encoder never sees a hidden patch; mask tokens join only in front of the small "
    "decoder. Drag the share that is hidden and watch the violet work shrink."
)
CODE = (mae_macs.cost, masking.visible_count, masking.ranks, pyramid.fastest)
KEY = "mae-cost"
ASKED = f"{KEY}-view"
MEASURED = f"{KEY}-measured"
THIN = "\u2009"
DECODER = {"decoder_width": 512, "decoder_depth": 8, "decoder_heads": 16}
PAPER = {  # section 4 and the reference's models_mae.py; 224 pixels, patches of 16
    "ViT-B of the paper": MAEShape(side=224, patch=16, width=768, depth=12, heads=12, **DECODER),
    "ViT-L of the paper": MAEShape(side=224, patch=16, width=1024, depth=24, heads=16, **DECODER),
}
UNTOLD_PAPER = (
    "Counted by formula: matrix products and convolutions. The weights of this one are not here, "
    "so nothing is measured."
)
UNTOLD = (
    "Counted by formula: matrix products and convolutions. “Measure here” puts this machine's own "
    "times beside the counts."
)

_asymmetry = component.register("asymmetry")


@st.fragment
def show(network: str) -> None:
    """The flow of tokens under a slider in the browser; times on request."""
    picture = controls.picture()
    place = st.container(gap=None)
    _measure_if_asked(network)
    asked = network, picture.key, picture.raw
    base = cached.given(*asked)
    ranks = masking.ranks(base.grid, 0)
    outputs = [
        scoring.pasted(base.picture, guess, masking.random(base.grid, ratio, 0))
        for guess, ratio in zip(cached.series(*asked, 0), cached.STOPS, strict=True)
    ]
    message = mae_frames.asymmetry(
        _facts(network), picture=base.picture, ranks=ranks, outputs=np.stack(outputs)
    )
    with place:
        message = patch_frames.with_view(message, tries.asked(ASKED))
        _asymmetry(data=message, key=KEY, on_measure_change=_start)
    hours = {(row.encoder, row.mask_tokens, row.decoder_blocks): row.hours
             for row in mae_paper.WALL_CLOCK}  # fmt: skip
    st.caption(
        "All patches pass the patch embedding, and then three quarters are dropped. The paper "
        f"counts {mae_paper.MASK_TOKEN_FLOPS}{THIN}× the work for ViT-L with mask tokens in the "
        f"encoder, at lower accuracy, and {hours['ViT-L', True, 8]}{THIN}h of pre-training "
        f"instead of {hours['ViT-L', False, 8]}{THIN}h "
        f"({mae_paper.SOURCE}, [tables 1c and 2](https://arxiv.org/abs/2111.06377))."
    )


def _facts(network: str) -> dict[str, Any]:
    own = cached.shape(network)
    nets = [_net(network, CATALOG[network].title, own, network)]
    nets += [
        _net(name, name.removesuffix(" of the paper"), shape, None)
        for name, shape in PAPER.items()
        if shape.patches == own.patches and shape != own
    ]
    return {
        "visible": [masking.visible_count(own.patches, ratio) for ratio in cached.STOPS],
        "nets": nets,
        "opening": 0.75,
    }


def _net(name: str, title: str, shape: MAEShape, network: str | None) -> dict[str, Any]:
    """One network: its counts at every stop, and its times if they were measured."""
    costs = [
        mae_macs.cost(shape, masking.visible_count(shape.patches, ratio)) for ratio in cached.STOPS
    ]
    carrying = mae_macs.cost(shape, shape.patches, mask_tokens=True)
    measured = network in st.session_state.get(MEASURED, ())
    return {
        "name": name,
        "title": title,
        "note": f"{shape.side} px, patches of {shape.patch} px; encoder {shape.depth} blocks of "
        f"{shape.width}, decoder {shape.decoder_depth} of {shape.decoder_width}",
        "width": shape.width,
        "depth": shape.depth,
        "decoder_width": shape.decoder_width,
        "decoder_depth": shape.decoder_depth,
        "encoder": [cost.total_encoder for cost in costs],
        "decoder": [cost.total_decoder for cost in costs],
        "carrying": [carrying.total_encoder, carrying.total_decoder],
        "clock": _clock(shape, network) if network and measured else None,
        "here": network is not None,
        "untold": UNTOLD if network else UNTOLD_PAPER,
    }


def _start() -> None:
    st.session_state[f"{KEY}-asked"] = True


def _measure_if_asked(network: str) -> None:
    """Encoder and decoder ratio by ratio, with progress."""
    if not st.session_state.pop(f"{KEY}-asked", False):
        return
    place = st.empty()
    with place.container(key=f"{KEY}-progress"):
        bar = st.progress(0.0, "Measuring")
        for done, ratio in enumerate(cached.TIMED):
            bar.progress(done / len(cached.TIMED), f"Measuring with {100 * ratio:.0f} % hidden")
            cached.seconds(network, ratio)
    place.empty()
    st.session_state[MEASURED] = {*st.session_state.get(MEASURED, ()), network}


def _clock(shape: MAEShape, network: str) -> dict[str, Any]:
    """Times for the browser in milliseconds, and the speed that joins both axes."""
    points, rates = [], []
    for ratio in cached.TIMED:
        encode, decode = (1e3 * seconds for seconds in cached.seconds(network, ratio))
        cost = mae_macs.cost(shape, masking.visible_count(shape.patches, ratio))
        points.append({"ratio": ratio, "total": encode + decode, "decoder": decode})
        rates.append(cost.total / (encode + decode))
    at = dict(zip(cached.TIMED, points, strict=True))
    whole, three_quarters = at[0.0]["total"], at[0.75]["total"]
    return {
        "points": points,
        "rate": median(rates),
        "told": (
            "Diamonds: this machine, one picture, float32, the fastest of up to twenty runs; lower "
            f"ones the decoder, upper ones both. {whole:.3g}{THIN}ms with nothing hidden, "
            f"{three_quarters:.3g}{THIN}ms with 75{THIN}% hidden: "
            f"{whole / three_quarters:.2g}{THIN}× as fast. Whoever else uses the machine shows."
        ),
    }
