"""Tensors in numbers: what is read equals what the taps hold; norms and activations by hand."""

import json
import struct

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.convnext import ConvNeXt, ConvNeXtConfig
from models.tap import record
from viz_core import anatomy
from viz_core.blocks import wire
from viz_core.probe import blocks, clock

PLACE = "stages.1.blocks.1"


def opened(message):
    """Header and parts of a message, as `cutter/js/wire.js` reads them."""
    (length,) = struct.unpack_from("<I", message)
    header, body = json.loads(message[4 : 4 + length]), message[4 + length :]
    return header, {name: body[at : at + size] for name, (at, size) in header["parts"].items()}


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    cfg = ConvNeXtConfig(
        image_size=56, patch_size=2, width=16, depths=(2, 2), layer_scale=0.5, classes=8
    )
    return ConvNeXt(cfg).eval()


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).normal(size=(3, 3, 56, 56)).astype(np.float32)


@pytest.fixture(scope="module")
def found(model, images):
    return blocks.readings(model, images[:1])


def test_readings_are_the_tensors_that_the_taps_hold(model, images, found):
    with torch.inference_mode(), record(model, f"{PLACE}.mlp.activated") as trace:
        model(torch.tensor(images[:1]))
    tensor = trace[f"{PLACE}.mlp.activated"].numpy()
    part = wire.usual_blocks(anatomy.parts(reading.op for reading in found))[14]
    assert part.name == "stage 2, block 2"
    labels = [op.label for op in part.main]
    assert labels == ["7×7 depthwise", "LN", "linear", "GELU", "linear", "layer scale", "add"]
    reading = next(one for one in found if one.op is part.main[3])
    assert reading.mean == pytest.approx(tensor.mean(), abs=1e-6)
    assert reading.std == pytest.approx(tensor.std(), abs=1e-6)
    assert reading.negatives == pytest.approx((tensor < 0).mean())
    expected = np.sqrt(np.square(tensor[0]).mean(axis=0))
    np.testing.assert_allclose(reading.strength, expected, atol=1e-6)
    outside = ((tensor < reading.low) | (tensor > reading.high)).sum()
    assert reading.counts.sum() == tensor.size - outside
    assert outside <= 2 * blocks.TAIL * tensor.size + 2


def test_what_a_norm_is_given_and_what_a_batch_knows_of_it(model, images):
    given = blocks.entering(model, images, lambda op: op.place == f"{PLACE}.norm")
    with torch.inference_mode(), record(model, f"{PLACE}.depthwise") as trace:
        model(torch.tensor(images))
    np.testing.assert_allclose(given, trace[f"{PLACE}.depthwise"].numpy(), atol=1e-6)
    known = blocks.moments(given)
    centre = known.mean.mean(axis=0)
    spread = np.sqrt(known.square.mean(axis=0) - centre**2)
    theirs = torch.nn.functional.batch_norm(
        torch.tensor(given), None, None, training=True, eps=1e-12
    )
    ours = (given - centre[:, None, None]) / spread[:, None, None]
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-3)
    with pytest.raises(ValueError, match="no operation"):
        blocks.entering(model, images[:1], lambda op: False)
    with pytest.raises(ValueError, match="no map"):
        blocks.entering(model, images[:1], lambda op: op.place == "head.fc")


@given(st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=60))
def test_relu_zeroes_what_is_not_positive_and_gelu_almost_nothing(values):
    numbers = np.array(values, np.float32)
    bent = blocks.bent(numbers)
    assert bent.relu_zeros == pytest.approx((numbers <= 0).mean())
    assert bent.negatives <= bent.relu_zeros + 1e-9
    assert bent.gelu_zeros <= bent.relu_zeros + 1e-9
    assert bent.gelu_zeros <= bent.tiny + 1e-9


def test_four_numbers_by_hand():
    bent = blocks.bent(np.array([-1.0, 0.0, 0.5, 2.0], np.float32), bins=4)
    assert (bent.relu_zeros, bent.gelu_zeros, bent.negatives) == (0.5, 0.25, 0.25)
    assert bent.relu.sum() == 2
    assert bent.gelu.sum() == 3
    with pytest.raises(ValueError, match="finite"):
        blocks.bent(np.array([np.nan], np.float32))


def test_messages_hold_what_they_say(found, images):
    header, parts = opened(wire.blocks({"ours": found}, picture_jpeg=b"jpeg"))
    assert header["sides"] == [28, 14]
    ops = header["networks"][0]["columns"]["14"]["ops"]
    assert [op["label"] for op in ops][3] == "GELU"
    counts = np.frombuffer(parts["counts"], "<u4").reshape(-1, header["bins"])
    assert counts[ops[3]["at"]].sum() <= np.prod(ops[3]["shape"])
    start, side, top = ops[3]["map"]
    strength = np.frombuffer(parts["maps"], np.uint8)[start : start + side**2]
    assert (side, strength.max()) == (14, 255)
    assert top > 0
    with pytest.raises(ValueError, match="no network"):
        wire.blocks({}, picture_jpeg=b"")
    tensor = images[0]
    known = blocks.moments(images)
    names = ["a", "b", "c"]
    message = wire.norms({"x": tensor}, {"x": (known.mean, known.square)}, names, {"x": "here"})
    header, parts = opened(message)
    assert header["tensors"] == [{"name": "x", "where": "here", "shape": [3, 56, 56]}]
    np.testing.assert_array_equal(np.frombuffer(parts["given0"], "<f4"), tensor.ravel())
    with pytest.raises(ValueError, match="do not fit"):
        wire.norms({"x": tensor}, {"x": (known.mean, known.square)}, names[:2], {"x": "here"})


def test_pairs_are_run_in_turns():
    order = []
    clock.paired(lambda: order.append("a"), lambda: order.append("b"), pairs=4)
    assert "".join(order) == "ab" + "ab" + "ba" + "ab" + "ba"
    with pytest.raises(ValueError, match="at least one pair"):
        clock.paired(lambda: None, lambda: None, pairs=0)


def test_a_network_without_memory_gets_weights_that_run():
    with torch.device("meta"):
        empty = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    out = clock.filled(empty)(torch.ones(1, 3, 8, 8))
    assert torch.isfinite(out).all()
    assert out.std() > 0
