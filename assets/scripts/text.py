"""A sentence in a small text network: its words, what they look at, what they do to the answer."""

import numpy as np

from models import text_weights
from viz_core.probe import text

NETWORK = "text_cct_trec"
SENTENCE = "Who wrote Hamlet ?"
LENGTH = None  # words to fill up to with padding
CAUSAL = False  # no token looks at those that come after it

loaded = text_weights.load(NETWORK)
read = text.read(loaded.model, loaded.vocabulary, SENTENCE, causal=CAUSAL, length=LENGTH)

numbers = {
    "words": np.array(read.words),  # (word,): as they were read
    "ids": read.ids,  # (word,): rows of the word table
    "attention": read.patterns,  # (layer, head, query, key): shares; rows sum to 1
    "pooling": read.pooling,  # (token,): share of each token in what is classified
    "word_pooling": read.word_pooling,  # (word,): the same for words
    "classes": np.array(loaded.classes),  # (class,): what they are called
    "probabilities": read.probabilities,  # (class,): the answer
    "without": read.without,  # (word, class): the answer without each word; NaN: nothing is left
    "effect": read.effect,  # (word,): what the winning class loses without it; NaN likewise
}
np.savez("numbers.npz", **numbers)
