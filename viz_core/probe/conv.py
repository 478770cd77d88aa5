"""Feature maps of any network that has them, and what each channel adds to a logit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from torch import Tensor, nn

from models.tap import Tap, record, taps
from viz_core import feature_maps
from viz_core.feature_maps import Place

# Where the architectures keep their blocks: names of timm and of the paper's code.
_BLOCKS = (
    re.compile(r"^(?:stages|layers)\.(?P<stage>\d+)\.blocks\.(?P<block>\d+)\.(?P<tap>.+)$"),
    re.compile(r"^layer(?P<first>\d+)\.(?P<block>\d+)\.(?P<tap>.+)$"),
    re.compile(r"^blocks\.(?P<block>\d+)\.(?P<tap>.+)$"),
)
_BEFORE = ("embedded",)
# What people call a block's maps, in the order in which it computes them.
_CALLED = {
    "reduced_active": "reduce",
    "spatial": "convolution",
    "spatial_active": "activation",
    "expanded": "expand",
    "depthwise": "depthwise",
    "normed": "norm",
    "mlp.expanded": "expand",
    "mlp.activated": "activation",
    "mlp.responses": "responses",
    "mlp.projected": "project",
    "resid_mid": "attention",
    "resid_post": "output",
}
_ORDER = list(_CALLED)
_TOKENS = ("batch", "token", "width")


@dataclass(frozen=True)
class MapsLook:
    """Maps of one forward pass; read-only float32, shared between visitors.

    Attributes:
        maps: By tap name, (row, column, channel).
        drives: By tap name, what every channel adds to each asked logit, (class, channel).
        classes: The classes that were asked for: the likeliest ones.
        logits: Output of the head.
    """

    maps: dict[str, Float32[np.ndarray, "_row _column _channel"]]
    drives: dict[str, Float32[np.ndarray, "_class _channel"]]
    classes: tuple[int, ...]
    logits: Float[np.ndarray, " classes"]


def places(model: nn.Module) -> tuple[Place, ...]:
    """Every tap of a network that holds a map, in the order of its blocks.

    Raises:
        KeyError: If the network has none.
    """
    found = [one for name, tap in taps(model).items() if (one := _place(name, tap))]
    if not found:
        raise KeyError("this network has no feature maps")
    return tuple(place for _, place in sorted(found, key=lambda one: one[0]))


def _place(name: str, tap: Tap) -> tuple[tuple[int, int, int], Place] | None:
    """Where a tap stands in the order of the network, and what it is."""
    if not _is_map(tap.axes):
        return None
    if name in _BEFORE:
        return (-1, 0, 0), Place(-1, 0, "output", name)
    for pattern in _BLOCKS:
        match = pattern.match(name)
        if match and match["tap"] in _CALLED:
            part = match.groupdict()
            stage = int(part["first"]) - 1 if "first" in part else int(part.get("stage", 0))
            block, called = int(part["block"]), _CALLED[part["tap"]]
            return (stage, block, _ORDER.index(part["tap"])), Place(stage, block, called, name)
    return None


def _is_map(axes: tuple[str, ...]) -> bool:
    spatial = len(axes) == 4 and axes[0] == "batch" and {"row", "column"} <= set(axes)
    return spatial or axes == _TOKENS


def _as_map(x: Tensor, axes: tuple[str, ...], prefix: int) -> Tensor:
    """A picture's tensor as (row, column, channel); tokens before the patches are left out."""
    if axes == _TOKENS:
        patches = x[0, prefix:]
        side = round(len(patches) ** 0.5)
        return patches.reshape(side, side, -1)
    (width,) = set(axes) - {"batch", "row", "column"}
    order = [axes.index(name) for name in ("batch", "row", "column", width)]
    return x.permute(order)[0]


def _prefix(model: nn.Module) -> int:
    return int(getattr(getattr(model, "cfg", None), "prefix", 0))


def look(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    where: Sequence[Place],
    count: int = 3,
) -> MapsLook:
    """Maps at `where`, and what their channels add to the likeliest classes.

    One forward pass and one backward pass a class; the parameters get no gradient.

    Args:
        model: A network; left untouched.
        image: Normalised picture.
        where: From `places`.
        count: Classes to explain.

    Raises:
        KeyError: If a place is none of the network's taps.
    """
    axes, prefix = {name: tap.axes for name, tap in taps(model).items()}, _prefix(model)
    names = [place.name for place in where]
    start = torch.tensor(image, requires_grad=True)
    with torch.enable_grad(), record(model, *names) as trace:
        logits = model(start)[0]
    classes = tuple(int(k) for k in logits.detach().argsort(descending=True)[:count])
    tensors = [trace[name] for name in names]
    maps = {
        name: _numbers(_as_map(x.detach(), axes[name], prefix))
        for name, x in zip(names, tensors, strict=True)
    }
    drives: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for k, label in enumerate(classes):
        slopes = torch.autograd.grad(logits[label], tensors, retain_graph=k + 1 < len(classes))
        for name, slope in zip(names, slopes, strict=True):
            slope_map = _numbers(_as_map(slope, axes[name], prefix))
            drives[name].append(feature_maps.drive(maps[name], slope_map))
    return MapsLook(
        maps=maps,
        drives={
            name: np.stack(rows) if rows else np.zeros((0, maps[name].shape[-1]), np.float32)
            for name, rows in drives.items()
        },
        classes=classes,
        logits=_numbers(logits.detach()),
    )


@dataclass(frozen=True)
class Summits:
    """The largest value of every channel of a map, and where it is.

    Attributes:
        values: In the units of the map.
        places: Row-major index of the token.
    """

    values: Float32[np.ndarray, " channel"]
    places: Int[np.ndarray, " channel"]


def summits(
    model: nn.Module, image: Float[np.ndarray, "1 3 height width"], where: Sequence[Place]
) -> dict[str, Summits]:
    """The largest value of every channel at `where` for one picture, by tap name.

    Raises:
        KeyError: If a place is none of the network's taps.
    """
    axes, prefix = {name: tap.axes for name, tap in taps(model).items()}, _prefix(model)
    names = [place.name for place in where]
    found = {}
    with torch.inference_mode(), record(model, *names) as trace:
        model(torch.tensor(image))
        for name in names:
            flat = _as_map(trace[name], axes[name], prefix).flatten(0, 1)  # (token, channel)
            values, at = flat.max(dim=0)
            found[name] = Summits(values.numpy(), at.numpy())
    return found


def sizes(model: nn.Module, side: int, where: Sequence[Place]) -> dict[str, tuple[int, int, int]]:
    """Rows, columns and channels of the maps at `where`, by tap name, for a square picture.

    Args:
        model: A network; it runs once on zeros.
        side: Of the picture in pixels.
        where: From `places`.
    """
    axes, prefix = {name: tap.axes for name, tap in taps(model).items()}, _prefix(model)
    names = [place.name for place in where]
    with torch.inference_mode(), record(model, *names) as trace:
        model(torch.zeros(1, 3, side, side))
    shapes = {name: _as_map(trace[name], axes[name], prefix).shape for name in names}
    return {name: (s[0], s[1], s[2]) for name, s in shapes.items()}


def field(model: nn.Module, place: Place, side: int) -> int:
    """Side in pixels of what a value at `place` can see at most; attention sees all.

    Args:
        model: A network of the catalog.
        place: From `places`.
        side: Of its input.
    """
    cfg = cast(Any, getattr(model, "cfg", None))
    if hasattr(cfg, "stem_kernel"):  # a ResNet: the 3 x 3 convolution takes the step of a stage
        layers = [(cfg.stem_kernel, cfg.stem_stride)] + [(3, 2)] * bool(cfg.stem_pool)
        for stage, block in _blocks_up_to(cfg.depths, place):
            layers.append((3, 2 if stage and not block else 1))
        before = place.tap == "reduce"
        return feature_maps.field(layers[:-1] if before else layers)
    if hasattr(cfg, "kernel") and hasattr(cfg, "patch_size"):
        layers = [(cfg.patch_size, cfg.patch_size)]
        for stage, block in _blocks_up_to(cfg.depths, place):
            layers += [(2, 2)] * bool(stage and not block) + [(cfg.kernel, 1)]
        return feature_maps.field(layers)
    return side


def _blocks_up_to(depths: Sequence[int], place: Place) -> list[tuple[int, int]]:
    every = [(stage, block) for stage, depth in enumerate(depths) for block in range(depth)]
    return [one for one in every if one <= (place.stage, place.block)]


def _numbers(x: Tensor) -> np.ndarray:
    array = np.ascontiguousarray(x.numpy())
    array.flags.writeable = False
    return array
