"""Windows of tokens, shifts of a picture, sequence pooling taken apart, the wire."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core import pooling
from viz_core.tokenizers import shift, windows, wire

PATCHES = dict(kernel=4, step=4, padding=0, convolutions=1, pooled=False)
CCT = dict(kernel=3, step=1, padding=1, convolutions=2, pooled=True)


def opened(message):
    """Header and parts of a message."""
    (length,) = struct.unpack_from("<I", message)
    header = json.loads(message[4 : 4 + length])
    body = message[4 + length :]
    return header, {name: body[at : at + size] for name, (at, size) in header["parts"].items()}


def test_patches_lie_side_by_side_and_convolutions_overlap():
    patches = windows.spans(windows.layers(32, **PATCHES), 8)
    assert patches.tolist() == [[4 * k, 4 * k + 4] for k in range(8)]
    assert windows.apart(patches) == 1
    overlapping = windows.spans(windows.layers(32, **CCT), 8)
    # 13 pixels around every fourth one, by hand: 3, then pooled 5, then 9, then pooled 13.
    expected = [[max(0, 4 * k - 6), min(32, 4 * k + 7)] for k in range(8)]
    assert overlapping.tolist() == expected
    assert windows.apart(overlapping) == 4


@pytest.mark.parametrize(
    "wrong", [dict(kernel=0), dict(padding=-1), dict(convolutions=0), dict(kernel=40, padding=0)]
)
def test_a_tokenizer_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"no tokenizer|nothing is left"):
        windows.layers(32, **{**CCT, **wrong})


def test_cut_takes_each_window_from_the_map_that_holds_it():
    edges = np.array([[0, 2], [1, 4], [3, 5]])
    found = np.arange(2 * 2 * 5 * 5, dtype=np.float32).reshape(2, 2, 5, 5)
    assert windows.apart(edges) == 2
    cut = windows.cut(found, edges)
    assert cut.shape == (9, 3, 3)
    np.testing.assert_array_equal(cut[4], found[1, 1, 1:4, 1:4])
    np.testing.assert_array_equal(cut[2, :2, :2], found[0, 0, 0:2, 3:5])
    assert not cut[2, 2].any()
    assert not cut[2, :, 2].any()


def test_a_shift_moves_pixels_and_mirrors_what_comes_in():
    image = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4).repeat(3, axis=1)
    still, right, up = shift.moved(image, np.array([[0, 0], [0, 1], [-2, 0]]))
    np.testing.assert_array_equal(still, image[0])
    assert right[0, 0].tolist() == [1, 0, 1, 2]
    assert up[0, :, 0].tolist() == [8, 12, 8, 4]
    with pytest.raises(ValueError, match="cannot move"):
        shift.moved(image, np.array([[4, 0]]))


def test_shifts_come_row_by_row_with_none_in_the_middle():
    ways = shift.grid(1)
    assert ways.tolist()[:4] == [[-1, -1], [-1, 0], [-1, 1], [0, -1]]
    assert ways[len(ways) // 2].tolist() == [0, 0]
    with pytest.raises(ValueError, match="not negative"):
        shift.grid(-1)


def test_a_change_of_one_is_the_distance_between_two_tokens():
    tokens = np.array([[0.0, 0.0], [3.0, 4.0]])
    assert shift.spread(tokens) == pytest.approx(5)
    after = np.stack([tokens, tokens[::-1], tokens + np.array([0, 1])])
    np.testing.assert_allclose(shift.change(tokens, after), [[0, 0], [1, 1], [0.2, 0.2]], atol=1e-6)
    with pytest.raises(ValueError, match="alike"):
        shift.change(np.ones((3, 2)), after=np.ones((1, 3, 2)))
    with pytest.raises(ValueError, match="alone"):
        shift.spread(np.ones((1, 2)))


def pool(seed, tokens, width=5, classes=3):
    rng = np.random.default_rng(seed)
    weights = pooling.shares(rng.normal(0, 2, tokens))
    return weights, rng.normal(size=(tokens, width)), rng.normal(size=(classes, width))


@given(seed=st.integers(0, 2**32 - 1), tokens=st.integers(2, 12))
@settings(max_examples=25, deadline=None)
def test_votes_and_bias_sum_to_the_logits_and_pools_stay_shares(seed, tokens):
    weights, x, rows = pool(seed, tokens)
    bias = np.arange(3.0)
    (logits,) = pooling.answers(weights[None], x, rows, bias)
    np.testing.assert_allclose(
        pooling.votes(weights, x, rows).sum(axis=0) + bias, logits, atol=1e-9
    )
    out = pooling.left_out(weights)
    assert (np.diag(out) == 0).all()
    np.testing.assert_allclose(out.sum(axis=1), 1, atol=1e-9)


def test_leaving_a_token_out_by_hand():
    weights = np.array([0.5, 0.3, 0.2])
    expected = [[0, 0.6, 0.4], [5 / 7, 0, 2 / 7], [0.625, 0.375, 0]]
    np.testing.assert_allclose(pooling.left_out(weights), expected)
    with pytest.raises(ValueError, match="all the weight"):
        pooling.left_out(np.array([1.0, 0.0]))
    for bad in ([0.5, 0.6], [1.5, -0.5]):
        with pytest.raises(ValueError, match="sum to 1"):
            pooling.votes(np.array(bad), np.ones((2, 1)), np.ones((1, 1)))


def network(key="cct_2_3x2_32"):
    return wire.Named(key, "CCT-2/3x2", "CCT", [("cat", 0.75)])


PIXELS = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(4, 4, 3)


def test_the_stage_carries_maps_in_levels_and_the_liveliest_first():
    maps = np.zeros((2, 2, 2), np.float32)
    maps[1] = [[-2, 1], [0, 2]]
    edges = np.array([[0, 2], [2, 4]])
    fields = np.ones((4, 2, 2), np.float32)
    fields[0] = [[4, 1], [0, 4]]
    one = wire.Tokens(network(), 2, 2, edges, fields, {"tokenizer.convolved.0": maps})
    header, parts = opened(wire.tokens([one], pixels=PIXELS, picture_jpeg=b"jpeg"))
    (told,) = header["networks"]
    (step,) = told["steps"]
    assert (step["kind"], step["layer"], step["side"], step["channels"]) == ("convolved", 0, 2, 2)
    assert step["order"] == [1, 0]
    assert step["tops"] == [0, 2]
    levels = np.frombuffer(parts["maps0_0"], np.int8).reshape(2, 2, 2)
    assert levels[1].tolist() == [[-127, 64], [0, 127]]
    assert list(parts["fields0"][:4]) == [255, 128, 0, 255]
    assert told["guesses"] == [["cat", 0.75]]
    assert parts["pixels"] == PIXELS.tobytes()
    with pytest.raises(ValueError, match="needs a network"):
        wire.tokens([], pixels=PIXELS, picture_jpeg=b"")


def test_the_lab_of_shifts_needs_every_shift():
    change = np.tile(np.array([0, 0.5], np.float32), (9, 1))
    one = wire.Shifted(network(), change, np.zeros((9, 2), np.float32))
    header, parts = opened(wire.shifts([one], reach=1, pixels=PIXELS, labels=["cat", "dog"]))
    assert header["networks"][0]["mean"] == [0.25] * 9
    assert header["top"] == 0.5
    assert np.frombuffer(parts["change0"], "<f4")[:2].tolist() == [0, 0.5]
    assert np.frombuffer(parts["shares0"], "<f4").tolist() == [0.5] * 18
    with pytest.raises(ValueError, match="25 shifts"):
        wire.shifts([one], reach=2, pixels=PIXELS, labels=["cat", "dog"])


def test_a_class_token_has_neither_votes_nor_a_plain_mean():
    logits, weights = np.array([0, np.log(3)], np.float32), np.full(4, 0.2, np.float32)
    without = np.zeros((4, 2), np.float32)
    votes = np.ones((4, 2), np.float32)
    token = wire.Read(network(), weights, logits, without, None, None)
    pooled = wire.Read(network(), weights, logits, without, logits, votes)
    header, parts = opened(
        wire.pools([token, pooled], pixels=PIXELS, picture_jpeg=b"", labels=["cat", "dog"])
    )
    first, second = header["networks"]
    assert (first["reading"], first["mean"]) == ("class token", None)
    assert (second["reading"], second["grid"]) == ("pool", 2)
    assert first["shares"] == second["mean"] == [0.25, 0.75]
    assert "votes0" not in parts
    assert np.frombuffer(parts["votes1"], "<f4").tolist() == [1.0] * 8
    with pytest.raises(ValueError, match="2 logits, 1 labels"):
        wire.pools([token], pixels=PIXELS, picture_jpeg=b"", labels=["cat"])
