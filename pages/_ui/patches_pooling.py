"""Class token or average: what the head says of either, and of every patch alone."""

import inspect

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from models.vit import ViT
from pages._ui import cached, frame, parts
from pages._ui.cached import patches as cache
from pages._ui.patches_stage import Shown
from viz_core import images, patch_figures, patches
from viz_core.prediction import top
from viz_core.probe.patches import Readings


def show(shown: Shown) -> None:
    """The section: two readings side by side, and a map of what each patch would say."""
    with st.container(key="patches-pooling"):
        frame.section(
            "Class token or average",
            "Something has to be read at the end: one extra token, or the mean of all patches. "
            "The head below was trained on one of them only.",
        )
        _readings(shown)
        _variants()


@st.fragment
def _readings(shown: Shown) -> None:
    read = cache.readings(*shown.of)
    left, right, picture = st.columns([1.3, 1.3, 1], gap="medium")
    trained = cache.config(shown.network).pool
    with left, st.container(border=True):
        _column("Class token", trained == "class", read.of_class_token, shown, read.class_token)
    with right, st.container(border=True):
        _column("Mean of the patches", trained == "average", read.of_average, shown, read.average)
    if read.class_token.size:
        same = patches.cosine(read.class_token, read.average)
        left.metric(
            "Cosine of the two vectors", _signed(same), border=True,
            help="1: the same direction; 0: nothing in common.",
        )  # fmt: skip
    with picture:
        _map(shown, read)


def _column(name: str, trained: bool, logits: np.ndarray, shown: Shown, vector: np.ndarray) -> None:
    labels = CATALOG[shown.network].labels
    badge = ":violet-badge[the head learned this]" if trained else ":orange-badge[ablation]"
    st.markdown(f"**{name}** {badge}")
    if not vector.size:
        st.caption("This network has no class token.")
    elif not labels:
        st.caption("This network was trained without labels: it has no head to read this.")
    else:
        parts.guesses(top(logits, class_names(labels)))
        if not trained:
            st.caption("The head never saw such a vector: what it says shows the mismatch.")


def _map(shown: Shown, read: Readings) -> None:
    labels = CATALOG[shown.network].labels
    grid = cache.ground(*shown.of).grid
    crop = cached.small_crop(*shown.of)
    if not labels:
        _alike(crop, read, grid)
        return
    known = class_names(labels)
    logits = read.of_class_token if read.of_class_token.size else read.of_average
    best = [int(i) for i in np.argsort(-logits)]
    chosen = st.selectbox(
        "Class on the map", best, format_func=lambda i: known[i],
        key=f"patches_class_{shown.network}_{shown.key[:8]}", persist_state="session",
        help="The head reads every patch token alone; sorted by what it says of the whole.",
    )  # fmt: skip
    values = read.of_patches[:, chosen].astype(np.float64).reshape(grid, grid)
    _picture(crop, values, f"Logit of “{known[chosen]}” for each patch alone")
    most = float(np.abs(values).max())
    votes = int((read.of_patches.argmax(axis=1) == chosen).sum())
    parts.note(
        f"Violet: for, up to {values.max():.3g}; brown: against, down to {_signed(values.min())}; "
        f"clear is 0, colours end at ±{most:.3g}."
    )
    st.caption(f"**{votes} of {grid * grid}** patches, read alone, would say “{known[chosen]}”.")


def _alike(crop: np.ndarray, read: Readings, grid: int) -> None:
    whole = read.class_token if read.class_token.size else read.average
    values = np.array([patches.cosine(token, whole) for token in read.patches])
    _picture(crop, values.reshape(grid, grid), "Cosine of each patch token with what is read")
    parts.note(
        f"Violet: alike, up to {values.max():.3g}; brown: opposed, down to "
        f"{_signed(values.min())}; clear is 0."
    )


def _signed(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _picture(crop: np.ndarray, values: np.ndarray, caption: str) -> None:
    drawn = patch_figures.signed_overlay(crop, values)
    jpeg = images.encode_jpeg(drawn, side=cached.SMALL_PIXELS)
    st.image(jpeg, caption=caption, width="stretch", output_format="JPEG", alt=caption)


def _variants() -> None:
    with st.expander("The MLP head: linear, or linear + tanh + linear"):
        st.markdown(
            "ViT was pre-trained with a hidden layer, `linear → tanh → linear`, and fine-tuned "
            "with a single `linear`. One number of the config decides: `representation` is the "
            "hidden layer's width, 0 leaves it out. The networks here have a single linear layer."
        )
        source = inspect.getsource(ViT.__init__).splitlines()
        start = next(i for i, line in enumerate(source) if "self.pre_logits" in line)
        stop = next(i for i, line in enumerate(source) if "self.head =" in line)
        st.code(inspect.cleandoc("\n" + "\n".join(source[start : stop + 1])), language="python")
        st.code(inspect.cleandoc("\n" + inspect.getsource(ViT.classify)), language="python")
