"""What a value of a network can see: the theoretical field by formula, the real one by mass."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, UInt8

LEVELS = 255
HALF, MOST = 0.5, 0.9


@dataclass(frozen=True)
class Convolution:
    """A layer whose values see `kernel` neighbours along each axis.

    Attributes:
        side: Of the map that it reads.
        kernel: Neighbours that it sees along an axis.
        step: Places from one value to the next.
        padding: Places of nothing before the first.
    """

    side: int
    kernel: int
    step: int = 1
    padding: int = 0

    def seen(self, reach: Bool[np.ndarray, " place"]) -> Bool[np.ndarray, " before"]:
        """Places along one axis that the marked values see."""
        before = np.zeros(self.side, bool)
        for at in np.flatnonzero(reach):
            first = int(at) * self.step - self.padding
            before[max(0, first) : max(0, first + self.kernel)] = True
        return before


@dataclass(frozen=True)
class Windows:
    """Attention within windows, shifted cyclically and masked, as in Swin.

    Attributes:
        side: Of the map.
        window: Side of a window in tokens.
        shift: Places that the map was rolled up and left by.
    """

    side: int
    window: int
    shift: int = 0

    def seen(self, reach: Bool[np.ndarray, " place"]) -> Bool[np.ndarray, " before"]:
        """Tokens along one axis in the windows and regions of the marked ones."""
        padded = self.side + -self.side % self.window
        place = np.arange(self.side)
        band = (place >= padded - self.window).astype(int) + (place >= padded - self.shift)
        if not self.shift:
            band = np.zeros_like(place)
        group = 3 * (place // self.window) + band
        rolled = np.roll(reach, -self.shift)
        return np.roll(np.isin(group, group[rolled]), self.shift)


@dataclass(frozen=True)
class Everywhere:
    """Attention of all tokens to all: one value sees the whole map.

    Attributes:
        side: Of the map.
    """

    side: int

    def seen(self, reach: Bool[np.ndarray, " place"]) -> Bool[np.ndarray, " before"]:
        """All places, if anything is marked."""
        return np.full(self.side, bool(reach.any()))


Layer = Convolution | Windows | Everywhere


def field(layers: Sequence[Layer], place: int, side: int) -> Bool[np.ndarray, " pixel"]:
    """Pixels along one axis that can change the value at a place: the theoretical field.

    All layers here look along rows as along columns, so the field is the outer product of that
    of the row and that of the column.

    Args:
        layers: From the picture on; what looks at one place only (1 x 1, norm, MLP) is left out.
        place: Index along the axis in the last map.
        side: Places of the last map along the axis.

    Raises:
        ValueError: If there is no layer, the place is outside the map, or a layer makes no sense.

    Source:
        Araujo, Norris & Sim 2019, doi:10.23915/distill.00021, walked backwards place by place.
    """
    if not layers or not 0 <= place < side:
        raise ValueError(f"place {place} of {side} after {len(layers)} layers is nowhere")
    reach = np.arange(side) == place
    for layer in reversed(layers):
        reach = layer.seen(reach)
    return reach


def size(layers: Sequence[Layer]) -> int | None:
    """Side of the field in pixels if the picture had no border; None where attention sees all.

    Raises:
        ValueError: If a kernel or step is below 1.

    Source:
        Araujo, Norris & Sim 2019, equation 2: 1 + sum of (kernel - 1) times all steps before.
    """
    side, jump = 1, 1
    for layer in layers:
        if not isinstance(layer, Convolution):
            return None
        if layer.kernel < 1 or layer.step < 1:
            raise ValueError(f"a kernel of {layer.kernel} with a step of {layer.step} is no layer")
        side += (layer.kernel - 1) * jump
        jump *= layer.step
    return side


def centre(layers: Sequence[Layer], place: int) -> float:
    """Middle of a value's theoretical field along an axis, in pixels; the first one's is 0.5.

    It may lie off the middle of the value's share of the picture: a stride that starts at the
    first pixel puts the field of a ResNet there.

    Source:
        Araujo, Norris & Sim 2019, the recursion for the start of the first field.
    """
    start, jump = 0.5, 1
    for layer in layers:
        if isinstance(layer, Convolution):
            start += ((layer.kernel - 1) / 2 - layer.padding) * jump
            jump *= layer.step
    return start + place * jump


def convnext(
    image: int, patch: int, depths: Sequence[int], kernel: int, at: tuple[int, int]
) -> list[Layer]:
    """What looks around in a ConvNeXt up to the output of a block.

    Args:
        image: Side of the picture in pixels.
        patch: Side of the stem's patches.
        depths: Blocks of each stage.
        kernel: Of the depthwise convolutions.
        at: Stage and block, from 0.
    """
    layers: list[Layer] = [Convolution(image, patch, patch)]
    side = image // patch
    for stage, block in _up_to(depths, at):
        if stage and not block:
            layers.append(Convolution(side, 2, 2))
            side //= 2
        layers.append(Convolution(side, kernel, 1, kernel // 2))
    return layers


def resnet(
    image: int, stem: tuple[int, int, bool], depths: Sequence[int], at: tuple[int, int]
) -> list[Layer]:
    """What looks around in a bottleneck ResNet ("v1.5") up to the output of a block.

    Args:
        image: Side of the picture in pixels.
        stem: Kernel and step of the first convolution, and whether a 3 x 3 maximum follows.
        depths: Blocks of each stage.
        at: Stage and block, from 0.
    """
    kernel, step, pool = stem
    layers: list[Layer] = [Convolution(image, kernel, step, kernel // 2)]
    side = -(-image // step)
    if pool:
        layers.append(Convolution(side, 3, 2, 1))
        side = -(-side // 2)
    for stage, block in _up_to(depths, at):
        halves = 2 if stage and not block else 1
        layers.append(Convolution(side, 3, halves, 1))
        side = -(-side // halves)
    return layers


def swin(
    image: int, patch: int, windows: Sequence[Sequence[tuple[int, int, int]]], at: tuple[int, int]
) -> list[Layer]:
    """What looks around in a Swin up to the output of a block.

    Args:
        image: Side of the picture in pixels.
        patch: Side of the patches.
        windows: Side of the map, window and shift of every block of every stage.
        at: Stage and block, from 0.
    """
    layers: list[Layer] = [Convolution(image, patch, patch)]
    before = image // patch
    for stage, block in _up_to([len(stage) for stage in windows], at):
        if stage and not block:
            layers.append(Convolution(before, 2, 2))
        before, window, shift = windows[stage][block]
        layers.append(Windows(before, window, shift))
    return layers


def vit(image: int, patch: int) -> list[Layer]:
    """A ViT sees everything from its first block on."""
    return [Convolution(image, patch, patch), Everywhere(image // patch)]


def _up_to(depths: Sequence[int], at: tuple[int, int]) -> list[tuple[int, int]]:
    every = [(stage, block) for stage, depth in enumerate(depths) for block in range(depth)]
    if at not in every:
        raise ValueError(f"there is no stage {at[0]}, block {at[1]} in depths {tuple(depths)}")
    return every[: every.index(at) + 1]


def shares(
    gradients: Float[np.ndarray, "unit row column"],
) -> Float32[np.ndarray, "unit row column"]:
    """Each field divided by its sum, so that fields of different networks can be compared.

    Raises:
        ValueError: If a value is negative or not finite; a field without mass stays zero.
    """
    if not np.isfinite(gradients).all() or (gradients < 0).any():
        raise ValueError("a field needs finite sizes of gradients")
    sums = gradients.sum(axis=(1, 2), dtype=np.float64)
    unit = np.where(sums > 0, 1 / np.where(sums > 0, sums, 1), 0)
    return (gradients * unit[:, None, None]).astype(np.float32)


def radius(
    mass: Float[np.ndarray, "row column"], centre: tuple[float, float], share: float
) -> float:
    """Smallest distance from a centre within which the pixels hold a share of the mass.

    Args:
        mass: Sizes of gradients, not negative.
        centre: Row and column; the middle of the first pixel is at (0.5, 0.5).
        share: In (0, 1].

    Returns:
        Pixels, to the middle of the last pixel that is needed; 0 if there is no mass.

    Raises:
        ValueError: If the share is outside (0, 1] or a mass is negative.
    """
    if not 0 < share <= 1 or (mass < 0).any():
        raise ValueError(f"a share in (0, 1] of masses that are not negative, got {share}")
    rows, columns = np.indices(mass.shape) + 0.5
    distance = np.hypot(rows - centre[0], columns - centre[1]).ravel()
    order = np.argsort(distance, kind="stable")
    grown = np.cumsum(mass.ravel()[order], dtype=np.float64)
    if grown[-1] <= 0:
        return 0.0
    at = int(np.searchsorted(grown, share * grown[-1] * (1 - 1e-9)))
    return float(distance[order[min(at, len(order) - 1)]])


def levels(
    mass: Float[np.ndarray, "unit row column"],
) -> tuple[UInt8[np.ndarray, "unit row column"], Float32[np.ndarray, " unit"]]:
    """Square roots of the shares as bytes, and the share that 255 stands for.

    The root keeps the faint tails, where most of a field's area lies.
    """
    top = mass.max(axis=(1, 2)).astype(np.float32)
    unit = np.where(top > 0, 1 / np.where(top > 0, top, 1), 0)
    return np.rint(LEVELS * np.sqrt(mass * unit[:, None, None])).astype(np.uint8), top


def pooled(
    mass: Float[np.ndarray, "unit row column"], side: int
) -> Float32[np.ndarray, "unit side side"]:
    """Fields of a large picture summed into `side` x `side` cells; smaller ones stay as they are.

    Raises:
        ValueError: If the fields are not square or do not divide into so many cells.
    """
    units, rows, columns = mass.shape
    if rows <= side:
        return mass.astype(np.float32)
    if rows != columns or rows % side:
        raise ValueError(f"{rows} x {columns} pixels do not divide into {side} x {side} cells")
    cells = mass.reshape(units, side, rows // side, side, rows // side)
    return cells.sum(axis=(2, 4)).astype(np.float32)
