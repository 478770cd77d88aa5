"""What the component `seam` is sent: one block's windows, with and without their mask."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Integer

from viz_core import window_mask, windows
from viz_core.shift import wire
from viz_core.windows import FILLED, Layout

MOST_BYTES = 6_000_000  # of scores; larger networks send only the windows at the seam
CLASSES = 5


def pack_seam(
    layout: Layout,
    *,
    scores: Float[np.ndarray, "w head query key"],
    scores_all: Float[np.ndarray, "w head query key"],
    bias: Float[np.ndarray, "head query key"],
    crossing: dict[str, list[float]],
    picture_jpeg: bytes,
    header: dict[str, Any],
) -> bytes:
    """A frame of `wire.pack` with everything that the browser needs to show one block's mask.

    Args:
        layout: How the block cut its map.
        scores: Scores before bias and mask.
        scores_all: The same where all masks of the network are opened, which changes what
            arrives at this block.
        bias: Relative position bias.
        crossing: Share of each window's attention that crosses the seam, by what is opened.
        picture_jpeg: What the network sees.
        header: What else is said; see `pages/_ui/cached/swin.py`.

    Returns:
        The parts `picture`, `scores`, `scores_all`, `bias`, and in the header `sent`, the
        windows whose scores are there, `members` and `regions` of all windows.

    Raises:
        ValueError: If the scores do not fit the layout.
    """
    members = windows.members(layout)
    if scores.shape != scores_all.shape or scores.shape[::2] != (len(members), members.shape[1]):
        raise ValueError(f"scores {scores.shape} do not fit {members.shape} windows and tokens")
    sent = _sent(layout, scores.nbytes)
    regions = windows.partition(window_mask.region_ids(layout), layout.window)
    return wire.pack(
        {
            **header,
            "grid": list(layout.grid),
            "window": layout.window,
            "shift": layout.shift,
            "heads": scores.shape[1],
            "sent": sent,
            "members": members.tolist(),
            "filled": FILLED,
            "regions": regions.tolist(),
            "crossing": crossing,
        },
        {
            "picture": picture_jpeg,
            "scores": scores[sent],
            "scores_all": scores_all[sent],
            "bias": bias,
        },
    )


def logit_rows(
    logits: dict[str, Float[np.ndarray, " classes"]], labels: Sequence[str]
) -> list[dict[str, Any]]:
    """The likeliest classes of `logits["none"]`, with their logits and shares in each run.

    Args:
        logits: By what is opened: "none", "this" and "all".
        labels: Name of each class.

    Returns:
        At most five rows {label, logit: {run: value}, share: {run: 0 to 1}}, likeliest first.

    Raises:
        ValueError: If there are not as many labels as logits.
    """
    if any(len(values) != len(labels) for values in logits.values()):
        raise ValueError(f"{len(labels)} labels but {len(logits['none'])} logits")
    shares = {run: _softmax(values.astype(np.float64)) for run, values in logits.items()}
    best = np.argsort(-logits["none"], kind="stable")[:CLASSES]
    return [
        {
            "label": labels[k],
            "logit": {run: float(values[k]) for run, values in logits.items()},
            "share": {run: float(values[k]) for run, values in shares.items()},
        }
        for k in best.tolist()
    ]


def _softmax(values: Float[np.ndarray, " classes"]) -> Float[np.ndarray, " classes"]:
    raised = np.exp(values - values.max())
    return raised / raised.sum()


def _sent(layout: Layout, size: int) -> list[int]:
    """Windows whose scores travel: all, or those at the seam where all are too many."""
    at_seam = (window_mask.attention_mask(layout) < 0).any(axis=(1, 2))
    return np.flatnonzero(at_seam | (size <= MOST_BYTES)).tolist()


def opening(unmasked: Float[np.ndarray, "w head query key"], layout: Layout) -> dict[str, int]:
    """The head and the query of the first window that most need the mask.

    Args:
        unmasked: Softmax weights of the block with its mask left away; rows sum to 1.
        layout: How the block cut its map.

    Returns:
        `head` and `query`, a slot of window `seam_window(layout)`: of all of its tokens the one
        that sends the largest share of its attention across the seam.

    Raises:
        ValueError: If the weights do not fit the layout.
    """
    members = windows.members(layout)
    if unmasked.shape[::2] != (len(members), members.shape[1]):
        raise ValueError(f"weights {unmasked.shape} do not fit {members.shape} windows and tokens")
    window = seam_window(layout)
    ids = windows.partition(window_mask.region_ids(layout), layout.window)[window]
    leak = (unmasked[window] * (ids[:, None] != ids)).sum(axis=-1)  # (head, query)
    leak[:, members[window] == FILLED] = -1
    head, query = np.unravel_index(leak.argmax(), leak.shape)
    return {"head": int(head), "query": int(query)}


def seam_window(layout: Layout) -> int:
    """The window to show first: the last one, where four regions meet if the map is shifted."""
    ids: Integer[np.ndarray, "w m"] = windows.partition(
        window_mask.region_ids(layout), layout.window
    )
    return int(np.argmax([len(set(window)) for window in ids.tolist()]))
