from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core import images
from viz_core.sheet import own, square, strip

GALLERY = sorted((Path(__file__).parent.parent / "assets" / "gallery").glob("*.jpg"))


@settings(deadline=None, max_examples=25)
@given(height=st.integers(1, 60), width=st.integers(1, 60), side=st.integers(1, 40))
def test_a_flat_picture_stays_flat(height, width, side):
    out = square(np.full((height, width, 3), 77, np.uint8), side)
    assert out.shape == (side, side, 3)
    assert (out == 77).all()


def test_the_square_is_the_middle():
    picture = np.zeros((2, 6, 3), np.uint8)
    picture[:, 2:4] = 200
    np.testing.assert_array_equal(square(picture, 2), 200)


def test_no_side_is_refused():
    with pytest.raises(ValueError, match="positive"):
        square(np.zeros((2, 2, 3), np.uint8), 0)


def test_the_strip_holds_every_sample_in_order():
    sheet = strip(GALLERY, 32)
    assert sheet.shape == (32, 32 * len(GALLERY), 3)
    np.testing.assert_array_equal(sheet[:, 32:64], strip(GALLERY[1:2], 32))


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="no picture"):
        strip([tmp_path / "a.jpg"], 8)


def test_our_own_files_are_read_as_a_visitors_would_be():
    path = GALLERY[0]
    shown = own(path)
    decoded = images.decode(path.read_bytes())
    assert shown.shape == decoded.shape
    assert np.abs(shown.astype(int) - decoded).mean() < 1
    with pytest.raises(ValueError, match="no picture"):
        own(path.with_suffix(".png"))
