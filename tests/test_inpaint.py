"""Fillings without a network: what is visible stays, small cases by hand, and who reads what."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core import inpaint, masking

every = pytest.mark.parametrize("fill", inpaint.BASELINES.values(), ids=inpaint.BASELINES)


def noise(seed, size=(24, 32)):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


@every
@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 999), ratio=st.floats(0, 1))
def test_visible_patches_stay_and_hidden_ones_are_never_read(fill, seed, ratio):
    picture, other = noise(seed), noise(seed + 1)
    mask = masking.random((6, 8), ratio, seed)
    hidden = inpaint.spread(mask, (24, 32))
    filled = fill(picture, mask)
    assert (filled == picture)[~hidden].all()
    other[~hidden] = picture[~hidden]
    assert (fill(other, mask) == filled).all()


@every
def test_a_plain_picture_stays_plain(fill):
    picture = np.full((16, 16, 3), (10, 200, 90), np.uint8)
    filled = fill(picture, masking.random((4, 4), 0.75, 1)).astype(int)
    levels = 4 if fill is inpaint.telea else 0  # OpenCV's own: its issue 25404
    assert np.abs(filled - picture).max() <= levels


@every
def test_without_anything_visible_there_is_mid_grey_and_without_holes_the_picture(fill):
    picture = noise(3)
    assert (fill(picture, np.ones((6, 8), bool)) == inpaint.MID_GREY).all()
    whole = fill(picture, np.zeros((6, 8), bool))
    assert (whole == picture).all()
    assert whole is not picture


@every
def test_a_mask_that_does_not_fit_is_refused(fill):
    with pytest.raises(ValueError, match="do not divide"):
        fill(noise(0), np.zeros((5, 8), bool))


def test_nearest_is_the_nearest_of_all_visible_pixels():
    picture, mask = noise(4, (24, 24)), masking.random((6, 6), 0.9, 2)
    hidden = inpaint.spread(mask, (24, 24))
    seen = np.argwhere(~hidden)
    filled = inpaint.nearest(picture, mask)
    for y, x in np.argwhere(hidden):
        away = ((seen - (y, x)) ** 2).sum(axis=1)
        candidates = picture[tuple(seen[away == away.min()].T)]
        assert (candidates == filled[y, x]).all(axis=1).any()


def test_harmonic_is_linear_between_two_columns():
    picture = np.zeros((4, 12, 3), np.uint8)
    picture[:, 8:] = 90
    filled = inpaint.harmonic(picture, np.array([[False, True, False]]))
    assert (filled[:, :, 0] == [0, 0, 0, 0, 18, 36, 54, 72, 90, 90, 90, 90]).all()


def test_harmonic_solves_laplace_s_equation():
    picture, mask = cv2.GaussianBlur(noise(5, (48, 48)), (0, 0), 2), masking.random((6, 6), 0.8, 1)
    hidden = inpaint.spread(mask, (48, 48))
    index = np.arange(48 * 48).reshape(48, 48)
    matrix = np.zeros((48 * 48, 48 * 48))
    for a, b in [(index[1:], index[:-1]), (index[:, 1:], index[:, :-1])]:
        for i, j in [(a, b), (b, a)]:
            matrix[i.ravel(), i.ravel()] += 1
            matrix[i.ravel(), j.ravel()] -= 1
    inner, seen = index[hidden], index[~hidden]
    flat = picture.reshape(-1, 3).astype(float)
    exact = np.linalg.solve(matrix[np.ix_(inner, inner)], -matrix[np.ix_(inner, seen)] @ flat[seen])
    filled = inpaint.harmonic(picture, mask).reshape(-1, 3)[inner]
    assert np.abs(filled - exact).max() < 0.55  # half a level of rounding


def test_opencv_fills_as_opencv_does():
    picture, mask = noise(6), masking.random((6, 8), 0.5, 0)
    holes = inpaint.spread(mask, (24, 32)).astype(np.uint8)
    for fill, radius, method in (
        (inpaint.telea, inpaint.TELEA_RADIUS, cv2.INPAINT_TELEA),
        (inpaint.navier_stokes, inpaint.NAVIER_STOKES_RADIUS, cv2.INPAINT_NS),
    ):
        open_ = np.where(holes[..., None], np.uint8(128), picture)
        assert (fill(picture, mask) == cv2.inpaint(open_, holes, radius, method)).all()


def test_a_smooth_slope_is_filled_best_by_the_film_and_worst_by_copying():
    y, x = np.indices((56, 56))
    picture = np.repeat((x + 2 * y)[..., None], 3, axis=2).astype(np.uint8)
    mask = masking.random((7, 7), 0.6, 0)
    error = {
        name: np.abs(fill(picture, mask).astype(int) - picture).mean()
        for name, fill in inpaint.BASELINES.items()
    }
    assert min(error, key=error.get) == "harmonic"
    assert max(error, key=error.get) == "nearest"
