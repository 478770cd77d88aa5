"""The film of a masked autoencoder's training, filled in for one picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from models import weights
from models.catalog import CATALOG
from pages._ui import cached
from pages._ui.cached import mae_more
from viz_core import mae_frames, masking
from viz_core import reconstruction as scoring

RATIO = 0.75


def path(name: str) -> Path:
    """Where the film of a network stands, if it has one."""
    return weights.FOLDER / f"{name}.film.safetensors"


def missing(name: str) -> str:
    """Why there is no film of a network, in one line; empty if there is one."""
    if path(name).is_file():
        return ""
    return (
        f"No moments of {CATALOG[name].title}'s training are here: the file "
        f"`{path(name).name}` is missing."
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def film(name: str, key: str, _raw: bytes, seed: int) -> bytes:
    """Message of the component `film`: every moment filled in under one mask, about 0.3 MB."""
    from models import film as films
    from viz_core.probe import mae

    base = mae_more.given(name, key, _raw)
    mask = masking.random(base.grid, RATIO, seed)
    moments = films.frames(path(name))
    model = cached.network(name)
    with cached.FORWARD:
        states = [moment.weights for moment in moments]
        raw = mae.film(model, states, base.pixels, mask[None])[:, 0]
    notes = films.about(path(name))["frames"]
    rows: list[dict[str, float | int | None]] = []
    for moment, made, note in zip(moments, raw, notes, strict=True):
        score = scoring.score(base.picture, made, mask)
        rows.append(
            {
                "step": moment.step,
                "share": moment.share,
                "picture": score.mse if score else None,
                "validation": note.get("mse"),
            }
        )
    return mae_frames.film(
        rows,
        raw=raw,
        pasted=np.stack([scoring.pasted(base.picture, made, mask) for made in raw]),
        left=mae_frames.hatched(base.picture, mask),
        picture=base.picture,
    )
