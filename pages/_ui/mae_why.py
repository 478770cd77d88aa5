"""Step “Why 75 %”: the network against interpolation at every ratio, and what the paper found."""

from typing import Any, cast

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import component, controls, frame, mae_records, tries
from pages._ui.cached import mae_more as cached
from viz_core import (
    inpaint,
    mae_figures,
    mae_frames,
    mae_paper,
    mae_reading,
    masking,
    patch_frames,
    reconstruction,
)
from viz_core.probe import mae as probe

NOTICE = (
    "Hide little, and even smearing the neighbours leaves a small error. Hide much, and something "
    "must be understood. Move over the chart."
)
CODE = (
    probe.predict,
    masking.random,
    inpaint.nearest,
    inpaint.harmonic,
    inpaint.telea,
    inpaint.navier_stokes,
    reconstruction.score,
    reconstruction.with_own_statistics,
    mae_reading.race,
)
KEY = "mae-why"
ASKED = f"{KEY}-view"
DRAWS = ("1", "2", "3", "4")
THIN = "\u2009"
MARGINS = {  # less is called a tie, in these words
    "psnr": (0.2, f"the two are within 0.2{THIN}dB"),
    "mse": (0.2, f"the two errors are within 5{THIN}%"),
    "ssim": (0.01, "the two are within 0.01"),
}
LEAKS = (
    " This network predicts patches without their mean and contrast; it is given those of the "
    "hidden patches, so its own score leaks the answer."
)
MOST_RUNS = 4
AGAINST = "Network against the best interpolation, on this picture"

_ratios = component.register("ratios")


def show(network: str) -> None:
    """The chart of this picture, then many pictures, then the paper."""
    _curves(network)
    _many(network)
    _paper(network)


@st.fragment
def _curves(network: str) -> None:
    picture = controls.picture()
    asked = network, picture.key, picture.raw
    place = st.empty()
    draw = st.segmented_control(
        "Random mask", DRAWS, default=DRAWS[0], required=True, key=f"{KEY}-draw",
        persist_state="session",
        help="Four random orders in which patches are hidden; each is used at all ratios.",
    )  # fmt: skip
    seed = cached.FIRST_SEED + int(draw) - 1
    with place.container(key=f"{KEY}-progress"):
        bar = st.progress(0.0, "Filling in at 19 ratios, in six ways each")
        for done, ratio in enumerate(cached.RATIOS):
            bar.progress(done / len(cached.RATIOS), f"{100 * ratio:.0f}{THIN}% hidden")
            cached.filled(*asked, seed, ratio)
    place.empty()
    tiles, scores = cached.why(*asked, seed)
    message = mae_frames.ratios(_facts(network, scores), tiles=tiles)
    with place.container():
        _ratios(data=patch_frames.with_view(message, tries.asked(ASKED)), key=KEY)
    st.caption(
        "Scores are over the hidden patches only. Every method sees the visible patches alone; "
        "the masks are nested, so moving right hides more of the same picture. One picture and "
        "one order tell one story: try others. “Harmonic” is the smooth interpolation of step Hide."
        + (LEAKS if cast(Any, CATALOG[network].config).norm_pix else "")
    )


def _facts(network: str, scores: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    total = cached.shape(network).patches
    columns = {"left": 0, "truth": 1, **{way: 2 + k for k, way in enumerate(cached.WAYS)}}
    order = ("left", "network", "truth", *inpaint.BASELINES, "leak")
    return {
        "ratios": list(cached.RATIOS),
        "visible": [masking.visible_count(total, ratio) for ratio in cached.RATIOS],
        "total": total,
        "opening": 0.75,
        "scores": scores,
        "tiles": [{"id": way, "column": columns[way]} for way in order],
        "methods": [
            {"id": way, "name": mae_figures.called(way), "colour": mae_figures.COLOURS[way]}
            for way in cached.WAYS
        ],
        "words": {metric: reading(scores[metric], metric) for metric in cached.METRICS},
    }


def reading(scores: dict[str, list[float]], metric: str) -> str:
    """Who is ahead where, from the numbers of this very picture.

    Args:
        scores: By way, one a ratio.
        metric: One of `cached.METRICS`; errors are compared by their ratio, as PSNR does.
    """
    margin, tied = MARGINS[metric]
    rows = {way: np.array(values) for way, values in scores.items()}
    if metric == "mse":
        rows = {way: -10 * np.log10(np.maximum(values, 1e-12)) for way, values in rows.items()}
    found = mae_reading.race(
        np.array(cached.RATIOS),
        rows["network"],
        np.stack([rows[way] for way in inpaint.BASELINES]),
        margin=margin,
    )
    said = {"ahead": "the network is ahead", "behind": "interpolation is ahead", "tie": tied}
    if len(found.runs) <= MOST_RUNS:
        parts = [f"{_span(run)} {said[run.verdict]}" for run in found.runs]
        where = f"{AGAINST}: {'; '.join(parts)}."
    else:
        where = f"{AGAINST}: the lead changes {len(found.runs) - 1} times, so all are close."
    top = int(np.argmax(found.lead))
    if found.lead[top] <= margin:
        return where
    lead = found.lead[top]
    largest = {
        "psnr": f"{lead:.2g}{THIN}dB",
        "mse": f"{10 ** (lead / 10):.3g} times less error",
        "ssim": f"{lead:.2g} in SSIM",
    }[metric]
    return f"{where} The network's lead is largest at {_percent(cached.RATIOS[top])}: {largest}."


def _span(run: mae_reading.Run) -> str:
    if run.first == run.last:
        return f"at {_percent(run.first)}"
    return f"from {_percent(run.first)} to {_percent(run.last)}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g}{THIN}%"


def _many(network: str) -> None:
    frame.section(
        "On many pictures",
        "One picture can be lucky. The same comparison, averaged over validation pictures that "
        "the network has never seen.",
    )
    mae_records.baselines(network)


def _paper(network: str) -> None:
    frame.section(
        "What the paper found",
        "Reconstruction is not the goal: what the encoder learns from it is. For ViT-L a ratio "
        "around 75 % serves both uses of it best.",
    )
    left, right = st.columns([1.4, 1], gap="medium")
    with left:
        st.plotly_chart(
            mae_figures.paper_curve(mae_paper.RATIO_CURVE),
            key=f"{KEY}-paper", config={"displayModeBar": False},
        )  # fmt: skip
    with right:
        st.markdown("**How patches are chosen matters too**")
        rows = "\n".join(
            f"| {row.case} | {row.fine_tuned} | {row.linear} |" for row in mae_paper.SAMPLING
        )
        st.markdown(f"| Mask | Fine-tuned, % | Linear, % |\n|:--|--:|--:|\n{rows}")
        st.caption(
            "Words can be guessed from few neighbours, so BERT hides "
            f"{100 * mae_paper.BERT_RATIO:.0f}{THIN}%. Pixels are far more redundant: hiding "
            "little leaves a task that needs no understanding."
        )
    st.caption(
        f"{mae_paper.SOURCE}, [figure 5 and table 1f](https://arxiv.org/abs/2111.06377): top-1 on "
        "ImageNet-1K, ViT-L/16, 800 epochs of pre-training; large dots: the default. These are "
        "the paper's numbers, not those of "
        f"{CATALOG[network].title}, which is too small and saw too little to repeat them."
    )
