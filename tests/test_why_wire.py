"""What the component `why` is sent, read back as the browser reads it."""

import json
import struct

import numpy as np
import pytest

from viz_core.why import figures, wire


def opened(message):
    (length,) = struct.unpack_from("<I", message)
    header = json.loads(message[4 : 4 + length])
    body = message[4 + length :]
    return header, {name: body[at : at + n] for name, (at, n) in header["parts"].items()}


def shown(order=(3, 0, 1, 2), values=None):
    values = np.arange(16, dtype=np.float32).reshape(4, 4) if values is None else values
    cells = np.array([[1, 0], [-2, 5]], np.float32)
    return wire.Shown(values, cells, np.array(order), True, "logit", 2.5, -0.25)


def packed(**changes):
    return wire.pack_stage(
        shown(**changes), picture_jpeg=b"jpeg", filling=np.full((4, 4, 3), 7, np.uint8),
        logits=np.array([1, 2, 3], np.float32), header={"ask": "a", "of": "b"},
    )  # fmt: skip


def test_a_stage_comes_back_bit_for_bit():
    header, parts = opened(packed())
    assert header["kind"] == "stage"
    assert header["map"] == {
        "rows": 4, "columns": 4, "cells": 2, "signed": True, "unit": "logit", "score": 2.5,
        "gap": -0.25, "size": 4,
    }  # fmt: skip
    np.testing.assert_array_equal(np.frombuffer(parts["values"], "<f4"), np.arange(16))
    np.testing.assert_array_equal(np.frombuffer(parts["cells"], "<f4"), [1, 0, -2, 5])
    np.testing.assert_array_equal(np.frombuffer(parts["order"], "<u2"), [3, 0, 1, 2])
    assert parts["filling"] == bytes([7]) * 48
    assert parts["picture"] == b"jpeg"


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="each of them once"):
        packed(order=(0, 0, 1, 2))
    with pytest.raises(ValueError, match="finite"):
        packed(values=np.full((2, 2), np.nan, np.float32))


def line(name, steps=3):
    flat = np.full(steps, 0.5)
    return wire.Line(name, flat, 0.123456, flat - 0.1, flat + 0.1)


def test_curves_carry_logits_of_every_step_and_all_lines():
    logits = np.arange(6, dtype=np.float32).reshape(3, 2)
    walk = wire.Walk(logits, [line("own"), line("random")])
    message = wire.pack_curves([0, 2, 4], {"deletion": walk}, ask="a", unit="share")
    header, parts = opened(message)
    assert header["counts"] == [0, 2, 4]
    own, random = header["walks"]["deletion"]
    assert (own["name"], own["auc"], own["shares"]) == ("own", 0.1235, [0.5] * 3)
    assert (random["low"], random["high"]) == ([0.4] * 3, [0.6] * 3)
    np.testing.assert_array_equal(np.frombuffer(parts["deletion"], "<f4"), np.arange(6))
    with pytest.raises(ValueError, match="2 steps, but deletion has"):
        wire.pack_curves([0, 4], {"deletion": walk}, ask="a", unit="share")


@pytest.mark.parametrize("cells", [1, 8, 49, 196])
def test_a_mask_survives_its_code(cells):
    mask = np.random.default_rng(cells).random(cells) < 0.4
    np.testing.assert_array_equal(wire.decoded(wire.code(mask), cells), mask)


@pytest.mark.parametrize("text", ["", "ff", "zz", "0001", "01"])
def test_a_code_of_another_grid_is_refused(text):
    with pytest.raises(ValueError, match=r"no code|hexadecimal"):
        wire.decoded(text, 4)


def test_a_painted_answer_says_what_it_answers():
    header, parts = opened(
        wire.pack_hand(np.zeros(3), np.ones((2, 3)), of="b", code="f0", keep=True)
    )
    assert (header["of"], header["code"], header["keep"], header["draws"]) == ("b", "f0", True, 2)
    assert np.frombuffer(parts["random"], "<f4").tolist() == [1.0] * 6


def test_a_sheet_has_its_maps_one_after_another_and_null_for_no_order():
    tiles = [
        wire.Tile("a", "A", "", np.ones((2, 2), np.float32), False, 1.0),
        wire.Tile("b", "B", "", np.full((3, 3), 2, np.float32), True, float("nan")),
    ]
    matrix = np.array([[1, np.nan], [np.nan, np.nan]])
    header, parts = opened(wire.pack_sheet(tiles, picture_jpeg=b"j", matrix=matrix))
    assert [tile["at"] for tile in header["tiles"]] == [0, 4]
    assert [tile["alike"] for tile in header["tiles"]] == [1.0, None]
    assert header["matrix"] == [[1.0, None], [None, None]]
    assert np.frombuffer(parts["maps"], "<f4").tolist() == [1.0] * 4 + [2.0] * 9
    with pytest.raises(ValueError, match="does not fit"):
        wire.pack_sheet(tiles, picture_jpeg=b"j", matrix=np.ones((3, 3)))
    with pytest.raises(ValueError, match="at least one map"):
        wire.pack_sheet([], picture_jpeg=b"j")


def test_a_question_has_one_name_and_another_question_another():
    assert wire.token("a", 1) == wire.token("a", 1)
    assert wire.token("a", 1) != wire.token("a", 2)
    assert wire.token("a", "b") != wire.token("ab")


def test_gains_are_sorted_and_the_current_method_is_bold():
    some = [
        figures.Gain("Weak", (0.01, 0.02), (0.05, 0.01)),
        figures.Gain("Strong", (0.2, 0.02), (0.3, 0.02)),
    ]
    assert [one.sure for one in some] == [False, True]
    figure = figures.gains(some, "Weak")
    deletion, insertion = figure.data
    assert list(deletion.y) == ["<b>Weak</b>", "Strong"]
    assert list(deletion.x) == [0.01, 0.2]
    assert list(insertion.error_x.array) == [0.02, 0.04]
    with pytest.raises(ValueError, match="at least one"):
        figures.gains([])
