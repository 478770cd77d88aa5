"""Records that stand beside the weights of a masked autoencoder, read once."""

from hashlib import sha256
from pathlib import Path

import streamlit as st

from models import weights
from viz_core import mae_records
from viz_core.mae_records import Baselines, Finetuning

FOLDER = weights.FOLDER


def folder() -> Path:
    """Where the weights and what was measured of them stand."""
    return FOLDER


def baselines(name: str) -> Baselines | None:
    """The network beside interpolation on many pictures; None if there is no readable record."""
    path = folder() / f"{name}.json"
    return _baselines(str(path), path.stat().st_mtime_ns) if path.is_file() else None


@st.cache_resource(max_entries=4, show_spinner=False)
def _baselines(path: str, changed: int) -> Baselines | None:
    try:
        return mae_records.baselines(Path(path).read_text(encoding="utf-8"))
    except ValueError:
        return None


def finetuning(name: str) -> Finetuning | None:
    """Fine-tuning with and without pre-training; None if there is no readable record.

    Its file is named after the encoder: mae_nano_finetune.json for mae_nano_patch8_112.
    """
    path = folder() / f"{name.partition('_patch')[0]}_finetune.json"
    return _finetuning(str(path), path.stat().st_mtime_ns) if path.is_file() else None


@st.cache_resource(max_entries=4, show_spinner=False)
def _finetuning(path: str, changed: int) -> Finetuning | None:
    try:
        return mae_records.finetuning(Path(path).read_text(encoding="utf-8"))
    except ValueError:
        return None


def digest(name: str) -> str:
    """SHA-256 of the shipped weights, empty if they are not here."""
    path = folder() / f"{name}.safetensors"
    return _digest(str(path), path.stat().st_mtime_ns) if path.is_file() else ""


@st.cache_resource(max_entries=4, show_spinner=False)
def _digest(path: str, changed: int) -> str:
    return sha256(Path(path).read_bytes()).hexdigest()
