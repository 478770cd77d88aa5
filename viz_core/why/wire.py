"""What the component `why` is sent; `cutter/js/wire.js` reads it (see `patch_frames`).

kind       carries                                           answers
stage      picture, map, order of the cells, what can be asked
curves     logits of every step of erasing and inserting      a stage, by its `ask`
hand       logits of what was painted, and of it elsewhere     a stage, by its `of`
sheet      maps as small pictures, with what connects them
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Integer, UInt8

from viz_core import patch_frames


@dataclass(frozen=True)
class Shown:
    """The map on the stage.

    Attributes:
        values: As the method gives them.
        cells: The same on the grid of cells that are erased.
        order: Cells from the most important one, row by row from 0.
        signed: Whether values below 0 mean "speaks against".
        unit: What a value is counted in.
        score: The target of the whole picture, in logits.
        gap: How much the map adds up to too much, in logits; None if it promises no sum.
    """

    values: Float32[np.ndarray, "row column"]
    cells: Float32[np.ndarray, "cells cells"]
    order: Integer[np.ndarray, " cell"]
    signed: bool
    unit: str
    score: float
    gap: float | None = None


def token(*parts: object) -> str:
    """A short name of whatever an answer depends on, so that it finds the question."""
    text = json.dumps([str(part) for part in parts])
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def pack_stage(
    shown: Shown,
    *,
    picture_jpeg: bytes,
    filling: UInt8[np.ndarray, "size size 3"],
    logits: Float32[np.ndarray, " classes"],
    header: Mapping[str, Any],
) -> bytes:
    """The picture with its map and what to fill erased cells with.

    Args:
        shown: The map.
        picture_jpeg: What the network sees, at any resolution.
        filling: What stands where something is erased, at the network's resolution.
        logits: What the head says of the whole picture.
        header: Names and what can be chosen, as `js/store.js` reads them.

    Raises:
        ValueError: If the order is no permutation of the cells, or a value is not finite.
    """
    count = shown.cells.size
    if not np.array_equal(np.sort(shown.order), np.arange(count)):
        raise ValueError(f"an order of {count} cells must name each of them once")
    if not (np.isfinite(shown.values).all() and np.isfinite(shown.cells).all()):
        raise ValueError("a map must be finite")
    rows, columns = shown.values.shape
    told = {
        "rows": rows, "columns": columns, "cells": len(shown.cells), "signed": shown.signed,
        "unit": shown.unit, "score": shown.score, "gap": shown.gap, "size": len(filling),
    }  # fmt: skip
    return patch_frames.pack(
        {"kind": "stage", **header, "map": told, "view": {}},
        picture=picture_jpeg,
        filling=filling.tobytes(),
        logits=logits.astype("<f4").tobytes(),
        values=shown.values.astype("<f4").tobytes(),
        cells=shown.cells.astype("<f4").tobytes(),
        order=shown.order.astype("<u2").tobytes(),
    )


@dataclass(frozen=True)
class Line:
    """One curve: the share of the target while cells go or come, step by step.

    Attributes:
        name: "own", "centre" or "random".
        shares: In [0, 1]; the mean where there is more than one draw.
        auc: Area under it.
        low: Smallest of the draws at each step; None for a single curve.
        high: Largest.
    """

    name: str
    shares: Float[np.ndarray, " step"]
    auc: float
    low: Float[np.ndarray, " step"] | None = None
    high: Float[np.ndarray, " step"] | None = None


@dataclass(frozen=True)
class Walk:
    """Erasing the most important cells first, or inserting them into an empty picture.

    Attributes:
        logits: What the head says at every step.
        lines: The curves of its chart; the first is the method's own.
    """

    logits: Float[np.ndarray, "step classes"]
    lines: Sequence[Line]


def pack_curves(counts: Sequence[int], walks: Mapping[str, Walk], *, ask: str, unit: str) -> bytes:
    """Logits of every step, so that dragging needs no server.

    Args:
        counts: Cells that are erased (or inserted) at each step, from 0 to all.
        walks: By name, "deletion" and "insertion".
        ask: The stage that they belong to.
        unit: What the curves show, such as "share of “cat”".

    Raises:
        ValueError: If a walk or a curve has not one entry a step.
    """
    told: dict[str, Any] = {}
    parts: dict[str, bytes] = {}
    for name, walk in walks.items():
        lengths = {len(walk.logits), *(len(line.shares) for line in walk.lines)}
        if lengths != {len(counts)}:
            raise ValueError(f"{len(counts)} steps, but {name} has {sorted(lengths)}")
        parts[name] = walk.logits.astype("<f4").tobytes()
        told[name] = [_line(line) for line in walk.lines]
    header = {"kind": "curves", "ask": ask, "unit": unit, "counts": list(counts), "walks": told}
    return patch_frames.pack(header, **parts)


def _line(line: Line) -> dict[str, Any]:
    return {
        "name": line.name, "auc": round(line.auc, 4), "shares": _rounded(line.shares),
        "low": _rounded(line.low), "high": _rounded(line.high),
    }  # fmt: skip


def _rounded(values: Float[np.ndarray, " step"] | None) -> list[float] | None:
    return None if values is None else [round(float(value), 5) for value in values]


def pack_hand(
    logits: Float[np.ndarray, " classes"],
    random: Float[np.ndarray, "draw classes"],
    *,
    of: str,
    code: str,
    keep: bool,
) -> bytes:
    """What the head says of a picture that was painted, and of the shape at other places.

    Args:
        logits: Of the painted picture.
        random: Of the same shape at random places; none while they are not known yet.
        of: The picture, network and filling that it belongs to.
        code: The cells, see `code`.
        keep: Whether the painted cells are what is kept.
    """
    return patch_frames.pack(
        {"kind": "hand", "of": of, "code": code, "keep": keep, "draws": len(random)},
        logits=logits.astype("<f4").tobytes(),
        random=random.astype("<f4").tobytes(),
    )


def code(mask: Bool[np.ndarray, " cell"]) -> str:
    """Painted cells as hexadecimal digits, the first cell in the highest bit."""
    return np.packbits(mask).tobytes().hex()


def decoded(text: str, cells: int) -> Bool[np.ndarray, " cell"]:
    """The cells that a browser told, of a grid of `cells` in all.

    Raises:
        ValueError: If the text is no code of so many cells.
    """
    raw = bytes.fromhex(text)
    bits = np.unpackbits(np.frombuffer(raw, np.uint8))
    if len(raw) != (cells + 7) // 8 or bits[cells:].any():
        raise ValueError(f"this is no code of {cells} cells")
    return bits[:cells].astype(bool)


@dataclass(frozen=True)
class Tile:
    """A map as a small picture.

    Attributes:
        name: What a click asks for; empty if nothing.
        title: Above it.
        note: Below it, before the correlation.
        values: The map.
        signed: Whether it has a sign.
        alike: Rank correlation with the map that it is compared with; NaN if there is none.
    """

    name: str
    title: str
    note: str
    values: Float32[np.ndarray, "row column"]
    signed: bool
    alike: float


def pack_sheet(
    tiles: Sequence[Tile],
    *,
    picture_jpeg: bytes,
    matrix: Float[np.ndarray, "tile tile"] | None = None,
    header: Mapping[str, Any] | None = None,
) -> bytes:
    """Maps in a row, or along both sides of a matrix of rank correlations.

    Raises:
        ValueError: If there is no tile, or the matrix has not a row and a column for each.
    """
    if not tiles:
        raise ValueError("a sheet needs at least one map")
    if matrix is not None and matrix.shape != (len(tiles), len(tiles)):
        raise ValueError(f"a matrix of {matrix.shape} does not fit {len(tiles)} maps")
    told, body = [], b""
    for tile in tiles:
        rows, columns = tile.values.shape
        told.append({
            "name": tile.name, "title": tile.title, "note": tile.note, "signed": tile.signed,
            "rows": rows, "columns": columns, "at": len(body) // 4, "alike": _number(tile.alike),
        })  # fmt: skip
        body += tile.values.astype("<f4").tobytes()
    numbers = None if matrix is None else [[_number(r) for r in row] for row in matrix]
    return patch_frames.pack(
        {"kind": "sheet", "tiles": told, "matrix": numbers, **(header or {})},
        picture=picture_jpeg,
        maps=body,
    )


def _number(correlation: float) -> float | None:
    """JSON knows no NaN: a map that is the same everywhere has no ranks."""
    return None if np.isnan(correlation) else round(float(correlation), 4)
