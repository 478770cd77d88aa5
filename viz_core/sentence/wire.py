"""What the component `sentence` is sent: a sentence as a network reads it, plain and masked."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32

from viz_core.probe.text import Reading
from viz_core.shift import wire

MOST_SHOWN = 32  # letters of a word on its chip
RUNS = ("plain", "causal")
NUMBERS = ("patterns", "pooling", "word_pooling", "probabilities", "without", "effect", "closed")


def pack(
    readings: Sequence[Reading],
    *,
    unpadded: Sequence[Float32[np.ndarray, " classes"]] | None,
    header: Mapping[str, Any],
) -> bytes:
    """A frame of `shift.wire` with one sentence, read without and with the causal mask.

    Args:
        readings: The plain one, then the one with the causal mask.
        unpadded: What both answer without padding; None where there is none.
        header: What else is said; see `pages/_ui/text_stage.py`.

    Returns:
        For each of the runs "plain" and "causal" the parts of `NUMBERS`, "plain/patterns" and so
        on. In the header: words, entries, windows and which are padding; `alone`, words that
        cannot be left out, whose rows of `without` are what stands in `probabilities`; and
        `drift`, the largest difference that padding makes to a share, or null.

    Raises:
        ValueError: If the two are not readings of the same sentence.
    """
    plain, causal = readings
    if plain.words != causal.words or plain.patterns.shape != causal.patterns.shape:
        raise ValueError("the two readings must be of the same sentence")
    both = dict(zip(RUNS, readings, strict=True))
    parts = {f"{run}/{name}": _part(both[run], name) for run in RUNS for name in NUMBERS}
    said = {
        "words": [_shown(word) for word in plain.words],
        "entries": list(plain.entries),
        "known": plain.known.tolist(),
        "padding": plain.padding.tolist(),
        "windows": plain.windows.tolist(),
        "token_padding": plain.token_padding.tolist(),
        "prefix": plain.prefix,
        "layers": plain.patterns.shape[0],
        "heads": plain.patterns.shape[1],
        "alone": (~np.isfinite(plain.effect)).tolist(),
        "cut": plain.cut,
        "drift": None if unpadded is None else _drift(readings, unpadded),
    }
    return wire.pack({**header, **said}, parts)


def _part(reading: Reading, name: str) -> np.ndarray:
    found = np.asarray(getattr(reading, name), np.float32)
    if name == "without":
        return np.where(np.isfinite(found), found, reading.probabilities)
    return np.where(np.isfinite(found), found, 0) if name == "effect" else found


def _drift(readings: Sequence[Reading], unpadded: Sequence[np.ndarray]) -> float:
    pairs = zip(readings, unpadded, strict=True)
    return max(float(np.abs(one.probabilities - alone).max()) for one, alone in pairs)


def _shown(word: str) -> str:
    return word if len(word) <= MOST_SHOWN else f"{word[: MOST_SHOWN - 1]}…"
