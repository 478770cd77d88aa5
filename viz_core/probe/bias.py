"""Swin's relative position bias: the tables that a network learned, and the network without."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from models.tap import Edit, record, taps
from viz_core import attention, relative_position
from viz_core.relative import tables as edits
from viz_core.relative.tables import Kind

TAP = "layers.{}.blocks.{}.attn.bias"


@dataclass(frozen=True)
class BlockTable:
    """What one block adds to its scores; read-only.

    Attributes:
        stage: From 0.
        block: Block of the stage, from 0.
        window: Side M of its windows in tokens.
        shift: How far its map is rolled, in tokens.
        values: As stored: row of the table, offset query minus key, and head.
        computed: Whether a small network computed it (Swin V2), bounded by 0 and 16.
    """

    stage: int
    block: int
    window: int
    shift: int
    values: Float[np.ndarray, "offset head"]
    computed: bool


@dataclass(frozen=True)
class Run:
    """One forward pass, with or without the bias; read-only.

    Attributes:
        logits: What the head returns: logits, or pooled features where there is no head.
        distance: For every block, mean attention distance of each head in tokens of its map.
        spread: For every block, standard deviation over the keys of a query, mean over queries
            and heads: of the scores before bias and mask, and of the bias.
    """

    logits: Float[np.ndarray, " classes"]
    distance: tuple[Float[np.ndarray, " _head"], ...]
    spread: tuple[tuple[float, float], ...]


def learned(model: nn.Module) -> tuple[BlockTable, ...]:
    """The bias tables of all blocks, first stage first.

    Args:
        model: A Swin or a Swin V2, whose table is what its small network says at every offset.

    Raises:
        KeyError: If the model has no windowed attention.

    Source:
        Liu et al. 2021 (https://arxiv.org/abs/2103.14030), equation 4; for V2 Liu et al. 2022
        (https://arxiv.org/abs/2111.09883), section 3.3.
    """
    found = []
    for stage, number, block in _blocks(model):
        computed = hasattr(block.attn, "bias_table")
        with torch.inference_mode():
            table = block.attn.bias_table() if computed else block.attn.relative_position_bias_table
        values = table.detach().float().numpy().copy()
        values.flags.writeable = False
        found.append(BlockTable(stage, number, block.window, block.shift, values, computed))
    return tuple(found)


def run(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    kind: Kind = "own",
    blocks: Sequence[tuple[int, int]] | None = None,
    seed: int = 0,
) -> Run:
    """One forward pass with another bias in some blocks.

    Args:
        model: A Swin; left untouched.
        image: Normalised picture.
        kind: What stands in place of the bias; see `relative.tables.altered`.
        blocks: (stage, block) of those that get it, from 0; None for all.
        seed: Order of the shuffled table; each block is shuffled in its own order.

    Raises:
        KeyError: If the model has no windowed attention, or no such block.
        ValueError: If the kind is unknown.

    Returns:
        Distances count places that were filled up as if they were tokens.
    """
    every = [(stage, number) for stage, number, _ in _blocks(model)]
    chosen = every if blocks is None else list(blocks)
    changed = (
        {} if kind == "own" else {
            TAP.format(*at): _edit(kind, seed + every.index(at) if at in every else seed)
            for at in chosen
        }
    )  # fmt: skip
    parts = [f"layers.*.blocks.*.attn.{part}" for part in ("pattern", "scores", "bias")]
    with torch.inference_mode(), record(model, *parts, edits=changed) as trace:
        logits = model(torch.tensor(image))[0].float().numpy()
        patterns, scores, biases = (trace.all(part) for part in parts)
        spread = tuple(
            (float(score.std(dim=-1).mean()), float(bias.std(dim=-1).mean()))
            for score, bias in zip(scores, biases, strict=True)
        )
    distances = []
    for pattern in patterns:  # (1, window, head, query, key)
        side = round(pattern.shape[-1] ** 0.5)
        far = attention.distance(pattern[0].float().numpy(), (side, side), prefix=0)
        distances.append(far.mean(axis=0))
    for array in (logits, *distances):
        array.flags.writeable = False
    return Run(logits, tuple(distances), spread)


def _edit(kind: Kind, seed: int) -> Edit:
    def replace(bias: Tensor) -> Tensor:  # (head, query, key) -> same
        table = edits.table_of(bias.float().numpy())
        made = relative_position.bias(edits.altered(table, kind, seed))
        return torch.from_numpy(np.ascontiguousarray(made)).to(bias.dtype)

    return replace


def _blocks(model: nn.Module) -> list[tuple[int, int, Any]]:
    """(stage, block, module) of every windowed block."""
    if not any(name.endswith(".attn.bias") for name in taps(model)):
        raise KeyError(f"{type(model).__name__} has no relative position bias")
    return [
        (stage, number, block)
        for stage, layer in enumerate(model.layers)  # type: ignore[arg-type]
        for number, block in enumerate(layer.blocks)
    ]
