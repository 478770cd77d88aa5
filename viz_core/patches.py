"""Pictures to patches and back, the kernels that read them, and how patches answer."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

RELATIVE_FLOOR = 1e-12


def sizes(side: int) -> tuple[int, ...]:
    """Every patch size in pixels that cuts a square picture without remainder, smallest first.

    Args:
        side: Side of the picture in pixels.

    Raises:
        ValueError: If `side` is not positive.
    """
    if side < 1:
        raise ValueError(f"a picture has at least one pixel a side, got {side}")
    return tuple(size for size in range(1, side + 1) if side % size == 0)


def cut(
    image: Float[np.ndarray, "channel height width"], patch: int
) -> Float[np.ndarray, "token number"]:
    """A picture as a sequence: one row of numbers a patch, patches row by row.

    Args:
        image: Pixels, in any unit.
        patch: Side of a patch in pixels.

    Returns:
        Row n holds patch n: its channels one after the other, each row by row. That is the
        order of a convolution's kernel, so the two can be multiplied.

    Raises:
        ValueError: If the sides are no multiples of `patch`.

    Source:
        Dosovitskiy et al. 2021, section 3.1: x of H x W x C becomes N x (P^2 C), N = HW / P^2.
    """
    channels, height, width = image.shape
    if patch < 1 or height % patch or width % patch:
        raise ValueError(f"{height} x {width} pixels do not divide into {patch}-pixel patches")
    rows, columns = height // patch, width // patch
    blocks = image.reshape(channels, rows, patch, columns, patch)
    return blocks.transpose(1, 3, 0, 2, 4).reshape(rows * columns, channels * patch * patch)


def largest_difference(
    one: Float[np.ndarray, "token width"], other: Float[np.ndarray, "token width"]
) -> float:
    """Largest absolute difference of two results, in their own unit.

    Raises:
        ValueError: If one of them is not finite: a difference would say nothing.
    """
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise ValueError("results must be finite to be compared")
    return float(np.abs(one.astype(np.float64) - other.astype(np.float64)).max(initial=0.0))


@dataclass(frozen=True)
class Components:
    """Principal components of the kernels that read a patch.

    Attributes:
        tiles: Unit vectors as small pictures (component, channel, row, column), strongest first.
        shares: Variance of the kernels along each, as a share of the whole in [0, 1].
    """

    tiles: Float[np.ndarray, "component channel row column"]
    shares: Float[np.ndarray, " component"]


def components(kernels: Float[np.ndarray, "width channel row column"], count: int) -> Components:
    """What the kernels of a patch embedding have in common: directions in the space of pixels.

    Args:
        kernels: One kernel for each number of a token.
        count: How many components at most.

    Returns:
        The strongest components, fewer if the kernels span fewer. The sign of a component is
        free; here its largest entry is positive.

    Raises:
        ValueError: If `count` is below 1, or the kernels are all alike and have no variance.

    Source:
        Dosovitskiy et al. 2021, figure 7 left (28 components of ViT-L/32). The kernels are
        centred on their mean, then a singular value decomposition in float64.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    flat = kernels.reshape(len(kernels), -1).astype(np.float64)
    centred = flat - flat.mean(axis=0)
    _, strengths, directions = np.linalg.svd(centred, full_matrices=False)
    variances = strengths**2
    if not variances.sum() > RELATIVE_FLOOR * max(1.0, float((flat**2).sum())):
        raise ValueError("kernels that are all alike have no components")
    chosen = directions[: min(count, int((variances > RELATIVE_FLOOR * variances[0]).sum()))]
    peaks = np.take_along_axis(chosen, np.abs(chosen).argmax(axis=1)[:, None], axis=1)
    return Components(
        tiles=(chosen * np.sign(peaks)).reshape(len(chosen), *kernels.shape[1:]),
        shares=variances[: len(chosen)] / variances.sum(),
    )


def answers(
    tokens: Float[np.ndarray, "token number"],
    tiles: Float[np.ndarray, "component channel row column"],
    *,
    alike: bool = False,
) -> Float[np.ndarray, "token component"]:
    """How strongly each patch answers each tile.

    Args:
        tokens: Patches as the network gets them, rows of `cut`.
        tiles: Components or kernels.
        alike: Cosine in [-1, 1] instead of the dot product: the pattern counts, not how much
            contrast the patch has. A patch of zeros answers with 0.

    Raises:
        ValueError: If a tile is not as large as a patch.
    """
    flat = tiles.reshape(len(tiles), -1).astype(np.float64)
    rows = tokens.astype(np.float64)
    if rows.shape[1] != flat.shape[1]:
        raise ValueError(f"patches of {rows.shape[1]} numbers, tiles of {flat.shape[1]}")
    if alike:
        rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), RELATIVE_FLOOR)
        flat = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), RELATIVE_FLOOR)
    return rows @ flat.T


def cosine(one: Float[np.ndarray, " width"], other: Float[np.ndarray, " width"]) -> float:
    """Cosine of the angle between two vectors, in [-1, 1].

    Raises:
        ValueError: If one of them has no length.
    """
    a, b = one.astype(np.float64), other.astype(np.float64)
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    if not length > 0:
        raise ValueError("a vector of zeros has no direction")
    return float(np.clip(a @ b / length, -1, 1))
