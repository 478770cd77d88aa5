"""Layer norm beside batch norm: pictures in a network, and sentences of different length.

A scene is {x: [group][token][channel], layer: {mean, std: [group][token]}, batch: {mean, std,
count}}: the browser shows (x - mean) / std. A group is a picture or a sentence.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Integer

from viz_core import normalise
from viz_core.labs.payload import rounded
from viz_core.normalise import Statistics

SHOWN_TOKENS, SHOWN_CHANNELS = 12, 12
TRAINING_BATCHES = 50
MOST_WORDS, MOST_SENTENCES, MOST_LETTERS = 7, 5, 14
APPENDED = ("and", "it", "looks", "at", "everything", "again")
TRAINING_SENTENCES = (
    "every token asks a question",
    "the river was wide and slow",
    "we paint",
    "a bird sang in the garden",
)


def words_of(text: str) -> list[list[str]]:
    """Sentences, one a line, as words.

    Raises:
        ValueError: If there are fewer than 2 or more than 5 sentences, or one is too long.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if not 2 <= len(lines) <= MOST_SENTENCES:
        raise ValueError(
            f"Write 2 to {MOST_SENTENCES} sentences, one a line; there are {len(lines)}."
        )
    if any(len(line) > MOST_WORDS for line in lines):
        raise ValueError(f"A sentence can have at most {MOST_WORDS} words here.")
    if any(len(word) > MOST_LETTERS for line in lines for word in line):
        raise ValueError(f"A word can have at most {MOST_LETTERS} letters here.")
    return lines


def sentences(lines: Sequence[Sequence[str]], channels: int = 8) -> dict[str, Any]:
    """Scenes of the sentences with 0, 1, … words appended to the last, padding counted or not.

    Args:
        lines: Words of each sentence.
        channels: Length of the word vectors, see `normalise.letter_vectors`.

    Returns:
        `variants`, each a scene with `words`, `real` (which tokens are no padding), `batch` for
        "all" tokens and for the "real" ones, and `changed`: the largest change of any number of
        the other sentences against 0 words appended, for "layer", "all" and "real".
    """
    words = [[*lines[-1], *APPENDED[:count]] for count in range(len(APPENDED) + 1)]
    grown = [[*lines[:-1], last] for last in words]
    first = _ragged(grown[0], channels)
    variants = []
    for batch in grown:
        x, real = _ragged(batch, channels)
        counted = {"all": None, "real": real}
        found = {name: normalise.batch_statistics(x, mask) for name, mask in counted.items()}
        variants.append(
            {
                "words": [list(line) for line in batch],
                "real": real.tolist(),
                "x": rounded(x),
                "layer": _layer(x),
                "batch": {name: _batch(one) for name, one in found.items()},
                "changed": _changed(first, (x, real)),
            }
        )
    trained = [_ragged([line.split() for line in TRAINING_SENTENCES], channels)]
    running = {
        name: _batch(_trained(trained, name == "real", channels)) for name in ("all", "real")
    }
    return {"variants": variants, "running": running, "channels": channels}


def pictures(
    streams: Float[np.ndarray, "picture layer token channel"],
    others: Float[np.ndarray, "other layer token channel"],
) -> dict[str, Any]:
    """Scenes of every layer for batches of the first 1, 2, … pictures.

    Args:
        streams: Residual streams of the pictures shown.
        others: Those of pictures that stand for the training set of the running statistics.

    Returns:
        `tokens` shown, the size of the whole, and for each layer `channels` shown, `x`, `layer`,
        and for "patches" (all tokens count) and "class" (only the first does) `batch` by number
        of pictures, null where batch norm is refused, and `running`.
    """
    count, depth, length, width = streams.shape
    tokens = _evenly(length, SHOWN_TOKENS)
    layers = []
    for layer in range(depth):
        x, training = streams[:, layer], others[:, layer]
        channels = _telling(x)
        scene: dict[str, Any] = {
            "channels": channels.tolist(),
            "x": rounded(x[:, tokens][..., channels], 4),
            "layer": _layer(x[:, tokens]),
        }
        for name, part in {"patches": slice(None), "class": slice(1)}.items():
            scene[name] = {
                "batch": [_or_refused(x[:size, part], channels) for size in range(1, count + 1)],
                "running": _batch(_trained([(training[:, part], None)], False, width), channels),
            }
        layers.append(scene)
    return {
        "layers": layers,
        "tokens": tokens.tolist(),
        "length": length,
        "width": width,
        "training": len(others),
    }


def _ragged(
    lines: Sequence[Sequence[str]], channels: int
) -> tuple[Float[np.ndarray, "sample token channel"], Bool[np.ndarray, "sample token"]]:
    return normalise.padded([normalise.letter_vectors(line, channels) for line in lines])


def _changed(first: tuple[np.ndarray, np.ndarray], now: tuple[np.ndarray, ...]) -> dict[str, float]:
    """Largest change of a real token of the sentences that were not touched."""
    real = first[1][:-1]
    norms = {
        "layer": lambda x, _: normalise.layer_norm(x),
        "all": lambda x, _: normalise.batch_norm(x, normalise.batch_statistics(x)),
        "real": lambda x, mask: normalise.batch_norm(x, normalise.batch_statistics(x, mask)),
    }
    result = {}
    for name, norm in norms.items():
        before, after = norm(*first)[:-1], norm(*now)[:-1, : real.shape[1]]
        result[name] = float(np.abs(after[real] - before[real]).max())
    return result


def _trained(
    batches: Sequence[tuple[np.ndarray, np.ndarray | None]], real_only: bool, channels: int
) -> Statistics:
    running = normalise.untrained(channels)
    for step in range(TRAINING_BATCHES):
        x, real = batches[step % len(batches)]
        running = normalise.updated(
            running, normalise.batch_statistics(x, real if real_only else None)
        )
    return running


def _or_refused(
    x: Float[np.ndarray, "picture token channel"], channels: Integer[np.ndarray, " shown"]
) -> dict[str, Any] | None:
    try:
        return _batch(normalise.batch_statistics(x), channels)
    except ValueError:
        return None


def _batch(
    statistics: Statistics, channels: Integer[np.ndarray, " shown"] | slice = slice(None)
) -> dict[str, Any]:
    return {
        "mean": rounded(statistics.mean[channels]),
        "std": rounded(np.sqrt(statistics.variance[channels] + normalise.EPSILON)),
        "count": statistics.count,
    }


def _layer(x: Float[np.ndarray, "sample token channel"]) -> dict[str, Any]:
    values = x.astype(np.float64)
    return {
        "mean": rounded(values.mean(axis=-1)),
        "std": rounded(np.sqrt(values.var(axis=-1) + normalise.EPSILON)),
    }


def _evenly(length: int, wanted: int) -> Integer[np.ndarray, " index"]:
    return np.unique(np.linspace(0, length - 1, min(length, wanted)).round().astype(int))


def _telling(x: Float[np.ndarray, "picture token channel"]) -> Integer[np.ndarray, " shown"]:
    """The four channels farthest from 0 on average, and others evenly spaced."""
    far = np.argsort(-np.abs(x.mean(axis=(0, 1))), kind="stable")
    few, rest = np.sort(far[:4]), np.sort(far[4:])
    return np.sort(np.concatenate([few, rest[_evenly(len(rest), SHOWN_CHANNELS - len(few))]]))
