"""Takes of the steps of the page Compact."""

import numpy as np

from pages._ui import controls, take
from pages._ui.cached import compact as cached
from pages._ui.cached import compact_variants as variants
from pages._ui.cached import takes
from pages._ui.take import Take
from viz_core.tokenizers import shift


def view(step: str, network: str) -> Take:
    """The step on screen: of its three networks the one that the sidebar names."""
    here = [name for name in cached.trio(network) if cached.here(name)]
    if not here:
        return _variants(network)
    own = here.index(network) if network in here else len(here) - 1
    told = take.seen("compact-tokens") if step == "Tokens" else {}
    return STEPS[step](here[take.whole(told, "network", own, len(here))])


def _of(name: str) -> tuple[str, str, bytes]:
    picture = controls.picture()
    return name, picture.key, picture.raw


def _tokens(name: str) -> Take:
    moved = cached.shifted(*_of(name))
    return Take(
        name=f"tokens-{name}",
        says=f"{cached.title(name)}, its tokens and the picture shifted by up to {cached.REACH} px",
        numbers={
            "map": takes.last_map(*_of(name)),
            "edges": cached.edges(name),
            "fields": takes.fields(*_of(name)),
            "shifts": np.array(shift.grid(cached.REACH)),
            "change": moved.change,
            "logits": moved.logits,
        },
        script="compact_tokens",
        values={"NETWORK": name, "REACH": cached.REACH},
    )


def _pooling(name: str) -> Take:
    look = cached.look(*_of(name))
    return Take(
        name=f"pooling-{name}",
        says=f"{cached.title(name)}, what its head reads",
        numbers={
            "weights": look.weights,
            "logits": look.logits,
            "without": look.without,
            "last_attention": look.patterns[-1].mean(axis=0),
            "skips": np.array(look.skips),
        },
        script="compact_pooling",
        values={"NETWORK": name},
    )


def _variants(_: str) -> Take:
    rows = variants.rows()

    def column(key: str) -> np.ndarray:
        return np.array([row[key] for row in rows])

    return Take(
        name="compact-variants",
        says="Compact transformers as published",
        numbers={
            "variant": column("name"),
            "tokens": column("tokens"),
            "weights": column("parameters"),
            "macs": column("macs"),
            "attention_macs": column("attention"),
            "paper_top1": np.array([[row["cifar10"], row["cifar100"]] for row in rows], float),
        },
        script="compact_variants",
    )


STEPS = {"Tokens": _tokens, "Pooling": _pooling, "Variants": _variants}
