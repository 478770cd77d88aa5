"""What a network answers in several ways of running it, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from models.labels import names as class_names
from viz_core import position_figures, prediction

SHOWN_CLASSES = 5


def show(network: str, outputs: Mapping[str, np.ndarray], key: str) -> None:
    """Bars of the likeliest classes, or how alike the features are where there are no classes.

    Args:
        network: Key of the catalog.
        outputs: Logits or pooled features by the name of the way; the first is the yardstick.
        key: Key of the chart.
    """
    labels = CATALOG[network].labels
    if labels is None:
        _features(outputs)
        return
    known = class_names(labels)
    shares = {name: prediction.softmax(logits) for name, logits in outputs.items()}
    likeliest = np.stack(list(shares.values())).max(axis=0)
    first = next(iter(shares.values()))
    chosen = sorted(np.argsort(-likeliest)[:SHOWN_CLASSES], key=lambda k: -first[k])
    figure = position_figures.answers(
        [known[k] for k in chosen], {name: one[chosen] for name, one in shares.items()}
    )
    st.plotly_chart(figure, key=key, config={"displayModeBar": False})


def _features(outputs: Mapping[str, np.ndarray]) -> None:
    (first, yardstick), *others = outputs.items()
    st.caption(
        "This network has no classes: compared are the features that it makes of the picture. "
        f"1 is the same as {first}."
    )
    for name, features in others:
        st.metric(f"Cosine with {first}, {name}", f"{alike(yardstick, features):.3f}")


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """Cosine of two feature vectors."""
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def left(network: str, outputs: Sequence[np.ndarray]) -> tuple[np.ndarray, list[str], str]:
    """What is left of the first answer: shares in [0, 1], what is said, and what the shares are.

    Args:
        network: Key of the catalog.
        outputs: Logits or features; the first is what the others are compared with.
    """
    first = outputs[0]
    labels = CATALOG[network].labels
    if labels is None:
        cosines = np.array([max(0.0, alike(first, one)) for one in outputs])
        return cosines, [f"{cosine:.3f}" for cosine in cosines], "cosine of the features (%)"
    known, best = class_names(labels), int(first.argmax())
    shares = np.array([prediction.softmax(one)[best] for one in outputs])
    says = [known[int(one.argmax())] for one in outputs]
    return shares, says, f"share of “{known[best]}” (%)"
