"""The film's message holds what was measured, and refuses what does not fit together."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth_toys import random_growth
from viz_core.canvas.envelope import restored
from viz_core.growth import wire


def rows(count):
    return [
        {"step": 10 * k, "share": k / max(1, count - 1), "top1": 10.0 + k} for k in range(count)
    ]


def opened(message):
    (length,) = struct.unpack_from("<I", message)
    header = json.loads(message[4 : 4 + length])
    parts = {name: message[4 + length + a :][:b] for name, (a, b) in header["parts"].items()}
    return header, parts


@given(
    seed=st.integers(0, 2**31), moments=st.integers(2, 4), prefix=st.integers(0, 1),
    rows_=st.integers(2, 3), columns=st.integers(2, 4),
)  # fmt: skip
@settings(max_examples=15, deadline=None)
def test_a_round_trip_keeps_every_number_within_half_a_level(seed, moments, prefix, rows_, columns):
    grown = random_growth(seed, moments, (rows_, columns), prefix)
    header, parts = opened(wire.pack(grown, {"run": "toy"}, rows(moments), picture_jpeg=b"abc"))
    tokens = rows_ * columns + prefix
    assert (header["tokens"], header["prefix"], header["layers"], header["heads"]) == (
        tokens,
        prefix,
        2,
        2,
    )
    assert header["map"] == [4, 6]
    assert parts["picture"] == b"abc"
    f4 = {
        name: np.frombuffer(parts[name], "<f4") for name in ("chances", "reading", "scale", "reach")
    }
    np.testing.assert_allclose(f4["chances"], grown.chances.ravel(), rtol=1e-6)
    np.testing.assert_array_equal(f4["reading"], grown.reading.ravel())
    levels = np.frombuffer(parts["levels"], np.uint8).reshape(grown.patterns.shape)
    scale = f4["scale"].reshape(grown.patterns.shape[:-1])
    error = np.abs(restored(scale, levels) - grown.patterns)
    assert (error <= scale[..., None] / 255 + 1e-7).all()
    cosines = np.frombuffer(parts["cosines"], "<i2") / wire.ONE
    np.testing.assert_allclose(cosines, grown.cosines.ravel(), atol=0.51 / wire.ONE)
    kernels = np.frombuffer(parts["kernels"], np.int8) / wire.LEVELS * header["limit"]
    within = np.abs(grown.kernels.ravel()) <= header["limit"]
    assert within.mean() > 0.9
    np.testing.assert_allclose(
        kernels[within], grown.kernels.ravel()[within], atol=0.51 * header["limit"] / wire.LEVELS
    )
    answers = np.frombuffer(parts["answers"], np.int8).reshape(grown.answers.shape)
    step = f4["reach"][:, None, None] / wire.LEVELS
    assert (np.abs(answers * step - grown.answers) <= 0.51 * step).all()
    check_components(grown, header, parts)


def check_components(grown, header, parts):
    """Variance of the kernels along a tile is the share that stands beside it."""
    count = header["components"]
    assert count == len(grown.kernels[0]) - 1  # five kernels without their mean
    tiles = np.frombuffer(parts["tiles"], np.int8).reshape(len(grown.kernels), count, -1)
    spread = np.frombuffer(parts["spread"], "<f4").reshape(len(grown.kernels), count)
    assert np.abs(tiles).max(axis=-1).min() == wire.LEVELS
    for kernels, own, shares in zip(grown.kernels, tiles, spread, strict=True):
        flat = kernels.reshape(len(kernels), -1)
        flat = flat - flat.mean(axis=0)
        along = own / np.linalg.norm(own, axis=-1, keepdims=True)
        held = ((flat @ along.T) ** 2).sum(axis=0) / (flat**2).sum()
        np.testing.assert_allclose(held, shares, atol=0.01)
        assert (np.diff(shares) <= 1e-6).all()


def test_what_python_read_out_stands_in_the_header():
    grown = random_growth()
    header, _ = opened(wire.pack(grown, {"run": "toy"}, rows(3), picture_jpeg=b""))
    assert header["run"] == "toy"
    assert header["moments"][1] == {"step": 10, "share": 0.5, "top1": 11.0}
    assert set(header["ways"]) == {"filters", "positions", "attention", "reading", "answer"}
    assert [len(one) for one in header["near"]] == [2, 2, 2]
    assert sorted(name for name, _ in header["order"]) == sorted(header["ways"])
    bare, parts = opened(wire.pack(replace(grown, cosines=None), {}, rows(3), picture_jpeg=b""))
    assert (bare["near"], parts["cosines"]) == ([], b"")


def test_what_does_not_fit_together_is_refused(monkeypatch):
    grown = random_growth()
    for bad in (rows(2), [*rows(2), {"step": 10, "share": 1.0}]):
        with pytest.raises(ValueError, match="as many growing steps"):
            wire.pack(grown, {}, bad, picture_jpeg=b"")
    with pytest.raises(ValueError, match="do not fit 6 places"):
        wire.pack(replace(grown, grid=(2, 2)), {}, rows(3), picture_jpeg=b"")
    monkeypatch.setattr(wire, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match="more than 1,000"):
        wire.pack(grown, {}, rows(3), picture_jpeg=b"")
