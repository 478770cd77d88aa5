"""A compact transformer at several moments of its training, on one picture."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from models.tap import record
from viz_core import positions as tables
from viz_core.growth_reading import Growth

KERNELS = "tokenizer.conv_layers.0.0.weight"
POSITIONS = "classifier.positional_emb"
ANSWERS, POOLING = "tokenizer.convolved.0", "classifier.pooling"


def watch(
    model: nn.Module,
    states: Sequence[Mapping[str, Tensor]],
    image: Float[np.ndarray, "1 3 side side"],
) -> Growth:
    """Run the network as it was at each moment.

    Args:
        model: A `models.compact.Compact`; left untouched, since other visitors use it: the
            weights go into a copy of it.
        states: Complete state dicts, in order.
        image: Normalised picture, as large as the network's position table was made for.

    Raises:
        ValueError: If there is no state, or the picture has another size.
        RuntimeError: If a state is not one of this network.
    """
    cfg: Any = cast(Any, model).cfg
    if not states:
        raise ValueError("a film has at least one moment")
    if image.shape[-1] != cfg.image_size:
        raise ValueError(f"this network gets {cfg.image_size} pixels, not {image.shape[-1]}")
    own = deepcopy(model)
    rows = []
    for state in states:
        own.load_state_dict(dict(state), strict=True)
        rows.append({**_seen(own, image, cfg.prefix), **_kept(state, cfg.prefix)})
    arrays = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
    for array in arrays.values():
        array.flags.writeable = False
    cosines = arrays.pop("cosines", None)
    return Growth(**arrays, cosines=cosines, grid=(cfg.grid, cfg.grid))


def _seen(model: nn.Module, image: np.ndarray, prefix: int) -> dict[str, np.ndarray]:
    """What depends on the picture."""
    where: str = cast(Any, model).views["compact attention"]
    with (
        torch.inference_mode(),
        record(model, where, ANSWERS, *([] if prefix else [POOLING])) as trace,
    ):
        logits = model(torch.from_numpy(image))[0]
        patterns = torch.cat(trace.all(where))  # (layer, head, token, token)
        class_row = patterns[-1].mean(dim=0)[0, prefix:]
    return {
        "logits": logits.numpy(),
        "patterns": patterns.numpy(),
        "reading": (class_row if prefix else trace[POOLING][0, 0]).numpy(),
        "answers": trace[ANSWERS][0].numpy(),
    }


def _kept(state: Mapping[str, Tensor], prefix: int) -> dict[str, np.ndarray]:
    """What depends on the weights alone."""
    found = {"kernels": state[KERNELS].float().permute(0, 2, 3, 1).numpy()}
    if POSITIONS in state:
        table = state[POSITIONS][0, prefix:].float().numpy()
        found["cosines"] = tables.similarity(table, centred=True)
    return found
