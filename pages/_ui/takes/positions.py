"""The take of the page Positions."""

import streamlit as st

from pages._ui import controls, positions_ablate
from pages._ui.cached import positions as cached
from pages._ui.positions_stage import Shown
from pages._ui.take import Take, titled
from viz_core import positions


def view(shown: Shown) -> Take:
    """The board, the curve below it, and the answer with other positions."""
    picture, name, state = controls.picture(), shown.network, st.session_state
    run = name, picture.key, picture.raw
    kind = state.get("positions-kind") or positions_ablate.DEFAULT
    seed, centred = state.get("positions-seed", 0), state.get("positions-centred", True)
    own, found = cached.board_table(name), cached.components(name)
    alike = cached.kinds(name)[0].cosines
    assert alike is not None, "learned positions can be compared"
    curve = positions.by_distance(alike[int(centred)], own.grid)
    return Take(
        name=f"positions-patch{shown.patch}",
        says=f"{titled(name)}, learned positions, patch {shown.patch + 1}",
        numbers={
            "table": own.values,
            "similarity": alike[int(centred)],
            "similarity_of_patch": alike[int(centred)][shown.patch].reshape(own.grid),
            "curve_distance": curve.distance,
            "curve_similarity": curve.mean,
            "component_scores": found.scores,
            "component_shares": found.share,
            "logits": cached.ablated(*run, "own", 0).logits,
            "logits_replaced": cached.ablated(*run, kind, seed).logits,
        },
        script="positions",
        values={
            "NETWORK": name, "SIDE": own.grid[0], "PATCH": shown.patch, "CENTRED": centred,
            "REPLACED": kind, "SEED": seed,
        },
    )  # fmt: skip
