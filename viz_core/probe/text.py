"""A sentence as a text network reads it: words, tokens, who looks at whom, what counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import nn

from models.tap import record

PADDING = "<pad>"


@runtime_checkable
class Words(Protocol):
    """What is asked of a vocabulary (`models.text_data.Vocabulary`)."""

    def split(self, sentence: str) -> list[str]:
        """The words of a sentence."""
        ...

    def ids(self, sentence: Sequence[str]) -> list[int]:
        """The row of every word; row 0 is padding."""
        ...

    def entry(self, word: str) -> str:
        """The entry that a word is read as."""
        ...

    def knows(self, word: str) -> bool:
        """Whether the word has a row of its own."""
        ...


@dataclass(frozen=True)
class Reading:
    """One sentence in one network; read-only arrays. Words w, tokens n (class token first).

    Attributes:
        words: As they were read, then "<pad>".
        entries: What the vocabulary reads each word as.
        cut: How many words at the end were too many and left out.
        ids: Rows of the word table; 0 is padding.
        known: Whether a word has a row of its own.
        padding: Whether a word only fills up the length.
        prefix: 1 if token 0 is the class token, otherwise 0.
        windows: First word under a token and the one after the last, within the `words` that are
            no padding; (0, 0) for the class token and for tokens of padding alone.
        token_padding: Whether a token saw no word.
        closed: Where a query may not look.
        patterns: Softmax weights; rows sum to 1, and closed pairs have exactly 0.
        pooling: Share of each token in what is classified; sums to 1.
        word_pooling: The same for words: a token's share goes to its words in equal parts. The
            class token's share stays with it, so this sums to 1 without a class token, else to 0.
        logits: What the last layer returns.
        probabilities: Their softmax.
        without: Probabilities when a word is left out of the sentence; NaN for padding and where
            nothing would be left.
        effect: By how much the winning class loses without the word, in [-1, 1]; NaN likewise.
    """

    words: tuple[str, ...]
    entries: tuple[str, ...]
    cut: int
    ids: Int[np.ndarray, " word"]
    known: Bool[np.ndarray, " word"]
    padding: Bool[np.ndarray, " word"]
    prefix: int
    windows: Int[np.ndarray, "token 2"]
    token_padding: Bool[np.ndarray, " token"]
    closed: Bool[np.ndarray, "token token"]
    patterns: Float[np.ndarray, "layer head token token"]
    pooling: Float[np.ndarray, " token"]
    word_pooling: Float[np.ndarray, " word"]
    logits: Float[np.ndarray, " class"]
    probabilities: Float[np.ndarray, " class"]
    without: Float[np.ndarray, "word class"]
    effect: Float[np.ndarray, " word"]


def read(
    model: nn.Module,
    vocabulary: Words,
    sentence: str,
    causal: bool = False,
    length: int | None = None,
) -> Reading:
    """Run a sentence through a network, once whole and once without each of its words.

    Args:
        model: A `models.text_compact.TextCompact`; left untouched.
        vocabulary: The one it was trained with.
        sentence: As it was typed; what is more than the network reads is cut off at the end.
        causal: Whether tokens may only look back.
        length: Words to fill the sentence up to with padding; None adds none.

    Raises:
        ValueError: If there is no word in the sentence, or `length` is less than its words or
            more than the network reads.
    """
    longest: int = model.cfg.length  # type: ignore[union-attr, assignment]
    every = vocabulary.split(sentence)
    words = every[:longest]
    if not words:
        raise ValueError("the sentence has no word in it")
    total = len(words) if length is None else length
    if not len(words) <= total <= longest:
        raise ValueError(f"the length must be from {len(words)} to {longest} words, got {length}")
    ids = np.array(vocabulary.ids(words) + [0] * (total - len(words)), dtype=np.int64)
    where = ("*.self_attn.pattern", "classifier.closed", "*.pooling")
    with torch.inference_mode(), record(model, *where) as trace:
        logits = model(torch.from_numpy(ids)[None], causal)[0]
    closed = trace["classifier.closed"][0, 0].numpy()
    prefix: int = model.cfg.prefix  # type: ignore[union-attr, assignment]
    pooling = np.eye(1, len(closed), dtype=np.float32)[0]
    if not prefix:
        pooling = trace["classifier.pooling"][0, 0].numpy()
    windows = _windows(model, len(closed) - prefix, len(words))
    windows = np.concatenate([np.zeros((prefix, 2), np.int64), windows])
    probabilities = logits.softmax(dim=0).numpy()
    without = _without(model, ids, len(words), causal)
    filled = total - len(words)
    return _frozen(
        Reading(
            words=(*words, *[PADDING] * filled),
            entries=(*map(vocabulary.entry, words), *[PADDING] * filled),
            cut=len(every) - len(words),
            ids=ids,
            known=np.array([vocabulary.knows(word) for word in words] + [True] * filled),
            padding=ids == 0,
            prefix=prefix,
            windows=windows,
            token_padding=np.asarray(closed.all(axis=0)),
            closed=closed,
            patterns=torch.cat(trace.all("*.self_attn.pattern")).numpy(),
            pooling=pooling,
            word_pooling=spread(pooling, windows, total),
            logits=logits.numpy(),
            probabilities=probabilities,
            without=without,
            effect=(probabilities - without)[:, probabilities.argmax()],
        )
    )


def spread(
    shares: Float[np.ndarray, " token"], windows: Int[np.ndarray, "token 2"], words: int
) -> Float[np.ndarray, " word"]:
    """Shares of tokens handed on to the words under them, in equal parts.

    Args:
        shares: One number a token.
        windows: First word and the one after the last; a token without words hands on nothing.
        words: How many words there are.

    Raises:
        ValueError: If a window reaches beyond the words.
    """
    if windows.size and (windows.min() < 0 or windows.max() > words):
        raise ValueError(f"windows must lie within the {words} words")
    given = np.zeros(words, dtype=shares.dtype)
    for share, (first, end) in zip(shares, windows, strict=True):
        given[first:end] += share / max(end - first, 1)
    return given


def _windows(model: nn.Module, tokens: int, words: int) -> Int[np.ndarray, "token 2"]:
    """The network's windows, clipped to the words of the sentence."""
    spans = [model.cfg.window(token) for token in range(tokens)]  # type: ignore[union-attr, operator]
    windows = np.clip(np.array(spans, dtype=np.int64), 0, words)
    windows[windows[:, 0] == windows[:, 1]] = 0
    return windows


def _without(
    model: nn.Module, ids: Int[np.ndarray, " word"], words: int, causal: bool
) -> Float[np.ndarray, "word class"]:
    """Probabilities without each word in turn, all in one batch."""
    classes: int = model.cfg.classes  # type: ignore[union-attr, assignment]
    found = np.full((len(ids), classes), np.nan, dtype=np.float32)
    if words > 1:
        rows = np.stack([np.delete(ids[:words], word) for word in range(words)])
        with torch.inference_mode():
            found[:words] = model(torch.from_numpy(rows), causal).softmax(dim=1).numpy()
    return found


def _frozen(reading: Reading) -> Reading:
    """The same, with arrays that nobody can change."""
    for value in vars(reading).values():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return reading
