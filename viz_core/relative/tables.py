"""Tables of relative position biases: read back from a bias, and replaced."""

from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from viz_core import relative_position

Kind = Literal["own", "zero", "shuffled", "mirrored", "turned"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def table_of(bias: Float[np.ndarray, "head query key"]) -> Float[np.ndarray, "offset head"]:
    """The table behind a bias: the inverse of `relative_position.bias`.

    Raises:
        ValueError: If the tokens make no square window, or two pairs of one offset differ.
    """
    side = round(bias.shape[-1] ** 0.5)
    if side * side != bias.shape[-1] or side < 1:
        raise ValueError(f"{bias.shape[-1]} tokens make no square window")
    index = relative_position.index(side)
    _, first = np.unique(index, return_index=True)
    table = np.ascontiguousarray(bias.reshape(len(bias), -1)[:, first].T)
    if not np.array_equal(relative_position.bias(table), bias):
        raise ValueError("pairs of one offset must have one bias")
    return table


def altered(
    table: Float[np.ndarray, "offset head"], kind: Kind, seed: int = 0
) -> Float[np.ndarray, "offset head"]:
    """A table to put in place of another.

    Args:
        table: As stored, (2M - 1)^2 rows.
        kind: "own": unchanged. "zero": no bias. "shuffled": every offset gets another one's
            numbers, the same for all heads. "mirrored": left and right change places. "turned":
            by 180 degrees, which is what key minus query instead of query minus key would give.
        seed: Order of the shuffled table.

    Raises:
        ValueError: If the number of rows is no (2M - 1)^2 or the kind is unknown.
    """
    side = 2 * relative_position.window_of(table) - 1
    if kind not in KINDS:
        raise ValueError(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    if kind == "zero":
        return np.zeros_like(table)
    places = np.arange(side * side).reshape(side, side)
    order = {
        "own": places.ravel(),
        "shuffled": np.random.default_rng(seed).permutation(side * side),
        "mirrored": places[:, ::-1].ravel(),
        "turned": places[::-1, ::-1].ravel(),
    }[kind]
    return table[order].copy()
