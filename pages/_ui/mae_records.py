"""Our own measurements of the shipped masked autoencoder, as far as their files are here."""

import streamlit as st

from models.catalog import CATALOG
from pages._ui.cached import mae_records as cached
from viz_core import mae_figures, mae_paper
from viz_core.figures import ACCENT
from viz_core.mae_records import Baselines, Finetuning

KEY = "mae-records"
THIN = "\u2009"
PAPER_RATIO = 0.75
STARTS = {
    "pretrained": ("from the MAE's encoder", ACCENT),
    "scratch": ("from scratch", mae_figures.SLATE),
}
ENCODERS = {"pretrained": "MAE's encoder", "random": "Random encoder"}
TITLES = {
    "psnr": ("PSNR", "mean PSNR over the hidden patches (dB)", ".2f"),
    "mse": ("Error", "mean squared error over the hidden patches", ".4f"),
    "ssim": ("SSIM", "SSIM over the hidden patches", ".3f"),
}


def baselines(network: str) -> None:
    """Errors over many validation pictures, over the ratio and at the usual one."""
    found = cached.baselines(network)
    if found is None:
        st.caption(
            f"There is no measurement of {CATALOG[network].title} on many pictures here: "
            f"`{network}.json` is missing beside its weights, or cannot be read."
        )
        return
    if found.sha256 != cached.digest(network):
        st.caption("Measured with other weights than those that you see: about to be repeated.")
    st.markdown(verdict(found))
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        _curves(found)
    with right:
        st.markdown(table(found))
        st.caption(
            f"At {100 * found.usual_ratio:.0f}{THIN}% hidden, {found.usual_pictures:,} pictures "
            f"of {found.data}; the curves: {found.pictures:,} of them at each ratio. Written by "
            "`benchmarks/mae_baselines.py`. The row in italics leaks the answer."
        )


@st.fragment
def _curves(found: Baselines) -> None:
    metric = st.segmented_control(
        "Score", list(TITLES), default="psnr", required=True, key=f"{KEY}-metric",
        persist_state="session", format_func=lambda one: TITLES[one][0],
        help="PSNR in dB and SSIM: higher is better. Error: lower is better.",
    )  # fmt: skip
    curves = {
        mae_figures.called(way): (
            [100 * ratio for ratio in found.ratios], row, mae_figures.COLOURS[way],
        )
        for way, row in found.curves[metric].items()
        if way in mae_figures.COLOURS and way != "leak"
    }  # fmt: skip
    st.plotly_chart(
        mae_figures.lines(curves, along="hidden patches (%)", up=TITLES[metric][1]),
        key=f"{KEY}-curves", config={"displayModeBar": False},
    )  # fmt: skip


def verdict(found: Baselines) -> str:
    """The margin at the usual ratio, in words."""
    margin = found.margins[found.best]
    size = abs(margin.db)
    rival = mae_figures.called(found.best).lower()
    how = "ahead of" if margin.db > 0 else "behind"
    clear = "" if size > 2 * margin.error_db else ", which is within the noise"
    return (
        f"At {100 * found.usual_ratio:.0f}{THIN}% hidden the network is "
        f"**{size:.2f} ± {margin.error_db:.2f}{THIN}dB {how}** the best interpolation "
        f"({rival}){clear}, and better on **{margin.won_percent:.0f}{THIN}%** of the pictures."
    )


def table(found: Baselines) -> str:
    """Scores at the usual ratio in Markdown."""
    rows = []
    for way, row in found.usual.items():
        mark = "_" if way == "leak" else ""
        cells = [f"{mark}{mae_figures.called(way)}{mark}"]
        cells += [f"{mark}{row[metric]:{TITLES[metric][2]}}{mark}" for metric in TITLES]
        rows.append(f"| {' | '.join(cells)} |")
    return "| Method | PSNR, dB | Error | SSIM |\n|:--|--:|--:|--:|\n" + "\n".join(rows)


def finetuning(network: str) -> None:
    """Training on labels from a pre-trained and from a random encoder; the paper's beside it."""
    found = cached.finetuning(network)
    left, right = st.columns([1.35, 1], gap="medium")
    with left:
        if found is None:
            st.caption(
                f"There is no fine-tuning of {CATALOG[network].title} here: its record is "
                "missing beside its weights, or cannot be read."
            )
        else:
            _ours(found)
    with right:
        _papers()


def _ours(found: Finetuning) -> None:
    st.markdown(f"**Ours, measured.** {tuned_verdict(found)}")
    curves = {
        name: (one.epochs, one.top1, tint)
        for start, (name, tint) in STARTS.items()
        if (one := found.starts[start])
    }
    st.plotly_chart(
        mae_figures.lines(curves, along="epochs on labels", up="top-1 on validation pictures (%)"),
        key=f"{KEY}-tuned", config={"displayModeBar": False},
    )  # fmt: skip
    st.markdown(probe_table(found))
    st.caption(
        f"{found.train_pictures:,} labelled pictures of {found.classes} classes ({found.data}), "
        f"{found.epochs} epochs, the same recipe and order from both starts; measured on "
        f"{found.val_pictures:,} pictures. One run each, a small network, few pictures: the "
        "standard error counts pictures, not other runs. Equal epochs leave out the pre-training "
        "itself, which saw the same training pictures without labels. "
        "Written by `benchmarks/mae_finetune.py`."
    )


def tuned_verdict(found: Finetuning) -> str:
    """What the pre-trained start was worth at the end, in words."""
    ends = {start: found.starts[start].final for start in STARTS}
    what = "higher" if found.points > 0 else "lower"
    clear = abs(found.points) > 2 * found.points_error
    return (
        f"After equal epochs the pre-trained start ends at **{ends['pretrained']:.1f}{THIN}%**, "
        f"the random one at **{ends['scratch']:.1f}{THIN}%**: {abs(found.points):.1f} ± "
        f"{found.points_error:.1f} points {what}{'' if clear else ', within the noise'}."
    )


def probe_table(found: Finetuning) -> str:
    """Linear probes in Markdown: a row what is read, a column an encoder."""
    kinds = list(found.probes["pretrained"])
    rows = [
        f"| {kind} | "
        + " | ".join("{:.1f} ± {:.1f}".format(*found.probes[encoder][kind]) for encoder in ENCODERS)
        + " |"
        for kind in kinds
    ]
    head = " | ".join(ENCODERS.values())
    return f"| Linear probe, % | {head} |\n|:--|--:|--:|\n" + "\n".join(rows)


def _papers() -> None:
    usual = next(row for row in mae_paper.RATIO_CURVE if row.ratio == PAPER_RATIO)
    st.markdown("**The paper's**, ViT-L/16 on ImageNet-1K, top-1 in %.")
    st.markdown(
        "| ViT-L/16 | Top-1, % |\n|:--|--:|\n"
        f"| from scratch, as first published | {mae_paper.FROM_SCRATCH_ORIGINAL} |\n"
        f"| from scratch, the authors' own recipe | {mae_paper.FROM_SCRATCH} |\n"
        f"| MAE, fine-tuned | **{usual.fine_tuned}** |\n"
        f"| MAE, linear probe | {usual.linear} |"
    )
    st.caption(
        f"{mae_paper.SOURCE}, [section 4](https://arxiv.org/abs/2111.06377): 800 epochs of "
        "pre-training with 75 % hidden, then 50 epochs of fine-tuning; from scratch took 200. Far "
        "more pictures and over a hundred times the weights of ours: the two tables share a "
        "question, not a scale."
    )
