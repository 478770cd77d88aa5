"""Maps of any resolution on the cells that methods are compared on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core.attribution import Attribution
from viz_core.attribution.grid import cells, on_cells, side
from viz_core.attribution.methods import Shape

# What there is: pixels, ViT and CCT tokens, Swin's first and last maps, maps of convolutions.
SIDES = (7, 8, 12, 14, 16, 24, 28, 56)


def values(rows, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, rows)).astype(np.float32)


@settings(max_examples=80, deadline=None)
@given(rows=st.integers(1, 60), count=st.integers(1, 30), seed=st.integers(0, 2**16))
def test_amounts_keep_their_total_and_intensities_their_mean(rows, count, seed):
    given_values = values(rows, seed)
    amounts, intensities = (
        on_cells(given_values, count, extensive=extensive) for extensive in (True, False)
    )
    assert amounts.shape == intensities.shape == (count, count)
    assert amounts.sum() == pytest.approx(given_values.sum(), abs=1e-3)
    assert intensities.mean() == pytest.approx(given_values.mean(), abs=1e-4)
    # A cell's area turns one into the other.
    np.testing.assert_allclose(amounts * count**2 / rows**2, intensities, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(rows=st.sampled_from(SIDES), count=st.sampled_from(SIDES), seed=st.integers(0, 2**16))
def test_it_is_the_overlap_of_areas(rows, count, seed):
    """Against a grid so fine that both divide it."""
    given_values, fine = values(rows, seed), np.lcm(rows, count)
    up = given_values.astype(np.float64).repeat(fine // rows, axis=0).repeat(fine // rows, axis=1)
    blocks = up.reshape(count, fine // count, count, fine // count)
    np.testing.assert_allclose(
        on_cells(given_values, count, extensive=False), blocks.mean(axis=(1, 3)), atol=1e-5
    )
    np.testing.assert_allclose(
        on_cells(given_values, count), blocks.sum(axis=(1, 3)) / (fine // rows) ** 2, atol=1e-4
    )


def test_by_hand():
    four = np.array([[1, 2], [3, 4]], dtype=np.float32)
    assert on_cells(four, 1).item() == 10
    assert on_cells(four, 1, extensive=False).item() == 2.5
    np.testing.assert_array_equal(on_cells(four, 2), four)
    np.testing.assert_array_equal(on_cells(four, 4)[0], [0.25, 0.25, 0.5, 0.5])
    np.testing.assert_array_equal(on_cells(four, 4, extensive=False)[3], [3, 3, 4, 4])
    # Three cells over two places: the one in the middle has a third of each of the four in area.
    thirds = on_cells(four, 3, extensive=False)
    np.testing.assert_allclose(thirds[1], [2, 2.5, 3])
    assert on_cells(four, 3)[1, 1] == pytest.approx(10 / 9)


def test_an_attribution_says_itself_how_it_is_joined():
    shape = Shape(cells=2)
    for extensive, expected in ((True, 4.0), (False, 1.0)):
        found = Attribution(np.ones((4, 4), np.float32), True, "logit", 0.0, None, extensive)
        np.testing.assert_array_equal(cells(found, shape), np.full((2, 2), expected))
        np.testing.assert_array_equal(cells(found, shape), cells(found, 2))


def test_what_is_not_square_is_refused():
    with pytest.raises(ValueError, match="4 x 2 is not square"):
        on_cells(np.zeros((4, 2), np.float32), 2)


def test_cells_of_a_picture():
    assert [side(pixels) for pixels in (56, 224, 32, 384, 256, 40)] == [14, 14, 16, 16, 16, 8]
    assert side(32, tokens=8) == 8
    with pytest.raises(ValueError, match="57 pixels divide into none"):
        side(57)
