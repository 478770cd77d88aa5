"""What a shift of the picture by a few pixels does to the tokens."""

import numpy as np
from jaxtyping import Float, Float32, Int


def grid(reach: int) -> Int[np.ndarray, "shift 2"]:
    """Every shift down and right by up to `reach` pixels either way, row by row.

    Raises:
        ValueError: If the reach is negative.
    """
    if reach < 0:
        raise ValueError(f"a reach is not negative, got {reach}")
    way = np.arange(-reach, reach + 1)
    return np.stack(np.meshgrid(way, way, indexing="ij"), axis=-1).reshape(-1, 2)


def moved(
    image: Float32[np.ndarray, "1 3 side side"], shifts: Int[np.ndarray, "shift 2"]
) -> Float32[np.ndarray, "shift 3 side side"]:
    """The picture moved down and right; what comes in at the border is mirrored.

    Args:
        image: Normalised picture.
        shifts: Pixels down and right, for each copy.

    Raises:
        ValueError: If a shift is as large as the picture.
    """
    side = image.shape[-1]
    most = int(np.abs(shifts).max(initial=0))
    if most >= side:
        raise ValueError(f"a picture of {side} pixels cannot move by {most}")
    wide = np.pad(image[0], ((0, 0), (most, most), (most, most)), mode="reflect")
    return np.stack(
        [
            wide[:, most - down : most - down + side, most - right : most - right + side]
            for down, right in shifts
        ]
    )


def spread(tokens: Float[np.ndarray, "token width"]) -> float:
    """Mean distance between two different tokens of a picture.

    Raises:
        ValueError: If there are fewer than two tokens.
    """
    if len(tokens) < 2:
        raise ValueError("one token alone has no distance to another")
    x = tokens.astype(np.float64)
    squares = (x * x).sum(axis=1)
    apart = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * x @ x.T, 0))
    return float(apart.sum() / (len(x) * (len(x) - 1)))


def change(
    before: Float[np.ndarray, "token width"], after: Float[np.ndarray, "shift token width"]
) -> Float32[np.ndarray, "shift token"]:
    """How far each token moved, as a share of the mean distance between two tokens of the picture.

    1 means: as different from itself as two places of the picture are from each other.

    Args:
        before: Tokens of the picture as it was.
        after: Tokens at the same places after each shift.

    Raises:
        ValueError: If all tokens are alike.
    """
    unit = spread(before)
    if unit <= 0:
        raise ValueError("all tokens are alike: there is nothing to compare a change with")
    apart = after.astype(np.float64) - before.astype(np.float64)
    return (np.linalg.norm(apart, axis=-1) / unit).astype(np.float32)
