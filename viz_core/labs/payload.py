"""What the labs' component is given: JSON with every number that a slider can bring up.

The browser looks numbers up, subtracts and divides, evaluates the terms of `complexity` and takes
the softmax of a row of scores; whatever else is shown was computed here.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from jaxtyping import Float

from viz_core import attention, complexity, softmax

WIDTHS = (1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512)
SIDES = (4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128)
MODEL_WIDTHS = (16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048)
TAPS = (3, 5, 7, 9, 15, 25, 49)
WINDOWS = (2, 3, 4, 5, 7, 8, 12, 16)
DIGITS = 5


def rounded(values: Float[np.ndarray, "..."] | float, digits: int = DIGITS) -> object:
    """Nested lists of numbers cut to so many significant digits.

    Raises:
        ValueError: If a value is not finite: JSON has no word for it.
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError("the browser can only be given finite numbers")
    safe = np.where(array == 0, 1, np.abs(array))
    unit = 10.0 ** (digits - 1 - np.floor(np.log10(safe)))
    return (np.round(array * unit) / unit).tolist()


def encoded(kind: str, **fields: object) -> bytes:
    """JSON for the component; `kind` is "softmax", "norms" or "costs".

    Raises:
        ValueError: If there is no such lab.
    """
    if kind not in ("softmax", "norms", "costs"):
        raise ValueError(f"no lab {kind!r}")
    return json.dumps({"kind": kind, **fields}, separators=(",", ":")).encode()


def theory(n: int, widths: Sequence[int] = WIDTHS) -> dict[str, Any]:
    """`softmax.expected` undivided and divided: {"entropy": [2][width], "slope": [2][width]}."""
    both = [softmax.expected(n, widths, divided=divided) for divided in (False, True)]
    return {
        name: rounded(np.stack([pair[i] for pair in both]), 4)
        for i, name in enumerate(("entropy", "slope"))
    }


def random_row(n: int, seed: int, widths: Sequence[int] = WIDTHS) -> dict[str, Any]:
    """One row of scores for each d, and means over 384 rows of entropy and slope."""
    scores = softmax.random_scores(n, widths, seed=seed)
    root = np.sqrt(np.array(widths, float))[:, None, None]
    both = [softmax.shares(scores), softmax.shares(scores / root)]
    return {
        "n": n,
        "scores": rounded(scores[:, 0], 4),
        "entropy": rounded(np.stack([attention.entropy(p).mean(axis=-1) for p in both]), 4),
        "slope": rounded(np.stack([softmax.slope(p).mean(axis=-1) for p in both]), 4),
        "rows": scores.shape[1],
        "seed": seed,
    }


def real_heads(
    queries: Float[np.ndarray, "layer head token width"],
    keys: Float[np.ndarray, "layer head token width"],
    token: int = 0,
) -> dict[str, Any]:
    """One token's scores in every head, undivided, and means over all tokens as in `random_row`.

    Args:
        queries: Of `probe.labs.queries_keys`.
        keys: Of the same pass.
        token: Whose row of scores is wanted.
    """
    d = queries.shape[-1]
    rows, entropies, slopes = [], [], []
    for query, key in zip(queries.astype(np.float64), keys.astype(np.float64), strict=True):
        scores = query @ key.swapaxes(-1, -2)  # (head, query, key)
        both = [softmax.shares(scores), softmax.shares(scores / np.sqrt(d))]
        rows.append(scores[:, token])
        entropies.append([attention.entropy(p).mean(axis=-1) for p in both])
        slopes.append([softmax.slope(p).mean(axis=-1) for p in both])
    return {
        "d": d,
        "n": queries.shape[-2],
        "scores": rounded(np.array(rows), 5),  # (layer, head, key)
        "entropy": rounded(np.array(entropies), 4),  # (layer, 2, head)
        "slope": rounded(np.array(slopes), 4),
    }


def costs() -> bytes:
    """All stops of the sliders, the terms of every cost and the lengths of all paths."""
    n = [side * side for side in SIDES]
    kinds: list[dict[str, Any]] = []
    for key, kind in complexity.KINDS.items():
        kinds.append({"key": key, **asdict(kind), "steps": [complexity.steps(key, n=i) for i in n]})
    lengths = {
        "rnn": [[complexity.path("rnn", n=i)] for i in n],
        "cnn": [[complexity.path("cnn", n=i, k=k) for k in TAPS] for i in n],
        "dilated": [[complexity.path("cnn", n=i, k=k, dilated=True) for k in TAPS] for i in n],
        "attention": [[complexity.path("attention", n=i)] for i in n],
        "window": [[complexity.path("window", n=i, m=m) for m in WINDOWS] for i in n],
        "axial": [[complexity.path("axial", n=i)] for i in n],
    }
    crossings = [
        {c: complexity.crossing(c, d) for c in ("paper", "attention", "layer")}
        for d in MODEL_WIDTHS
    ]
    stops = {"n": n, "d": MODEL_WIDTHS, "k": TAPS, "m": WINDOWS}
    return encoded("costs", kinds=kinds, stops=stops, paths=lengths, crossings=crossings)
