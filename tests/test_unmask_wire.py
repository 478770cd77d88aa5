"""What the component `unmask` is sent holds every byte, and masks travel as short text."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core.canvas.envelope import unpack_header
from viz_core.reconstruction import Score
from viz_core.unmask import wire

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
MASKS = np.array([[[True, False], [False, False]], [[True, True], [True, False]]])
SCORES = (Score(mse=0.25, psnr=6.02, ssim=0.5), None)


def test_a_mask_in_hexadecimal_by_hand():
    mask = np.array([[True, False, False, True, False], [False, True, False, True, False]])
    assert wire.code(mask) == "9280"  # 1001 0010 | 10 and six bits to fill up
    np.testing.assert_array_equal(wire.decoded("9280", (2, 5)), mask)


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 16), columns=st.integers(1, 16), seed=st.integers(0, 999))
def test_a_mask_comes_back_from_its_code(rows, columns, seed):
    mask = np.random.default_rng(seed).random((rows, columns)) < 0.5
    np.testing.assert_array_equal(wire.decoded(wire.code(mask), mask.shape), mask)


@pytest.mark.parametrize(
    ("text", "words"),
    [("92", "2 bytes"), ("928000", "2 bytes"), ("9281", "outside"), ("nohex!", "hexadecimal")],
)
def test_what_is_no_code_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        wire.decoded(text, (2, 5))


def test_pictures_stand_behind_their_masks_at_multiples_of_four():
    frame = wire.pack_pictures(
        PICTURES, MASKS, SCORES, of="abc", run="random 3", by="telea", slots=(4, 7)
    )
    header, start = unpack_header(frame)
    assert (header["of"], header["run"], header["by"]) == ("abc", "random 3", "telea")
    assert (header["slots"], header["grid"], header["size"]) == ([4, 7], [2, 2], 8)
    assert header["scores"] == [{"mse": 0.25, "psnr": 6.02, "ssim": 0.5}, None]
    body = np.frombuffer(frame, np.uint8, offset=start).reshape(2, 4 + 8 * 8 * 3)
    np.testing.assert_array_equal(body[:, :4], MASKS.reshape(2, 4))
    np.testing.assert_array_equal(body[:, 4:], PICTURES.reshape(2, -1))


def test_a_perfect_picture_has_no_finite_psnr_and_still_travels():
    perfect = Score(mse=0.0, psnr=math.inf, ssim=1.0)
    frame = wire.pack_pictures(PICTURES[:1], MASKS[:1], [perfect], of="a", run="hand f0")
    assert unpack_header(frame)[0]["scores"] == [{"mse": 0.0, "psnr": None, "ssim": 1.0}]


def test_the_stage_holds_the_picture_and_what_the_network_sees_of_it():
    frame = wire.pack_stage(
        PICTURES[0], picture_jpeg=b"jpeg!", picture_size=(60, 60), grid=(2, 2), header={"t": "x"}
    )
    header, start = unpack_header(frame)
    assert (header["kind"], header["size"], header["grid"], header["t"]) == (
        "unmask",
        8,
        [2, 2],
        "x",
    )
    assert header["picture"] == {"bytes": 5, "width": 60, "height": 60}
    assert frame[start : start + 5] == b"jpeg!"
    assert frame[start + 8 : start + 8 + 192] == PICTURES[0].tobytes()


def test_masks_of_all_strategies_travel_together():
    some = {
        "random": RNG.random((20, 2, 2)) < 0.5,
        "grid": np.zeros((20, 2, 2), bool),
    }
    header, start = unpack_header(frame := wire.pack_masks(some, of="abc", seed=5))
    assert (header["seed"], header["strategies"], header["ratios"][-1]) == (
        5,
        ["random", "grid"],
        95,
    )
    body = np.frombuffer(frame, np.uint8, 160, start).reshape(2, 20, 4)
    np.testing.assert_array_equal(body, np.stack(list(some.values())).reshape(2, 20, 4))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: wire.pack_stage(
                PICTURES[0], picture_jpeg=b"", picture_size=(8, 8), grid=(3, 2), header={}
            ),
            "8 pixels do not divide",
        ),
        (lambda: wire.pack_masks({"block": MASKS}, of="a", seed=0), "block must have 20 masks"),
        (
            lambda: wire.pack_pictures(PICTURES, MASKS, SCORES[:1], of="a", run="r", slots=(0, 1)),
            "do not fit",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
