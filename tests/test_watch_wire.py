"""What the component `watch` gets, and what is refused."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core.watch.wire import Moment, frame

CLASSES = ("cat", "dog")


def moment(seed=0, grid=(2, 3), classes=2, when="now"):
    rng = np.random.default_rng(seed)
    weights, shares = rng.random(grid), rng.random(classes)
    return Moment(when, weights / weights.sum(), shares / shares.sum())


def header(message):
    (length,) = struct.unpack_from("<I", message)
    return json.loads(message[4 : 4 + length]), message[4 + length :]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 99), count=st.integers(1, 8))
def test_moments_arrive_in_order_with_their_numbers(seed, count):
    sent = [moment(seed + i, when=str(i)) for i in range(count)]
    got, body = header(frame(b"jpeg", sent, classes=CLASSES, of="it", live=True))
    assert (got["grid"], got["classes"], got["of"], got["live"]) == (
        [2, 3],
        ["cat", "dog"],
        "it",
        True,
    )
    assert [one["when"] for one in got["moments"]] == [one.when for one in sent]
    for one, other in zip(sent, got["moments"], strict=True):
        np.testing.assert_allclose(other["weights"], one.weights.ravel(), atol=6e-6)
        np.testing.assert_allclose(other["probabilities"], one.probabilities, atol=6e-6)
    assert body == b"jpeg"


def test_numbers_are_rounded_to_what_can_be_seen():
    one = Moment("now", np.array([[1 / 3, 2 / 3]]), np.array([0.123456, 0.876544]))
    got, _ = header(frame(b"", [one], classes=CLASSES, of="it"))
    assert got["moments"][0]["weights"] == [0.33333, 0.66667]
    assert got["moments"][0]["probabilities"] == [0.12346, 0.87654]


@pytest.mark.parametrize(
    ("moments", "words"),
    [
        ([], "at least one"),
        ([moment(), moment(grid=(3, 3))], "grids differ"),
        ([moment(classes=3)], "2 classes"),
        ([Moment("now", np.array([[-0.1, 1.1]]), np.array([0.5, 0.5]))], "at least 0"),
        ([Moment("now", np.array([[np.nan, 1.0]]), np.array([0.5, 0.5]))], "at least 0"),
    ],
)
def test_what_makes_no_sense_is_refused(moments, words):
    with pytest.raises(ValueError, match=words):
        frame(b"", moments, classes=CLASSES, of="it")
