"""Takes of the steps of the page Compare."""

import numpy as np
import streamlit as st

from pages._ui import compare_match, compare_panels, compare_survive, controls, take
from pages._ui.cached import attribution, compare
from pages._ui.compare_panels import Job
from pages._ui.take import Take, titled
from viz_core import similarity
from viz_core.attribution import Settings
from viz_core.compare.agreement import agreement
from viz_core.transforms import TRANSFORMS


def view(step: str, network: str) -> Take:
    """The step on screen."""
    return STEPS[step](network)


def _panels(network: str) -> Take:
    picture = controls.picture()
    jobs: tuple[Job, ...] = st.session_state.get(compare_panels.SHOWN, ())
    names = [job.choice.name for job in jobs]
    maps = [
        attribution.attribution(
            job.choice.name, picture.key, picture.raw, job.choice.method, job.target, Settings()
        ).values
        for job in jobs
    ]
    boxes = [compare.box(name) for name in names]
    count = range(len(jobs))
    table = [[agreement(maps[i], maps[j], (boxes[i], boxes[j]))[0] for j in count] for i in count]
    shares = [
        compare.shares(job.choice.name, picture.key, picture.raw)[job.target.label] for job in jobs
    ]
    return Take(
        name="compare-panels",
        says="; ".join(f"{titled(job.choice.name)}, {job.choice.method}" for job in jobs),
        numbers={
            "values": np.concatenate([np.zeros(0), *(one.ravel() for one in maps)]),
            "sides": np.array([len(one) for one in maps]),
            "shares": np.array(shares),
            "agreement": np.array(table),
        },
        script="compare_panels",
        values={
            "NETWORKS": tuple(names),
            "METHODS": tuple(job.choice.method for job in jobs),
            "LABELS": tuple(job.target.label for job in jobs),
        },
    )


def _survive(network: str) -> Take:
    picture, names = controls.picture(), compare_survive.asked_networks(network)
    transform, seed = compare_survive.measured()
    found = [compare.sweep(name, picture.key, picture.raw, transform, seed) for name in names]
    return Take(
        name=f"compare-survive-{transform}",
        says=f"{TRANSFORMS[transform].title}, first answers of {', '.join(map(titled, names))}",
        numbers={
            "doses": np.array(TRANSFORMS[transform].doses),
            "first": np.array([one.first for one in found]),
            "shares": np.stack([one.share for one in found]),
            "stays": np.stack([one.stays for one in found]),
            "kept": np.array([one.kept for one in found]),
        },
        script="compare_survive",
        values={
            "NETWORKS": names, "TRANSFORM": transform, "SEED": seed,
            "PIXELS": compare.STAGE_PIXELS,
        },
    )  # fmt: skip


def _match(network: str) -> Take:
    first, other = controls.picture(), compare_match.other()
    pictures = [(picture.key, picture.raw) for picture in (first, other)]
    layers = compare.tokens(network, *pictures[0]), compare.tokens(network, *pictures[1])
    told = take.seen("compare-match")
    shown = [k for k, one in enumerate(layers[0]) if one.side <= compare.LARGEST_MAP]
    layer = shown[take.whole(told, "layer", len(shown) // 2, len(shown))]
    centred = told.get("centred") is not False
    sets = [found[layer].vectors for found in layers]
    if centred:
        sets = [similarity.without_mean(tokens) for tokens in sets]
    pairs = similarity.mutual(*sets)
    return Take(
        name=f"compare-match-layer{layer}",
        says=f"{titled(network)}, tokens after layer {layer}, beside those of {other.title}",
        numbers={
            "cosines": similarity.cosines(*sets),
            "pairs": np.stack([pairs.one, pairs.other], axis=1),
            "likeness": pairs.cosine,
        },
        script="compare_match",
        values={
            "OTHER": take.picture_path(other.title, other.key), "NETWORK": network,
            "LAYER": layer, "CENTRED": centred,
        },
    )  # fmt: skip


STEPS = {"Panels": _panels, "Survive": _survive, "Match": _match}
