"""What a token of a tokenizer reads: the window of pixels, by its kernels and steps."""

import numpy as np
from jaxtyping import Float32, Int

from viz_core import receptive_field
from viz_core.receptive_field import Convolution, Layer

POOL_KERNEL, POOL_STEP, POOL_PADDING = 3, 2, 1


def layers(
    side: int, *, kernel: int, step: int, padding: int, convolutions: int, pooled: bool
) -> list[Layer]:
    """Every layer of a tokenizer that looks at more than one place.

    Args:
        side: Of the picture in pixels.
        kernel: Side of the convolutions' kernels.
        step: Places from one value of a convolution to the next.
        padding: Rows of zeros around what a convolution reads.
        convolutions: How many follow each other.
        pooled: Whether a maximum over 3 x 3 places, every second one, follows each.

    Raises:
        ValueError: If a number makes no tokenizer, or nothing is left of the picture.
    """
    if min(kernel, step, convolutions) < 1 or padding < 0:
        raise ValueError(f"kernel {kernel}, step {step}, {convolutions} layers make no tokenizer")
    found: list[Layer] = []
    for _ in range(convolutions):
        found.append(Convolution(side, kernel, step, padding))
        side = (side + 2 * padding - kernel) // step + 1
        if pooled and side > 0:
            found.append(Convolution(side, POOL_KERNEL, POOL_STEP, POOL_PADDING))
            side = (side + 2 * POOL_PADDING - POOL_KERNEL) // POOL_STEP + 1
        if side < 1:
            raise ValueError(f"nothing is left of the picture under kernels of {kernel}")
    return found


def spans(found: list[Layer], grid: int) -> Int[np.ndarray, "place 2"]:
    """First pixel that each token of a row reads, and the one after its last.

    All layers look along rows as along columns, so a token's window is the square of the span
    of its row and that of its column. Clipped at the border of the picture.

    Args:
        found: From `layers`.
        grid: Tokens along a side.
    """
    reached = [np.flatnonzero(receptive_field.field(found, k, grid)) for k in range(grid)]
    return np.array([[pixels[0], pixels[-1] + 1] for pixels in reached])


def apart(edges: Int[np.ndarray, "place 2"]) -> int:
    """Tokens from one to the next whose window begins where the first one's has ended.

    Args:
        edges: From `spans`.
    """
    return next(
        (k for k in range(1, len(edges)) if (edges[k:, 0] >= edges[:-k, 1]).all()), len(edges)
    )


def cut(
    found: Float32[np.ndarray, "apart apart side side"], edges: Int[np.ndarray, "place 2"]
) -> Float32[np.ndarray, "token window window"]:
    """The window of each token, from maps that hold every so-manieth token each.

    Args:
        found: Map [r, c] holds what the tokens of rows r, r + apart, ... and columns c,
            c + apart, ... read.
        edges: From `spans`.

    Returns:
        Row by row of tokens; the first number is that of the first pixel inside the picture, and
        zeros fill up windows that leave it.
    """
    step, grid = len(found), len(edges)
    widest = int((edges[:, 1] - edges[:, 0]).max())
    out = np.zeros((grid * grid, widest, widest), np.float32)
    for token in range(grid * grid):
        row, column = divmod(token, grid)
        (top, bottom), (left, right) = edges[row], edges[column]
        seen = found[row % step, column % step, top:bottom, left:right]
        out[token, : bottom - top, : right - left] = seen
    return out
