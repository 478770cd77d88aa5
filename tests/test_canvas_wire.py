import json
import struct

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core import colour
from viz_core.canvas import wire

PICTURE = {"picture_jpeg": b"\xff\xd8 not really a picture", "picture_size": (8, 8)}


def softmax_rows(seed, shape):
    weights = np.exp(2 * np.random.default_rng(seed).standard_normal(shape))
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32)


def pack(seed=0, layers=3, heads=2, grid=(2, 3), prefix=("class token",)):
    n = len(prefix) + grid[0] * grid[1]
    patterns = softmax_rows(seed, (layers, heads, n, n))
    return patterns, wire.pack_attention(patterns, grid=grid, prefix=prefix, **PICTURE)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    layers=st.integers(1, 4),
    heads=st.integers(1, 3),
    rows=st.integers(1, 5),
    columns=st.integers(1, 5),
    prefix=st.lists(st.text(min_size=1, max_size=9), max_size=3),
)
def test_attention_comes_back_to_one_level(seed, layers, heads, rows, columns, prefix):
    patterns, frame = pack(seed, layers, heads, (rows, columns), tuple(prefix))
    picture, found = wire.unpack_attention(frame)
    assert picture == PICTURE["picture_jpeg"]
    for layer, ours in found.items():
        largest = patterns[layer].max(axis=-1, keepdims=True)
        assert (np.abs(ours - patterns[layer]) <= largest / 255 + 1e-7).all()
        np.testing.assert_allclose(ours.max(axis=-1, keepdims=True), largest, rtol=1e-6)
    assert sorted(found) == [*range(layers)]


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), layers=st.integers(1, 5), data=st.data())
def test_a_split_frame_holds_every_layer_once(seed, layers, data):
    _, frame = pack(seed, layers)
    layer = data.draw(st.integers(0, layers - 1))
    first, rest = wire.split(frame, layer)
    picture, now = wire.unpack_attention(first)
    nothing, later = wire.unpack_attention(rest) if rest else (b"", {})
    assert [*now] == [layer]
    assert (picture, nothing) == (PICTURE["picture_jpeg"], b"")
    _, whole = wire.unpack_attention(frame)
    for k, values in (now | later).items():
        np.testing.assert_array_equal(values, whole[k])
    assert sorted(now | later) == [*range(layers)]
    assert {wire.unpack_header(part)[0]["id"] for part in (first, frame)} == {
        wire.unpack_header(frame)[0]["id"]
    }


def test_the_frame_by_hand():
    patterns = np.array([[[[0.75, 0.25], [0.5, 0.5]]]], np.float32)
    frame = wire.pack_attention(
        patterns, picture_jpeg=b"abc", picture_size=(5, 4), grid=(1, 1), prefix=("c",)
    )
    magic, version, length = struct.unpack_from("<4sII", frame)
    assert (magic, version, length % 4) == (b"SACC", 1, 0)
    header = json.loads(frame[12 : 12 + length])
    assert header["picture"] == {"bytes": 3, "width": 5, "height": 4}
    body = frame[12 + length :]
    assert body == b"abc\0" + struct.pack("<2f", 0.75, 0.5) + bytes([255, 147, 255, 255])


def test_vit_base_stays_under_6_megabytes():
    patterns = np.full((12, 12, 197, 197), 1 / 197, np.float32)
    frame = wire.pack_attention(
        patterns, picture_jpeg=bytes(80_000), picture_size=(224, 224), grid=(14, 14)
    )
    first, rest = wire.split(frame, 11)
    assert len(first) + len(rest) <= 6_000_000


def test_a_row_of_zeros_stays_zero():
    zeros = np.zeros((1, 1, 2, 2), np.float32)
    frame = wire.pack_attention(zeros, grid=(1, 2), prefix=(), **PICTURE)
    assert not wire.unpack_attention(frame)[1][0].any()


@pytest.mark.parametrize(
    ("values", "grid", "message"),
    [
        (np.full((1, 1, 3, 3), 1 / 3, np.float32), (2, 2), "3 tokens are not 1 [+] 2 x 2"),
        (np.full((1, 1, 3, 3), np.nan, np.float32), (1, 2), "finite"),
        (np.full((1, 1, 3, 3), -1.0, np.float32), (1, 2), "not negative"),
    ],
)
def test_attention_that_cannot_be_is_refused(values, grid, message):
    with pytest.raises(ValueError, match=message):
        wire.pack_attention(values, grid=grid, **PICTURE)


@settings(deadline=None, max_examples=60)
@given(cut=st.floats(0, 0.999))
def test_a_cut_frame_is_refused(cut):
    _, frame = pack()
    with pytest.raises(ValueError, match="frame"):
        wire.unpack_attention(frame[: int(cut * len(frame))])


def test_other_versions_kinds_and_layers_are_refused():
    _, frame = pack()
    with pytest.raises(ValueError, match="version 2"):
        wire.unpack_header(b"SACC\2" + frame[5:])
    mask = wire.pack_mask(np.zeros((2, 2), bool), **PICTURE)
    with pytest.raises(ValueError, match="kind 'mask'"):
        wire.unpack_attention(mask)
    with pytest.raises(ValueError, match="layer 9"):
        wire.split(frame, 9)
    assert wire.split(mask, 0) == (mask, None)


def test_regions_maps_and_comparisons_name_all_they_hold():
    with pytest.raises(ValueError, match="-1 to 0"):
        wire.pack_regions(np.ones((1, 2, 2), np.int64), ["one"], **PICTURE)
    with pytest.raises(ValueError, match="1 steps but 2 names"):
        wire.pack_regions(np.zeros((1, 2, 2), np.int64), ["a"], steps=("a", "b"), **PICTURE)
    with pytest.raises(ValueError, match="2 maps but 1 labels"):
        wire.pack_maps(np.zeros((2, 2, 2)), ["one"], **PICTURE)
    with pytest.raises(ValueError, match="not negative"):
        wire.pack_maps(np.full((1, 2, 2), -1.0), ["one"], **PICTURE)
    with pytest.raises(ValueError, match="only attention"):
        wire.pack_compare([wire.pack_mask(np.zeros((2, 2), bool), **PICTURE)], ["mask"])
    regions = wire.pack_regions(np.array([[[0, -1]]]), ["one"], **PICTURE)
    assert regions.endswith(struct.pack("<2H", 0, wire.NO_REGION))


def test_a_comparison_splits_every_panel():
    (_, a), (_, b) = pack(0, layers=4), pack(1, layers=2)
    first, rest = wire.split(wire.pack_compare([a, b], ["a", "b"]), 3)
    for whole, expected in ((first, [[3], [1]]), (rest, [[0, 1, 2], [0]])):
        header, start = wire.unpack_header(whole)
        present = []
        for length in header["parts"]:
            part = whole[start : start + length]
            present.append([*wire.unpack_attention(part)[1]])
            start += length + -length % 4
        assert present == expected
    assert wire.unpack_header(first)[0]["id"] == wire.unpack_header(rest)[0]["id"]


@pytest.mark.parametrize("name", ["magma", "viridis", "inferno", "PuOr"])
def test_colour_maps_are_matplotlibs(name):
    theirs = matplotlib.colormaps[name](np.arange(256), bytes=True)[:, :3]
    np.testing.assert_array_equal(colour.table(name), theirs)


def test_the_categorical_colours_are_okabe_and_itos():
    rgb = [matplotlib.colors.to_rgb(c) for c in matplotlib.color_sequences["okabe_ito"]]
    np.testing.assert_array_equal(colour.table("okabe_ito"), np.round(np.array(rgb) * 255))


def test_an_unknown_table_and_a_negative_overlay_are_refused():
    with pytest.raises(ValueError, match="jet"):
        colour.table("jet")
    with pytest.raises(ValueError, match="not negative"):
        colour.overlay(np.array([[-1.0]]))
    with pytest.raises(ValueError, match="opacity"):
        colour.overlay(np.array([[1.0]]), "magma", 1.5)


def test_an_overlay_by_hand():
    rgba = colour.overlay(np.array([[0.0, 0.5, 1.0]]), "magma", 1.0)
    clearest = round(255 * colour.CLEAREST_SHARE)
    np.testing.assert_array_equal(rgba[0, ::2, 3], [clearest, 255])
    np.testing.assert_array_equal(rgba[0, 1, :3], colour.table("magma")[128])
