"""A picture taken apart: where each pixel of a broken picture came from, and which are erased.

Every change moves whole pixels or erases them, so a broken picture is an index of pixels. It is
the same for the browser's large picture and for a network's small input.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float, Integer

Edge = Literal["wrap", "mirror"]
# A side has this many units of a shift: the shipped networks' pixels.
UNITS = 56
MOST_STEPS = 250


@dataclass(frozen=True)
class Mosaic:
    """A broken picture of size x size pixels.

    Attributes:
        source: For each pixel the one of the whole picture that it shows, row by row from 0.
        holes: Pixels that are erased.
    """

    source: Integer[np.ndarray, "size size"]
    holes: Bool[np.ndarray, "size size"]

    @property
    def size(self) -> int:
        """Pixels along one side."""
        return len(self.source)


def whole(size: int) -> Mosaic:
    """A picture that nobody has broken.

    Raises:
        ValueError: If it has no pixels.
    """
    if size < 1:
        raise ValueError(f"a picture needs pixels, got a side of {size}")
    return Mosaic(np.arange(size * size).reshape(size, size), np.zeros((size, size), bool))


def rearrange(mosaic: Mosaic, order: Sequence[int] | Integer[np.ndarray, " piece"]) -> Mosaic:
    """Square pieces in another order.

    Args:
        mosaic: What to rearrange.
        order: For each place the piece that comes there, row by row from 0; a permutation of
            side**2 pieces.

    Raises:
        ValueError: If `order` is no permutation of a square number of pieces, or the picture
            does not divide into them.
    """
    places = np.asarray(order)
    side = isqrt(len(places))
    if side**2 != len(places) or not np.array_equal(np.sort(places), np.arange(side**2)):
        raise ValueError("an order must name each piece of a square once")
    return _pieces(mosaic, side, lambda pieces: pieces[places])


def swap(mosaic: Mosaic, side: int, one: int, other: int) -> Mosaic:
    """Two pieces change places.

    Args:
        mosaic: What to change.
        side: Pieces along one side.
        one: A place, row by row from 0.
        other: Another.

    Raises:
        ValueError: If a place is not there, or the picture does not divide into the pieces.
    """
    _check_places(side, (one, other))
    order = np.arange(side**2)
    order[[one, other]] = other, one
    return rearrange(mosaic, order)


def turn(mosaic: Mosaic, side: int, places: Sequence[int], quarters: int) -> Mosaic:
    """Pieces turned clockwise, each about its own middle.

    Args:
        mosaic: What to change.
        side: Pieces along one side.
        places: Which, row by row from 0.
        quarters: Quarter turns; -1 is counterclockwise.

    Raises:
        ValueError: If a place is not there, or the picture does not divide into the pieces.
    """
    _check_places(side, places)

    def turned(pieces: np.ndarray) -> np.ndarray:
        pieces = pieces.copy()
        pieces[list(places)] = np.rot90(pieces[list(places)], -quarters, axes=(1, 2))
        return pieces

    return _pieces(mosaic, side, turned)


def erase(mosaic: Mosaic, side: int, places: Sequence[int], erased: bool = True) -> Mosaic:
    """Pieces erased, or brought back with `erased=False`.

    Raises:
        ValueError: If a place is not there, or the picture does not divide into the pieces.
    """
    _check_places(side, places)
    flags = np.arange(side**2)[:, None, None] * np.ones((1, *_piece(mosaic.size, side)), int)
    touched = _joined(np.isin(flags, list(places)), side)
    return Mosaic(mosaic.source, np.where(touched, erased, mosaic.holes))


def shift(mosaic: Mosaic, down: int, right: int, edge: Edge = "wrap") -> Mosaic:
    """The whole picture moved under the grid.

    Args:
        mosaic: What to move.
        down: Pixels; negative is up. At most the picture's side.
        right: Pixels; negative is left.
        edge: What comes in at the border: what left on the other side, or a mirror image.

    Raises:
        ValueError: If the picture moves by more than its side.
    """
    size = mosaic.size
    if max(abs(down), abs(right)) > size:
        raise ValueError(f"a picture of {size} pixels cannot move by {down}, {right}")
    rows, columns = (_moved(size, by, edge) for by in (down, right))
    return Mosaic(mosaic.source[np.ix_(rows, columns)], mosaic.holes[np.ix_(rows, columns)])


def _moved(size: int, by: int, edge: Edge) -> np.ndarray:
    at = np.arange(size) - by
    if edge == "wrap":
        return at % size
    return np.where(at < 0, -1 - at, np.where(at >= size, 2 * size - 1 - at, at))


def replay(steps: Sequence[Mapping[str, Any]], size: int) -> Mosaic:
    """The picture after all that somebody did to it in the browser.

    Args:
        steps: {"kind": "order", "order"}, {"kind": "swap", "side", "one", "other"},
            {"kind": "turn" or "erase" or "restore", "side", "places"} (`turn` with "quarters"),
            {"kind": "holes", "side", "places"} (these and no others), or
            {"kind": "shift", "down", "right", "edge"} in units of 1/56 of the side.
        size: Side in pixels, a multiple of 56.

    Raises:
        ValueError: If a step is not one of these, is about places that are not there, or there
            are more than 250 of them.
    """
    if size % UNITS:
        raise ValueError(f"a side of {size} pixels does not divide into {UNITS} units")
    if len(steps) > MOST_STEPS:
        raise ValueError(f"at most {MOST_STEPS} steps can be replayed, got {len(steps)}")
    mosaic = whole(size)
    for step in steps:
        try:
            mosaic = _STEPS[step["kind"]](mosaic, step)
        except (KeyError, TypeError, IndexError, OverflowError) as problem:
            raise ValueError(f"this is no step: {str(step)[:80]}") from problem
    return mosaic


def _shift_step(mosaic: Mosaic, step: Mapping[str, Any]) -> Mosaic:
    unit = mosaic.size // UNITS
    edge: Edge = "mirror" if step["edge"] == "mirror" else "wrap"
    return shift(mosaic, int(step["down"]) * unit, int(step["right"]) * unit, edge)


_STEPS: dict[str, Callable[[Mosaic, Mapping[str, Any]], Mosaic]] = {
    "order": lambda mosaic, step: rearrange(mosaic, step["order"]),
    "swap": lambda mosaic, step: swap(mosaic, step["side"], step["one"], step["other"]),
    "turn": lambda mosaic, step: turn(mosaic, step["side"], step["places"], int(step["quarters"])),
    "erase": lambda mosaic, step: erase(mosaic, step["side"], step["places"]),
    "restore": lambda mosaic, step: erase(mosaic, step["side"], step["places"], False),
    "holes": lambda mosaic, step: erase(
        Mosaic(mosaic.source, np.zeros_like(mosaic.holes)), step["side"], step["places"]
    ),
    "shift": _shift_step,
}


def applied(
    mosaic: Mosaic, pixels: Float[np.ndarray, "1 channel size size"]
) -> Float[np.ndarray, "1 channel size size"]:
    """The broken picture as a network's input; erased pixels are 0, the mean of its training.

    Raises:
        ValueError: If mosaic and pixels differ in size.
    """
    if pixels.shape[-1] != mosaic.size:
        raise ValueError(f"a mosaic of {mosaic.size} does not fit {pixels.shape[-1]} pixels")
    flat = pixels.reshape(*pixels.shape[:2], -1)
    return np.where(mosaic.holes, np.float32(0), flat[..., mosaic.source]).astype(pixels.dtype)


def patch_order(mosaic: Mosaic, grid: int) -> Integer[np.ndarray, " patch"] | None:
    """The permutation of patches that a mosaic is, if it is nothing else.

    Args:
        mosaic: A broken picture.
        grid: Patches along one side.

    Returns:
        For each place the patch that stands there, or None: something is erased, turned, or
        moved by less than a patch.

    Raises:
        ValueError: If the picture does not divide into the patches.
    """
    home = _cut(whole(mosaic.size).source, grid).reshape(grid**2, -1)
    here = _cut(mosaic.source, grid).reshape(grid**2, -1)
    order = np.minimum(np.searchsorted(home[:, 0], here[:, 0]), grid**2 - 1)
    moved_whole = np.array_equal(home[order], here) and len(set(order.tolist())) == grid**2
    return order if moved_whole and not mosaic.holes.any() else None


def put_back(
    values: Float[np.ndarray, " patch"], order: Integer[np.ndarray, " place"]
) -> Float[np.ndarray, " patch"]:
    """Values of a rearranged picture's patches, each at its patch's own place.

    Raises:
        ValueError: If there is not one value a patch.
    """
    if len(values) != len(order):
        raise ValueError(f"{len(values)} values for {len(order)} patches")
    home = np.empty_like(values)
    home[order] = values
    return home


def displaced(mosaic: Mosaic) -> float:
    """Share of the pixels that are not erased and show another pixel than their own."""
    home = whole(mosaic.size).source
    return float(((mosaic.source != home) & ~mosaic.holes).mean())


def total_variation(
    before: Float[np.ndarray, " classes"], after: Float[np.ndarray, " classes"]
) -> float:
    """Share of the prediction that went from some classes to others, in [0, 1].

    Args:
        before: Shares of the classes that sum to 1.
        after: The same, later.

    Raises:
        ValueError: If shares do not sum to 1.
    """
    if not np.allclose([before.sum(), after.sum()], 1, atol=1e-4):
        raise ValueError("total variation needs shares that sum to 1")
    return float(np.abs(before - after).sum() / 2)


def _cut(plane: np.ndarray, side: int) -> np.ndarray:
    """(size, size) to (side**2, high, wide)."""
    high, wide = _piece(len(plane), side)
    parts = plane.reshape(side, high, side, wide).swapaxes(1, 2)
    return parts.reshape(side**2, high, wide)


def _joined(pieces: np.ndarray, side: int) -> np.ndarray:
    """What `_cut` cut."""
    _, high, wide = pieces.shape
    parts = pieces.reshape(side, side, high, wide).swapaxes(1, 2)
    return parts.reshape(side * high, side * wide)


def _piece(size: int, side: int) -> tuple[int, int]:
    if side < 1 or size % side:
        raise ValueError(f"{size} pixels do not divide into {side} pieces")
    return size // side, size // side


def _pieces(mosaic: Mosaic, side: int, change: Callable[[np.ndarray], np.ndarray]) -> Mosaic:
    planes = (_joined(change(_cut(p, side)), side) for p in (mosaic.source, mosaic.holes))
    return Mosaic(*planes)


def _check_places(side: int, places: Sequence[int]) -> None:
    if not all(isinstance(at, int | np.integer) and 0 <= at < side**2 for at in places):
        raise ValueError(f"places must be whole numbers from 0 to {side**2 - 1}")
