"""Take of the page Why."""

import numpy as np

from pages._ui.cached import attribution, erasing
from pages._ui.take import Take, titled
from pages._ui.why_choice import Choice
from viz_core.attribution.methods import METHODS


def view(choice: Choice) -> Take:
    """The map on the stage and its curves."""
    target, filling = choice.target, choice.settings.baseline
    found = attribution.attribution(*choice.asked)
    own = erasing.curves(*choice.asked, filling)
    versus = "" if target.against is None else f"-against{target.against}"
    return Take(
        name=f"why-{choice.method.replace('_', '-')}-class{target.label}{versus}",
        says=f"{titled(choice.network)}, {METHODS[choice.method].title} for {choice.named}",
        numbers={
            "map": found.values,
            "cells": erasing.on_cells(*choice.asked),
            "order": own.deletion.order,
            "counts": own.deletion.counts,
            "deletion": own.deletion.shares,
            "insertion": own.insertion.shares,
            "areas": np.array([own.deletion.auc, own.insertion.auc]),
            "logits": own.deletion.logits[0],
        },
        script="why",
        values={
            "NETWORK": choice.network, "METHOD": choice.method, "LABEL": target.label,
            "AGAINST": target.against, "FILLING": filling,
        },
    )  # fmt: skip
