"""Takes of the steps of the page Heads."""

from typing import TYPE_CHECKING

import numpy as np

from models.catalog import CATALOG
from pages._ui import controls, heads_ablate, heads_choice, heads_knockout, take
from pages._ui.cached import attribution
from pages._ui.cached import heads as cached
from pages._ui.cached import heads_tokens as tokens
from pages._ui.take import Take, titled

if TYPE_CHECKING:
    from viz_core.probe.ablate import By


def view(step: str, network: str) -> Take:
    """The step on screen; of one that a network of windows lacks, the lens."""
    if step == "Knockout" and "window attention" in CATALOG[network].views:
        step = "Lens"
    return STEPS[step](network)


def _of(name: str) -> tuple[str, str, bytes]:
    picture = controls.picture()
    return name, picture.key, picture.raw


def _ablate(name: str) -> Take:
    given, wanted = _of(name), heads_choice.asked(heads_ablate.KEY)
    target = heads_choice.target(name, controls.picture(), wanted)
    by: By = "mean" if wanted.get("by") == "mean" else "zero"
    sizes, looks = cached.sizes(name), cached.looks(*given)
    curves = cached.curves(*given, by, target)
    return Take(
        name=f"heads-{name}",
        says=f"{titled(name)}, its heads taken away one by one and together",
        numbers={
            "heads": np.array([(k, h) for k, count in enumerate(sizes) for h in range(count)]),
            "without": np.concatenate(cached.singles(*given, by)),
            "branches": cached.branches(*given),
            "entropy": np.concatenate([one.entropy for one in looks]),
            "distance": np.concatenate([one.distance for one in looks]),
            "counts": np.array(cached.counts(name)),
            "helpful": curves["helpful"],
            "harmful": curves["harmful"],
        },
        script="heads_ablate",
        values={
            "NETWORK": name, "LABEL": target.label, "AGAINST": target.against, "BY": by,
            "COUNTS": cached.counts(name),
        },
    )  # fmt: skip


def _lens(name: str) -> Take:
    found = tokens.lens_read(*_of(name))
    return Take(
        name=f"lens-{name}",
        says=f"{titled(name)}, its answer after every layer",
        numbers={
            "first": np.array(found.first),
            "reader": found.reader,
            "best": found.places.argmax(axis=-1),
            "score": found.places.max(axis=-1),
        },
        script="heads_lens",
        values={"NETWORK": name},
    )


def _norms(name: str) -> Take:
    found = tokens.depths(*_of(name))
    lengths = [len(one.norms) for one in found]
    return Take(
        name=f"norms-{name}",
        says=f"{titled(name)}, length of its tokens",
        numbers={
            "depth": np.repeat(range(len(found)), lengths),
            "norm": np.concatenate([one.norms for one in found]),
            "received": np.concatenate([
                np.full(count, np.nan) if one.received is None else one.received
                for one, count in zip(found, lengths, strict=True)
            ]),
        },
        script="heads_norms",
        values={"NETWORK": name},
    )  # fmt: skip


def _knockout(name: str) -> Take:
    if take.one_of(take.seen("heads-knockout"), "mode", "paint", ("paint", "map")) == "map":
        return _map(name)
    given, wanted = _of(name), heads_choice.asked(heads_knockout.KEY)
    grid, depth = attribution.shape(name).cells, len(cached.sizes(name))
    sources, readers, first, last = heads_knockout.painted(given, wanted, grid, depth)
    logits = tokens.cut(*given, sources, readers, first, last)
    return Take(
        name=f"knockout-{len(sources)}-patches-layers{first + 1}-{last + 1}-{name}",
        says=f"{titled(name)}, {len(sources)} patches that some tokens may not read "
        f"in layers {first + 1} to {last + 1}",
        numbers={
            "sources": np.array(sources, dtype=int), "logits": logits[0], "elsewhere": logits[1:],
        },
        script="heads_knockout",
        values={
            "NETWORK": name, "SOURCES": sources, "READERS": readers, "FIRST": first, "LAST": last,
            "GRID": grid, "PREFIX": cached.prefix(name), "DRAWS": tokens.SETS,
        },
    )  # fmt: skip


def _map(name: str) -> Take:
    depth = len(cached.sizes(name))
    wanted = heads_choice.asked(heads_knockout.KEY)
    first = heads_choice.whole(wanted.get("first"), depth, 0)
    return Take(
        name=f"knockout-every-patch-from-layer{first + 1}-{name}",
        says=f"{titled(name)}, every patch by itself: nobody reads it from layer {first + 1} on",
        numbers={"logits": tokens.each_patch(*_of(name), first)},
        script="heads_map",
        values={
            "NETWORK": name, "FIRST": first, "PATCHES": attribution.shape(name).cells ** 2,
            "PREFIX": cached.prefix(name), "PART": tokens.PART,
        },
    )  # fmt: skip


STEPS = {"Ablate": _ablate, "Lens": _lens, "Norms": _norms, "Knockout": _knockout}
