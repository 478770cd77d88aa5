"""Layer norm and batch norm on the same activations, ragged lengths included.

Axes: sample (picture or sentence), token (patch or word), channel. The learned scale and shift
are left at 1 and 0: only the statistics differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

EPSILON = 1e-5  # PyTorch's default for both
MOMENTUM = 0.1  # PyTorch's default: weight of the newest batch in the running statistics
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Statistics:
    """What batch norm subtracts and divides by, one number for each channel.

    Attributes:
        mean: Mean of each channel.
        variance: Variance of each channel, divided by the count (not by the count less one).
        count: Numbers that each of them was taken from; 0 for those that nothing has updated.
    """

    mean: Float[np.ndarray, " channel"]
    variance: Float[np.ndarray, " channel"]
    count: int


def layer_norm(
    x: Float[np.ndarray, "*lead channel"], epsilon: float = EPSILON
) -> Float[np.ndarray, "*lead channel"]:
    """Every token by the mean and variance of its own channels; no other token matters.

    Raises:
        ValueError: If there is no channel, or a value is not finite.

    Source:
        Ba et al. 2016, arXiv:1607.06450. Equals `torch.nn.LayerNorm` with weight 1, bias 0.
    """
    values = _finite(x)
    if not values.shape[-1]:
        raise ValueError("layer norm needs at least one channel")
    centred = values - values.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon)


def batch_statistics(
    x: Float[np.ndarray, "sample token channel"],
    counted: Bool[np.ndarray, "sample token"] | None = None,
) -> Statistics:
    """Mean and variance of each channel over all tokens of all samples.

    Args:
        x: Activations of a batch.
        counted: Tokens that count; by default all do, padding too.

    Raises:
        ValueError: If fewer than two tokens count: PyTorch refuses that in training too, since
            every output would be 0.

    Source:
        Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1.
    """
    values = _finite(x)
    rows = values.reshape(-1, values.shape[-1]) if counted is None else values[counted]
    if len(rows) < 2:
        raise ValueError(f"batch norm needs more than one value per channel, got {len(rows)}")
    return Statistics(rows.mean(axis=0), rows.var(axis=0), len(rows))


def batch_norm(
    x: Float[np.ndarray, "sample token channel"],
    statistics: Statistics,
    epsilon: float = EPSILON,
) -> Float[np.ndarray, "sample token channel"]:
    """Every channel by one mean and variance: the batch's in training, the running ones later.

    Raises:
        ValueError: If the statistics are of another number of channels.

    Source:
        Ioffe & Szegedy 2015. Equals `torch.nn.BatchNorm1d` with weight 1, bias 0.
    """
    values = _finite(x)
    if values.shape[-1] != len(statistics.mean):
        raise ValueError(f"{len(statistics.mean)} channels expected, got {values.shape[-1]}")
    return (values - statistics.mean) / np.sqrt(statistics.variance + epsilon)


def untrained(channels: int) -> Statistics:
    """Running statistics before the first batch: mean 0, variance 1.

    Raises:
        ValueError: If there is no channel.
    """
    if channels < 1:
        raise ValueError(f"needs at least one channel, got {channels}")
    return Statistics(np.zeros(channels), np.ones(channels), 0)


def updated(running: Statistics, batch: Statistics, momentum: float = MOMENTUM) -> Statistics:
    """Running statistics after one more training batch.

    Args:
        running: Statistics so far, from `untrained` or this function.
        batch: From `batch_statistics`.
        momentum: Weight of the new batch, in [0, 1].

    Raises:
        ValueError: If `momentum` is outside [0, 1].

    Source:
        PyTorch's `BatchNorm1d`: the running variance is of the unbiased kind (count less one).
    """
    if not 0 <= momentum <= 1:
        raise ValueError(f"momentum must be in [0, 1], got {momentum}")
    unbiased = batch.variance * batch.count / (batch.count - 1)
    return Statistics(
        (1 - momentum) * running.mean + momentum * batch.mean,
        (1 - momentum) * running.variance + momentum * unbiased,
        running.count + batch.count,
    )


def letter_vectors(words: Sequence[str], channels: int = 8) -> Float[np.ndarray, "word {channels}"]:
    """A vector for each word without any training: the sum of fixed random vectors of its letters.

    Two words of the same letters get the same vector; upper and lower case do not differ. Other
    signs than a to z take the letter that their code point gives.

    Args:
        words: Words, none empty.
        channels: Length of the vectors.

    Raises:
        ValueError: If a word is empty.
    """
    if not all(words):
        raise ValueError("a word needs at least one letter")
    draw = np.random.default_rng(2017)
    # Channels of different mean and scale, as in a trained network.
    table = draw.normal(size=(26, channels)) * np.linspace(0.5, 1.6, channels)
    table += draw.normal(size=channels) * 0.35
    rows = [table[[_letter(sign) for sign in word.lower()]].sum(axis=0) for word in words]
    return np.array(rows).reshape(len(words), channels)


def padded(
    sequences: Sequence[Float[np.ndarray, "_ channel"]],
) -> tuple[Float[np.ndarray, "sample token channel"], Bool[np.ndarray, "sample token"]]:
    """Sequences of different length in one array, zeros after the end, and which tokens are real.

    Raises:
        ValueError: If there is no sequence or one is empty.
    """
    lengths = [len(sequence) for sequence in sequences]
    if not lengths or not min(lengths):
        raise ValueError("padding needs sequences, each with at least one token")
    x = np.zeros((len(lengths), max(lengths), sequences[0].shape[-1]))
    for row, sequence in zip(x, sequences, strict=True):
        row[: len(sequence)] = sequence
    return x, np.arange(max(lengths)) < np.array(lengths)[:, None]


def _letter(sign: str) -> int:
    place = _ALPHABET.find(sign)
    return place if place >= 0 else ord(sign) % 26


def _finite(x: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    if not np.isfinite(x).all():
        raise ValueError("activations must be finite")
    return x.astype(np.float64)
