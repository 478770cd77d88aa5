"""Takes of the steps of the MAE page."""

from typing import cast

import numpy as np
import streamlit as st

from pages._ui import controls, mae_guesses, mae_inside, mae_learning, mae_stage, mae_why
from pages._ui.cached import mae, mae_film, mae_more, takes
from pages._ui.canvas import CanvasState
from pages._ui.take import Take, titled
from pages._ui.takes import canvas
from viz_core import inpaint, mae_attention, mae_macs, masking, reconstruction, rollout
from viz_core.take.script import Value
from viz_core.unmask import wire

KINDS = {"grid": "regular"}  # what a script calls the strategies of the page


def view(step: str, network: str) -> Take:
    """The step on screen."""
    return STEPS[step](network)


def _of(name: str) -> tuple[str, str, bytes]:
    picture = controls.picture()
    return name, picture.key, picture.raw


def _hide(name: str) -> Take:
    shown = mae_stage.current()
    base = mae_more.given(*_of(name))
    mask, drawn = mae_stage.by_hand(shown, base.grid), wire.PERCENTS[shown.slot]
    values: dict[str, Value] = {"NETWORK": name, "SEED": shown.seed, "RATIO": drawn / 100}
    if mask is None:
        strategy = shown.strategy if shown.strategy in mae.STRATEGIES else "random"
        mask = mae.masks(base.grid, shown.seed)[strategy][shown.slot]
        values["STRATEGY"] = KINDS.get(strategy, strategy)
    else:
        values["STRATEGY"], values["HIDDEN"] = "hand", tuple(np.flatnonzero(mask).tolist())
    by = shown.baseline if shown.baseline in inpaint.BASELINES else "harmonic"
    painted = mae_more.predicted(name, base, mask[None])[0]
    smooth = inpaint.BASELINES[by](base.picture, mask)
    scores = [reconstruction.score(base.picture, one, mask) for one in (painted, smooth)]
    return Take(
        name=f"mae-{values['STRATEGY']}-{int(mask.sum())}-hidden",
        says=f"{titled(name)}, {int(mask.sum())} of {mask.size} patches hidden",
        numbers={
            "mask": mask,
            "truth": base.picture,
            "painted": painted,
            "interpolated": smooth,
            "psnr": np.array([one.psnr if one else np.nan for one in scores]),
            "ssim": np.array([one.ssim if one else np.nan for one in scores]),
        },
        script="mae_hide",
        values={**values, "BASELINE": by},
    )


def _why(name: str) -> Take:
    draw = st.session_state.get(f"{mae_why.KEY}-draw") or mae_why.DRAWS[0]
    seed = mae_more.FIRST_SEED + int(draw) - 1
    _, scores = mae_more.why(*_of(name), seed)
    ways = ["network", *inpaint.BASELINES]
    return Take(
        name="mae-why",
        says=f"{titled(name)}, random masks of every ratio, seed {seed}",
        numbers={
            "ratio": np.array(mae_more.RATIOS),
            "way": np.array(ways),
            **{by: np.array([scores[by][way] for way in ways]) for by in mae_more.METRICS},
        },
        script="mae_why",
        values={"NETWORK": name, "SEED": seed, "RATIOS": mae_more.RATIOS},
    )


def _cost(name: str) -> Take:
    shape, ratios = mae_more.shape(name), mae_more.STOPS
    visible = [masking.visible_count(shape.patches, ratio) for ratio in ratios]
    costs = [mae_macs.cost(shape, count) for count in visible]
    carrying = mae_macs.cost(shape, shape.patches, mask_tokens=True)
    return Take(
        name="mae-cost",
        says=f"{titled(name)}, cost of one picture",
        numbers={
            "ratio": np.array(ratios),
            "visible": np.array(visible),
            "encoder_macs": np.array([one.total_encoder for one in costs]),
            "decoder_macs": np.array([one.total_decoder for one in costs]),
            "encoder_macs_with_mask_tokens": np.array(carrying.total_encoder),
        },
        script="mae_cost",
        values={"NETWORK": name, "RATIOS": ratios},
    )


def _inside(name: str) -> Take:
    part, kind, ratio, seed = mae_inside.chosen()
    opened = st.session_state.get(f"{mae_inside.KEY}-{part}-first") or {}
    asked = *_of(name), kind, ratio, seed
    mask = mae_more.mask_of(name, kind, ratio, seed)
    shown, decoder = mae_more.patterns(*asked, part), mae_more.patterns(*asked, "decoder")
    known = CanvasState(layer=opened.get("layer", 0), reading="mean")
    now = canvas.shown(known, *shown.shape[:3])
    # The encoder's hidden places look nowhere: their rows do not sum to 1, as a rollout needs.
    fits = part == "decoder" or now.reading != "rollout"
    layer, reading = now.layer, cast(rollout.Reading, now.reading if fits else "mean")
    shares = mae_attention.shares(decoder, mask)
    return Take(
        name=f"mae-{part}-layer{layer + 1}",
        says=f"{titled(name)}, {part}, layer {layer + 1}, {100 * ratio:.3g} % hidden",
        numbers={
            "mask": mask,
            "attention": rollout.matrix(shown, layer, now.head, reading, residual=now.residual),
            "on_visible": shares.visible,
            "on_hidden": shares.hidden,
            "on_class_token": shares.first,
        },
        script="mae_inside",
        values={
            "NETWORK": name, "HALF": part, "STRATEGY": KINDS.get(kind, kind), "RATIO": ratio,
            "SEED": seed, "LAYER": layer, "HEAD": now.head, "READING": reading,
            "RESIDUAL": now.residual,
        },
    )  # fmt: skip


def _guesses(name: str) -> Take:
    ratio = st.session_state.get(f"{mae_guesses.KEY}-ratio", 75) / 100
    count = mae_guesses.CHUNKS * mae_more.CHUNK
    found = takes.guesses(*_of(name), ratio, count)
    return Take(
        name="mae-guesses",
        says=f"{titled(name)}, {count} masks that hide {100 * ratio:.3g} %",
        numbers={
            "mean_guess": found.mean,
            "variance": found.variance,
            "times_hidden": found.count,
        },
        script="mae_guesses",
        values={"NETWORK": name, "RATIO": ratio, "MASKS": count},
    )


def _learning(name: str) -> Take:
    if mae_film.missing(name):
        return _hide(name)
    draw = st.session_state.get(f"{mae_learning.KEY}-draw") or mae_learning.DRAWS[0]
    seed = mae_more.FIRST_SEED + int(draw) - 1
    base = mae_more.given(*_of(name))
    mask = masking.random(base.grid, mae_film.RATIO, seed)
    steps, made = takes.learned(*_of(name), seed)
    scores = [reconstruction.score(base.picture, one, mask) for one in made]
    return Take(
        name="mae-learning",
        says=f"{titled(name)} at {len(made)} moments of its training",
        numbers={
            "mask": mask,
            "step": steps[:, 0],
            "share": steps[:, 1],
            "mse": np.array([one.mse if one else np.nan for one in scores]),
            "last": made[-1],
        },
        script="mae_learning",
        values={"NETWORK": name, "RATIO": mae_film.RATIO, "SEED": seed},
    )


STEPS = {
    "Hide": _hide,
    "Why 75 %": _why,
    "Cost": _cost,
    "Inside": _inside,
    "Guesses": _guesses,
    "Learning": _learning,
}
