"""A vision transformer with other positions than its own, on a picture of any size."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast, runtime_checkable

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from models.tap import Edit, record
from viz_core import attention

Interpolation = Literal["bicubic", "bilinear"]


@dataclass(frozen=True)
class Table:
    """Positions that a network learned for its patches; read-only.

    Attributes:
        values: One vector a patch, row by row; the class token's is left out.
        grid: Rows and columns of patches.
    """

    values: Float[np.ndarray, "patch width"]
    grid: tuple[int, int]


@dataclass(frozen=True)
class Outcome:
    """What a network makes of a picture; read-only arrays.

    Attributes:
        logits: What the head returns: logits, or pooled features where there is no head.
        distance: Mean attention distance of every head in patches.
        mean_pattern: Attention of each layer, the mean of its heads; rows sum to 1.
    """

    logits: Float[np.ndarray, " classes"]
    distance: Float[np.ndarray, "layer head"]
    mean_pattern: Float[np.ndarray, "layer query key"]


def learned(model: nn.Module) -> Table:
    """The position table of a ViT at the grid that it was trained on.

    Raises:
        TypeError: If the model has no table of positions.
    """
    vit = _vit(model)
    side = int(vit.cfg.grid)
    with torch.inference_mode():
        rows = vit.positions((side, side))[0, vit.cfg.prefix :]
    values = rows.float().numpy().copy()
    values.flags.writeable = False
    return Table(values, (side, side))


def resampled(
    table: Float[np.ndarray, "patch width"],
    old: tuple[int, int],
    new: tuple[int, int],
    mode: Interpolation = "bicubic",
    antialias: bool = True,
) -> Float[np.ndarray, "new width"]:
    """A table of positions brought to another grid.

    Towards a `size`, never by a scale factor, which rounds differently. Two grids with equally
    many patches but of another shape are resampled too.

    Args:
        table: One vector a patch, row by row.
        old: Grid (rows, columns) of `table`.
        new: Grid wanted.
        mode: "bicubic" or "bilinear".
        antialias: Average over more neighbours where the new grid is coarser.

    Raises:
        ValueError: If a grid is empty or `old` does not have as many patches.

    Source:
        Dosovitskiy et al. 2021, section 3.2. The default is timm's, and equals
        `models.vit.resample_positions`.
    """
    if old[0] * old[1] != len(table) or min(*old, *new) < 1:
        raise ValueError(f"{len(table)} positions on the grid {old} cannot become {new}")
    if old == new:
        return table.copy()
    maps = torch.from_numpy(table.T.reshape(1, -1, *old).copy())  # (1, d, gh, gw)
    maps = F.interpolate(maps, size=new, mode=mode, antialias=antialias, align_corners=False)
    return maps[0].flatten(1).T.numpy().copy()


def run(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 tall wide"],
    table: Float[np.ndarray, "patch width"] | None = None,
) -> Float[np.ndarray, " classes"]:
    """Logits (or pooled features) with these positions in place of the network's own.

    The class token and the registers keep the positions that they were trained with.

    Args:
        model: A ViT; left untouched.
        image: Normalised picture; its sides are multiples of the patch size.
        table: A vector for every patch of `image`, row by row; None for what the network does
            by itself, which resamples its own table.

    Raises:
        TypeError: If the model has no table of positions.
        ValueError: If the table does not have a vector for every patch.
    """
    return _forward(model, image, table, {})


def observe(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 tall wide"],
    table: Float[np.ndarray, "patch width"] | None = None,
) -> Outcome:
    """As `run`, and what the attention does; one layer's patterns are held at a time.

    Raises:
        TypeError: If the model has no table of positions.
        ValueError: If the table does not have a vector for every patch.
    """
    vit = _vit(model)
    grid, prefix = _grid(vit, image), int(vit.cfg.prefix)
    distances, means = [], []

    def look(pattern: Tensor) -> Tensor:  # (1, h, n, n), unchanged
        distances.append(attention.distance(pattern[0].numpy(), grid, prefix))
        means.append(pattern[0].mean(dim=0).numpy())
        return pattern

    where = str(vit.views["global attention"])
    logits = _forward(model, image, table, {where: look})
    distance, mean = np.stack(distances), np.stack(means)
    distance.flags.writeable = mean.flags.writeable = False
    return Outcome(logits, distance, mean)


def _forward(
    model: nn.Module, image: np.ndarray, table: np.ndarray | None, edits: dict[str, Edit]
) -> np.ndarray:
    vit = _vit(model)
    grid, prefix = _grid(vit, image), int(vit.cfg.prefix)
    if table is not None and len(table) != grid[0] * grid[1]:
        raise ValueError(f"{len(table)} positions for {grid[0]} x {grid[1]} patches")

    def replace(x: Tensor) -> Tensor:  # (1, n, d) -> (1, n, d)
        if table is None:
            return x
        return torch.cat([x[:, :prefix], trace["patches"] + torch.tensor(table)], dim=1)

    with (
        torch.inference_mode(),
        record(model, "patches", edits=edits | {"embedded": replace}) as trace,
    ):
        logits = model(torch.from_numpy(image))[0].numpy()
    logits.flags.writeable = False
    return logits


@runtime_checkable
class _ViT(Protocol):
    """What this module needs of a `models.vit.ViT`."""

    cfg: Any
    views: Mapping[str, str]

    def positions(self, grid: tuple[int, int]) -> Tensor: ...


def _grid(vit: _ViT, image: np.ndarray) -> tuple[int, int]:
    patch = int(vit.cfg.patch_size)
    return image.shape[-2] // patch, image.shape[-1] // patch


def _vit(model: nn.Module) -> _ViT:
    if not hasattr(model, "pos_embed") or not hasattr(model, "positions"):
        raise TypeError(f"{type(model).__name__} has no table of positions")
    return cast(_ViT, model)
