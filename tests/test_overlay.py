import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core.colour import overlay, table
from viz_core.overlay import blend, spotlight


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 6), columns=st.integers(1, 6))
def test_a_blend_lies_between_picture_and_colour(seed, rows, columns):
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (rows * 5, columns * 7, 3), dtype=np.uint8)
    values = rng.random((rows, columns))
    colour = overlay(values)[..., :3].repeat(5, axis=0).repeat(7, axis=1)
    out = blend(picture, values).astype(int)
    assert (out >= np.minimum(picture, colour)).all()
    assert (out <= np.maximum(picture, colour)).all()


def test_blend_by_hand():
    picture = np.full((2, 4, 3), 100, np.uint8)
    out = blend(picture, np.array([[0.0, 2.0]]), opacity=1.0)
    np.testing.assert_array_equal(out[:, 2:], np.broadcast_to(table("magma")[255], (2, 2, 3)))
    alpha = overlay(np.array([[0.0, 2.0]]), "magma", 1.0)[0, 0, 3] / 255
    dark = np.round(100 * (1 - alpha) + table("magma")[0] * alpha)
    np.testing.assert_array_equal(out[:, :2], np.broadcast_to(dark, (2, 2, 3)))


def test_no_opacity_leaves_the_picture():
    picture = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    np.testing.assert_array_equal(blend(picture, np.eye(4), opacity=0.0), picture)


def test_negative_values_are_refused():
    with pytest.raises(ValueError, match="not negative"):
        blend(np.zeros((4, 4, 3), np.uint8), np.array([[-1.0]]))


def test_spotlight_by_hand():
    picture = np.full((2, 4, 3), 200, np.uint8)
    out = spotlight(picture, np.array([[True, False]]), dim=0.25)
    np.testing.assert_array_equal(out[:, :2], 200)
    np.testing.assert_array_equal(out[:, 2:], 50)


def test_spotlight_refuses_to_brighten():
    with pytest.raises(ValueError, match="dim"):
        spotlight(np.zeros((4, 4, 3), np.uint8), np.array([[True]]), dim=2.0)
