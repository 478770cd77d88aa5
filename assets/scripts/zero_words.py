"""One attention by hand: words become queries, keys and values, and mix."""

import numpy as np

from models.transformer import Attention, TransformerConfig, sinusoid
from viz_core import stepper_tokens, stepper_weights
from viz_core.probe import transformer

WORDS = ("the", "cat", "sees", "the", "dog")
SECOND = None  # in cross-attention the words that are looked at
POSITIONS = False  # add the waves of the 2017 paper
WEIGHTS = "own kind"  # or "random"
HEADS = 2
SCALE = True  # divide scores by the root of a head's width
CAUSAL = False  # no token looks at those that come after it
EDITS = ()  # numbers typed over: ("x", "y", "q", "k", "v" or "o", row, column, value)
WIDTH = 8


def vectors(words: tuple[str, ...]) -> np.ndarray:
    """Vectors drawn at random from the letters, not learned; with positions if wanted."""
    letters = stepper_tokens.word_vectors(words, WIDTH)
    waves = np.round(sinusoid(len(words), WIDTH).numpy(), stepper_tokens.DIGITS) + 0.0
    return letters + waves if POSITIONS else letters


matrices = {"x": vectors(WORDS)} | ({"y": vectors(SECOND)} if SECOND else {})
weights = stepper_weights.preset(WEIGHTS, WIDTH)
for name, row, column, value in EDITS:
    (matrices if name in matrices else weights)[name][row, column] = value
x, y = matrices["x"], matrices.get("y", matrices["x"])
closed = np.triu(np.ones((len(x), len(y)), bool), 1) if CAUSAL else np.zeros((len(x), len(y)), bool)
attention = Attention(TransformerConfig(width=WIDTH, heads=HEADS, scale=SCALE)).double().eval()
walk = transformer.walk(attention, x, y, weights, closed)

numbers = {
    "x": x,  # (token, direction): tokens that ask
    "looked_at": y,  # (token, direction): tokens that are looked at, x itself in self-attention
    "query": walk.query,  # (head, query, number): x times the weights q
    "key": walk.key,  # (head, key, number): the same with k
    "value": walk.value,  # (head, key, number): the same with v
    "scores": walk.scores,  # (head, query, key): scaled dot products, very low where masked
    "pattern": walk.pattern,  # (head, query, key): softmax of the scores; rows sum to 1
    "mixed": walk.mixed,  # (head, query, number): values, averaged with the pattern
    "output": walk.output,  # (query, number): joined heads times the weights o
}
np.savez("numbers.npz", **numbers)
