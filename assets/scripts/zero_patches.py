"""One attention by hand: patches of a picture become queries, keys and values, and mix."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.transformer import Attention, TransformerConfig
from models.weights import load
from viz_core import images, stepper_tokens, stepper_weights
from viz_core.probe import transformer

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "vit_nano_patch4_56"
PATCHES = (60, 104, 20, 130, 7)  # row by row, from 0
SECOND = None  # in cross-attention the path of a second picture, whose patches are looked at
SECOND_PATCHES = ()
WEIGHTS = "own kind"  # or "random"
HEADS = 2
SCALE = True  # divide scores by the root of a head's width
CAUSAL = False  # no token looks at those that come after it
EDITS = ()  # numbers typed over: ("x", "y", "q", "k", "v" or "o", row, column, value)
WIDTH = 8

model, how = load(NETWORK), CATALOG[NETWORK].preprocessing


def vectors(path: str) -> np.ndarray:
    """What the network's first layer makes of every patch of a picture."""
    seen = images.prepare(images.decode(Path(path).read_bytes()), **vars(how))
    return transformer.patch_tokens(model, seen.pixels)


mine = vectors(PICTURE)
along = stepper_tokens.directions(mine, WIDTH)
matrices = {"x": stepper_tokens.coordinates(mine[list(PATCHES)], along)}
if SECOND:
    matrices["y"] = stepper_tokens.coordinates(vectors(SECOND)[list(SECOND_PATCHES)], along)
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
