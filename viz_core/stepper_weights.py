"""The stepper's weights before anybody edits them, and the edits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from viz_core.stepper_tokens import DIGITS

Preset = Literal["own kind", "random"]
GAIN = 0.6  # lets the softmax of a picture's patches neither saturate nor stay even
SPREAD = 0.35  # 1 / sqrt(8): queries come out about as large as the tokens
LARGEST = 99.0
MOST_EDITS = 400
EDITABLE = ("x", "q", "k", "v", "o")


def preset(name: Preset, width: int) -> dict[str, Float[np.ndarray, "width width"]]:
    """Weights `q`, `k`, `v` and `o`, applied from the right, in the digits that are shown.

    Args:
        name: "own kind": queries and keys are both the token times 0.6, so that the score of two
            tokens is their similarity; values and output leave it as it is. "random": normal
            numbers from a fixed seed.
        width: Rows and columns.

    Raises:
        ValueError: If there is no such preset.
    """
    if name == "own kind":
        one = np.eye(width)
        return {"q": GAIN * one, "k": GAIN * one, "v": one.copy(), "o": one.copy()}
    if name == "random":
        numbers = np.random.default_rng(2017).standard_normal((4, width, width))
        return dict(zip("qkvo", np.round(SPREAD * numbers, DIGITS) + 0.0, strict=True))
    raise ValueError(f"no weights called {name!r}")


@dataclass(frozen=True)
class Edit:
    """One number that a visitor typed.

    Attributes:
        matrix: One of `EDITABLE`: the tokens or a weight.
        row: Identity of the token, or the row's number as text.
        column: Column, from 0.
        value: What stands there now.
    """

    matrix: str
    row: str
    column: int
    value: float


def read_edits(told: object) -> tuple[Edit, ...]:
    """Edits as a browser tells them, a list of [matrix, row, column, value].

    Raises:
        ValueError: If that is not what it is, or a value is not between -99 and 99.
    """
    if not isinstance(told, list) or len(told) > MOST_EDITS:
        raise ValueError("edits must be a short list")
    return tuple(_edit(one) for one in told)


def _edit(told: object) -> Edit:
    if not isinstance(told, list) or len(told) != 4:
        raise ValueError(f"no edit: {told!r}")
    matrix, row, column, value = told
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if matrix not in EDITABLE or not isinstance(column, int) or column < 0 or not numeric:
        raise ValueError(f"no edit: {told!r}")
    if not abs(value) <= LARGEST:
        raise ValueError(f"a value must be between -99 and 99, got {value}")
    return Edit(matrix, str(row), column, round(float(value), DIGITS) + 0.0)


def edited(
    matrix: Float[np.ndarray, "row column"],
    name: str,
    rows: Sequence[str],
    edits: Iterable[Edit],
) -> Float[np.ndarray, "row column"]:
    """A copy with the edits that are meant for it and that fit.

    Args:
        matrix: Values before.
        name: What edits call it.
        rows: What edits call its rows.
        edits: All edits; those of other matrices and rows are left out.

    Raises:
        ValueError: If the rows are not as many as the matrix has.
    """
    if len(rows) != len(matrix):
        raise ValueError(f"{len(rows)} names for {len(matrix)} rows")
    place = {row: index for index, row in enumerate(rows)}
    copy = matrix.copy()
    for edit in edits:
        if edit.matrix == name and edit.row in place and edit.column < matrix.shape[1]:
            copy[place[edit.row], edit.column] = edit.value
    return copy


def resting(edits: Iterable[Edit], rows: Iterable[str]) -> int:
    """How many edits belong to tokens that are not among `rows` now."""
    here = set(rows)
    return sum(edit.matrix == "x" and edit.row not in here for edit in edits)
