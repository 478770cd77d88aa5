"""What a network holds at every place of a picture, block by block, and what its head looks at."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from models.tap import Trace, record, taps
from viz_core import regions, window_rollout, windows
from viz_core.probe import swin

# Outputs of blocks, by the names of timm and of the papers' code; a decoder's are left out.
_BLOCK = re.compile(
    r"^(?:(?:stages|layers)\.(?P<stage>\d+)\.blocks|layer(?P<first>\d+)|(?:classifier\.)?blocks)"
    r"\.(?P<block>\d+)\.resid_post$"
)
_SEQUENCE = ("batch", "token", "width")


@dataclass(frozen=True)
class Level:
    """One block's output on one picture; read-only float32, places row by row.

    Attributes:
        stage: Counted from 0; 0 where a network has no stages.
        block: Counted from 0 within its stage.
        grid: Rows and columns of places.
        joined: Side of the square of the block's own places that one place here is the mean of;
            1 unless its map is too large.
        tokens: What leaves the block.
        keys: What its attention compares, heads side by side; None without attention.
    """

    stage: int
    block: int
    grid: tuple[int, int]
    joined: int
    tokens: Float32[np.ndarray, "_place _width"]
    keys: Float32[np.ndarray, "_place _key_width"] | None


@dataclass(frozen=True)
class Mass:
    """Shares of the places in something that is read; read-only float64.

    Attributes:
        level: Index of the block that it belongs to; -1 where it sums up all of them.
        heads: One map a head, in order; one map where there are no heads. Joined places hold the
            mean of theirs.
        grid: Rows and columns of places.
    """

    level: int
    heads: Float[np.ndarray, "_head _place"]
    grid: tuple[int, int]


@dataclass(frozen=True)
class TokenLook:
    """One picture seen by one network.

    Attributes:
        levels: Every block, from the first on.
        masses: What the head looks at; empty for a network without attention.
        reads: What the shares are of: "class token", "sequence pooling", "mean of all tokens",
            "window rollout", or "" without attention.
    """

    levels: tuple[Level, ...]
    masses: tuple[Mass, ...]
    reads: str


def look(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    largest: int = regions.LARGEST,
) -> TokenLook:
    """Tokens, keys and shares of one forward pass.

    A masked autoencoder is given the whole picture, and only its encoder runs.

    Args:
        model: A network of the catalog; left untouched.
        image: Normalised square picture.
        largest: Places that a map may have; a larger one is made coarser.

    Raises:
        KeyError: If the network has no blocks that are known here.
    """
    known = taps(model)
    found = [(match, name) for name in known if (match := _BLOCK.match(name))]
    if not found:
        raise KeyError("this network has no blocks whose outputs are known")
    wanted = [name for _, name in found]
    beside = {name: _attention(name, known) for name in wanted}
    wanted += [
        f"{where}.{part}" for where in beside.values() if where for part in ("key", "pattern")
    ]
    pooled = "classifier.pooling"
    wanted += [pooled] * (pooled in known)
    with torch.inference_mode(), record(model, *wanted) as trace:
        _run(model, torch.tensor(image))
    layouts = _layouts(model, image, known)
    levels = [
        _level(trace, known, number, match, beside[name], (_prefix(model), layouts), largest)
        for number, (match, name) in enumerate(found)
    ]
    where = [beside[name] for _, name in found]
    masses, reads = _masses(_prefix(model), trace, where, layouts, largest)
    return TokenLook(tuple(levels), masses, reads)


def logits(
    model: nn.Module,
    images: Float32[np.ndarray, "picture 3 side side"],
    batch: int = 8,
    progress: Callable[[int, int], None] | None = None,
) -> Float32[np.ndarray, "picture classes"]:
    """What the head says of several pictures, so many in one pass.

    Args:
        model: A network with classes; left untouched.
        images: Normalised pictures.
        batch: More of them leave the cache and are not faster.
        progress: Called before each pass with how many pictures are done and how many there are;
            what it raises stops the computation and is passed on.

    Raises:
        ValueError: If there is no picture, or a batch holds none.
    """
    if not len(images) or batch < 1:
        raise ValueError(f"{len(images)} pictures in batches of {batch}")
    found = []
    for start in range(0, len(images), batch):
        if progress:
            progress(start, len(images))
        with torch.inference_mode():
            found.append(model(torch.tensor(images[start : start + batch])).numpy())
    return np.concatenate(found)


def _level(
    trace: Trace,
    known: dict[str, Any],
    number: int,
    match: re.Match[str],
    where: str | None,
    layout: tuple[int, list[windows.Layout]],
    largest: int,
) -> Level:
    name, part = match.string, match.groupdict()
    maps = _places(trace[name], known[name].axes, layout[0])
    own = (maps.shape[0], maps.shape[1])
    tokens, grid = regions.coarser(maps.flatten(0, 1).float().numpy(), own, largest)
    keys = None
    if where:
        compared = _keys(trace[f"{where}.key"], *layout, number)
        keys = _frozen(regions.coarser(compared, own, largest)[0])
    stage = int(part["first"]) - 1 if part["first"] else int(part["stage"] or 0)
    return Level(stage, int(part["block"]), grid, own[0] // grid[0], _frozen(tokens), keys)


def _attention(name: str, known: dict[str, Any]) -> str | None:
    """Where the attention of a block keeps its taps."""
    block = name.removesuffix(".resid_post")
    return next(
        (f"{block}.{a}" for a in ("attn", "self_attn") if f"{block}.{a}.key" in known), None
    )


def _run(model: nn.Module, image: Tensor) -> None:
    network = cast(Any, model)
    if hasattr(network, "encode"):  # a masked autoencoder, which sees every patch here
        network.encode(image, torch.arange(network.cfg.grid**2)[None])
    else:
        network(image)


def _prefix(model: nn.Module) -> int:
    cfg = cast(Any, model).cfg
    return int(getattr(getattr(cfg, "encoder", cfg), "prefix", 0))


def _layouts(model: nn.Module, image: np.ndarray, known: dict[str, Any]) -> list[windows.Layout]:
    """How each block of a network of windows cuts its map; empty for another network."""
    if "layers.0.blocks.0.attn.key" not in known:
        return []
    return [one for stage in swin.layouts(model, *image.shape[-2:]) for one in stage]


def _places(x: Tensor, axes: tuple[str, ...], prefix: int) -> Tensor:
    """A picture's tensor as (row, column, width)."""
    if axes == _SEQUENCE:
        patches = x[0, prefix:]
        side = round(len(patches) ** 0.5)
        return patches.reshape(side, side, -1)
    (width,) = set(axes) - {"batch", "row", "column"}
    return x.permute([axes.index(name) for name in ("batch", "row", "column", width)])[0]


def _keys(
    x: Tensor, prefix: int, layouts: list[windows.Layout], number: int
) -> Float32[np.ndarray, "_place _key_width"]:
    """Keys with their heads side by side: of a whole map, or back from its windows."""
    if not layouts:
        return x[0, :, prefix:].transpose(0, 1).flatten(1).float().numpy()
    inside = x[0].transpose(1, 2).flatten(2).float().numpy()  # (window, place, width)
    return windows.to_picture(inside, layouts[number]).reshape(-1, inside.shape[-1])


def _masses(
    prefix: int,
    trace: Trace,
    beside: list[str | None],
    layouts: list[windows.Layout],
    largest: int,
) -> tuple[tuple[Mass, ...], str]:
    patterns = [trace[f"{where}.pattern"][0].numpy() for where in beside if where]
    if not patterns:
        return (), ""
    if layouts:
        blocks = [
            window_rollout.block(one, cut) for one, cut in zip(patterns, layouts, strict=True)
        ]
        rolled = window_rollout.rollout_row(blocks)
        shares, grid = regions.coarser(rolled.reshape(-1, 1), layouts[0].grid, largest)
        return (Mass(-1, _frozen(shares.T), grid),), "window rollout"
    pooled = "classifier.pooling" in trace.tensors
    if pooled:  # read once, after the last block
        rows = {len(beside) - 1: trace["classifier.pooling"][0].numpy()}
    else:
        rows = {
            number: (one[:, 0] if prefix else one.mean(axis=1))[:, prefix:]
            for number, one in enumerate(patterns)
        }
    found = []
    for number, row in rows.items():
        side = round(row.shape[-1] ** 0.5)
        shares, grid = regions.coarser(row.T.astype(np.float64), (side, side), largest)
        found.append(Mass(number, _frozen(shares.T), grid))
    read = "class token" if prefix else "mean of all tokens"
    return tuple(found), "sequence pooling" if pooled else read


def _frozen(array: np.ndarray) -> np.ndarray:
    own = np.ascontiguousarray(array)
    own.flags.writeable = False
    return own
