"""The take of the page Training film."""

import numpy as np

from pages._ui import controls
from pages._ui.cached import growth as cached
from pages._ui.take import Take, titled


def view(run: str) -> Take:
    """All saved moments of a run, on the picture of the sidebar."""
    picture = controls.picture()
    found, _ = cached.grown(run, picture.key, picture.raw)
    rows = cached.moments(run)
    return Take(
        name=f"film-{run}",
        says=f"{titled(run)} at {len(rows)} moments of its training",
        numbers={
            "step": np.array([row["step"] for row in rows]),
            "share": np.array([row["share"] for row in rows]),
            "top1": np.array([row["top1"] for row in rows]),
            "logits": found.logits,
            "reading": found.reading,
            "attention": found.patterns[:, -1].mean(axis=1),
            "kernels": found.kernels,
        },
        script="film",
        values={"NETWORK": run},
    )
