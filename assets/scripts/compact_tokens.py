"""A tokenizer on a picture: its last map, the pixels behind each token, and small shifts."""

from pathlib import Path

import numpy as np

from models.catalog import CATALOG
from models.weights import load
from viz_core import images
from viz_core.probe import compact
from viz_core.tokenizers import shift, windows

PICTURE = "assets/gallery/cat.jpg"
NETWORK = "cct_2_3x2_32"
REACH = 3  # pixels that the picture is shifted by, either way

model = load(NETWORK)
picture = images.decode(Path(PICTURE).read_bytes())
seen = images.prepare(picture, **vars(CATALOG[NETWORK].preprocessing))
look, cfg = compact.look(model, seen.pixels), model.cfg
layers = windows.layers(
    cfg.image_size, kernel=cfg.kernel, step=cfg.stride, padding=cfg.padding,
    convolutions=cfg.conv_layers, pooled=cfg.max_pool,
)  # fmt: skip
edges = windows.spans(layers, cfg.grid)
shifts = shift.grid(REACH)
tokens, logits = compact.tokens(model, shift.moved(seen.pixels, shifts))

numbers = {
    "map": look.maps[compact.last_map(model)],  # (channel, row, column): it becomes the tokens
    "edges": edges,  # (place, end): first pixel of a token in its row, and the one after its last
    "fields": compact.fields(model, seen.pixels, edges),  # (token, row, column): size of gradients
    "shifts": np.array(shifts),  # (shift, axis): pixels
    "change": shift.change(tokens[len(shifts) // 2], tokens),  # (shift, token): of each token
    "logits": logits,  # (shift, class): the answer to each shift
}
np.savez("numbers.npz", **numbers)
