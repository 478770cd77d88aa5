"""Frames of kind `windowed`: what Python packs, and what a split leaves of it."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.apps.canvas_app import blocks
from viz_core import windows
from viz_core.canvas import wire, wire_windows
from viz_core.canvas.wire_windows import PADDING, WindowedBlock

PICTURE = {"picture_jpeg": b"\xff\xd8 not a picture", "picture_size": (8, 6)}


def pack(made):
    return wire_windows.pack_windowed(made, **PICTURE)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 2**32 - 1), side=st.integers(2, 4), layer=st.integers(0, 4))
def test_every_token_finds_its_keys_again_in_one_block_or_the_other(seed, side, layer):
    made = blocks(seed, side)
    frame = pack(made)
    first, rest = wire.split(frame, layer)
    parts = wire_windows.unpack_windowed(first), wire_windows.unpack_windowed(rest)
    assert [sorted(part) for part in parts] == [[layer], [k for k in range(5) if k != layer]]
    for k, (attention, tokens) in (parts[0] | parts[1]).items():
        block = made[k]
        np.testing.assert_array_equal(tokens, block.tokens)
        layout = windows.Layout(block.grid, block.window, block.shift)
        for token in range(block.grid[0] * block.grid[1]):
            window, slot = windows.places(layout)[token]
            row = block.patterns[window, :, slot]  # (head, key)
            error = np.abs(attention[:, token] - row)
            assert (error <= row.max(axis=-1, keepdims=True) / 255 + 1e-7).all()


def test_the_frame_by_hand():
    patterns = np.zeros((1, 1, 4, 4), np.float32)
    patterns[0, 0, 0, :2], patterns[0, 0, 1, :2] = (0.75, 0.25), (0.5, 0.5)
    patterns[0, 0, 2:, 2:] = 0.5
    tokens = np.array([[1, 0, -1, -1]])  # the roll brought token 1 to the front
    block = WindowedBlock(0, 1, 2, (1, 2), 2, 1, patterns, tokens, np.array([[0, 0, 3, 3]]))
    frame = wire_windows.pack_windowed([block], picture_jpeg=b"abc", picture_size=(2, 1))
    header, start = wire.unpack_header(frame)
    shape = dict(stage=0, block=1, depth=2, window=2, shift=1, grid=[1, 2], heads=1)
    assert header["blocks"] == [shape]
    assert (header["kind"], header["layers"], header["present"]) == ("windowed", 1, [0])
    token_0, token_1 = bytes([255, 255, 0, 0]), bytes([255, 147, 0, 0])
    assert frame[start:] == (
        b"abc\0" + struct.pack("<2f", 0.5, 0.75) + token_0 + token_1
        + struct.pack("<4H", 1, 0, PADDING, PADDING) + bytes([0, 0, 3, 3])
    )  # fmt: skip
    assert json.loads(frame[12:start]) == header


def swin_tiny():
    """Sizes of Swin-T at 224 pixels, all attention even."""
    for stage, depth in enumerate((2, 2, 6, 2)):
        side = 56 >> stage
        for k in range(depth):
            layout = windows.Layout((side, side), 7, 3 if k % 2 and side > 7 else 0)
            tokens = windows.members(layout)
            even = np.full((len(tokens), 3 << stage, 49, 49), 1 / 49, np.float32)
            yield WindowedBlock(
                stage, k, depth, layout.grid, 7, layout.shift, even, tokens, 0 * tokens
            )


def test_swin_tiny_takes_2_4_megabytes_and_a_fifth_at_once():
    frame = pack([*swin_tiny()])
    assert 2_390_000 < len(frame) < 2_400_000
    first, rest = wire.split(frame, 1)
    assert len(first) < 510_000
    assert len(first) + len(rest) < len(frame) + 2_500


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda b: {"tokens": np.where(b.tokens == 3, 4, b.tokens)}, "exactly one slot"),
        (lambda b: {"grid": (4, 9)}, "not that of 6 windows of 9 tokens"),
        (lambda b: {"patterns": -b.patterns}, "not negative"),
        (lambda b: {"regions": b.regions - 1}, "0 to 255"),
        (lambda b: {"patterns": np.full_like(b.patterns, 1 / 9)}, "between two regions"),
    ],
)
def test_a_block_that_cannot_be_is_refused(change, message):
    good = blocks()[1]
    with pytest.raises(ValueError, match=message):
        pack([replace(good, **change(good))])


def test_nothing_cut_short_and_no_other_kind_is_read_as_windows():
    frame = pack(blocks())
    with pytest.raises(ValueError, match="cut short"):
        wire_windows.unpack_windowed(frame[:-4])
    with pytest.raises(ValueError, match="no block"):
        pack([])
    mask = wire.pack_mask(np.zeros((2, 2), bool), **PICTURE)
    with pytest.raises(ValueError, match="kind 'mask'"):
        wire_windows.unpack_windowed(mask)


def test_windows_stand_beside_whole_attention_and_both_split():
    whole = np.full((3, 2, 7, 7), 1 / 7, np.float32)
    other = wire.pack_attention(whole, grid=(2, 3), **PICTURE)
    both = wire.pack_compare([pack(blocks()), other], ["Swin", "ViT"])
    first, rest = wire.split(both, 3)
    for frame, expected in ((first, ([3], [2])), (rest, ([0, 1, 2, 4], [0, 1]))):
        header, start = wire.unpack_header(frame)
        swin = frame[start : start + header["parts"][0]]
        start += header["parts"][0] + -header["parts"][0] % 4
        vit = frame[start : start + header["parts"][1]]
        present = [*wire_windows.unpack_windowed(swin)], [*wire.unpack_attention(vit)[1]]
        assert present == expected
