"""What the stepper's browser part is sent: JSON with every matrix that is walked through."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

SIGNIFICANT = 6


@dataclass(frozen=True)
class Tokens:
    """The tokens on one side, in order.

    Attributes:
        ids: Identity of each, unique.
        labels: What people call each.
        patches: Index of each in the grid; none for words.
        grid: Rows and columns of the picture's patches; none for words.
        picture_jpeg: The picture; empty for words.
        title: What the picture or the sentence is called.
        key: Identity of the picture; empty for words.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    patches: tuple[int, ...] = ()
    grid: tuple[int, int] | None = None
    picture_jpeg: bytes = b""
    title: str = ""
    key: str = ""


def pack(
    matrices: Mapping[str, Float[np.ndarray, "..."]],
    tokens: Tokens,
    memory: Tokens | None,
    options: Mapping[str, Any],
    edits: Sequence[tuple[str, str, int, float]],
) -> bytes:
    """One state of the stepper.

    Args:
        matrices: By name, (row, column) or (head, row, column), six significant digits are sent.
        tokens: Those that ask.
        memory: Those that are looked at; none in self-attention.
        options: What else the browser must know: switches, texts, the view that Python asks for.
        edits: Cells that carry a mark: (matrix, row, column, value).

    Returns:
        JSON in UTF-8; 20 to 60 kB with a picture.

    Raises:
        ValueError: If a matrix is not finite.
    """
    for name, matrix in matrices.items():
        if not np.isfinite(matrix).all():
            raise ValueError(f"{name} is not finite")
    message = {
        **options,
        "matrices": {name: _lists(matrix) for name, matrix in matrices.items()},
        "tokens": _tokens(tokens),
        "memory": None if memory is None else _tokens(memory),
        "edits": [list(edit) for edit in edits],
    }
    return json.dumps(message, ensure_ascii=False, allow_nan=False).encode()


def pack_maps(
    maps: Mapping[str, Float[np.ndarray, "layer head query key"]],
    source: Sequence[str],
    target: Sequence[str],
    lengths: Mapping[str, int],
    options: Mapping[str, Any],
) -> bytes:
    """Who looks at whom in an encoder-decoder, every layer and head.

    Args:
        maps: `encoder`, `decoder` and `cross`: softmax weights.
        source: Words of the source with what fills it up.
        target: The same of the target.
        lengths: How many words `source` and `target` have before they are filled up.
        options: What else the browser must know.

    Raises:
        ValueError: If a map is missing or a row of it does not sum to 1.
    """
    if missing := {"encoder", "decoder", "cross"} - set(maps):
        raise ValueError(f"there is no {sorted(missing)}")
    for name, shares in maps.items():
        if not np.allclose(shares.sum(axis=-1), 1, atol=1e-6):
            raise ValueError(f"rows of {name} must sum to 1")
    message = {
        **options,
        "maps": {name: _lists(shares) for name, shares in maps.items()},
        "source": list(source),
        "target": list(target),
        "lengths": dict(lengths),
    }
    return json.dumps(message, ensure_ascii=False, allow_nan=False).encode()


def _lists(matrix: np.ndarray) -> list[Any]:
    flat = [float(f"{value:.{SIGNIFICANT}g}") for value in matrix.ravel()]
    return np.array(flat).reshape(matrix.shape).tolist()


def _tokens(tokens: Tokens) -> dict[str, Any]:
    fields = asdict(tokens)
    jpeg = fields.pop("picture_jpeg")
    fields["image"] = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" if jpeg else ""
    return fields
