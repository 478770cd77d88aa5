"""Errors of reconstructions by hand, over hidden patches only, and the leak as a trap."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core import masking, reconstruction

GRID = (4, 4)
ONE = np.zeros(GRID, bool)
ONE[1, 2] = True


def noise(seed):
    return np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)


def smooth(seed):
    """A picture whose patches differ in their means more than inside."""
    low = np.random.default_rng(seed).integers(40, 216, (4, 4, 3)).repeat(4, 0).repeat(4, 1)
    return (low + np.random.default_rng(seed).integers(-20, 20, (16, 16, 3))).astype(np.uint8)


def plain(level):
    return np.full((16, 16, 3), level, np.uint8)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 999), ratio=st.floats(0.1, 1))
def test_only_hidden_patches_count(seed, ratio):
    picture, guess, mask = noise(seed), noise(seed + 1), masking.random(GRID, ratio, seed)
    paste = reconstruction.pasted(picture, guess, mask)
    hidden = mask.repeat(4, 0).repeat(4, 1)
    assert (paste[hidden] == guess[hidden]).all()
    assert (paste[~hidden] == picture[~hidden]).all()
    found = reconstruction.score(picture, guess, mask)
    assert found == reconstruction.score(picture, paste, mask)
    similar = reconstruction.similarity(picture, paste)
    assert found.ssim == pytest.approx(similar[hidden].mean())
    errors = reconstruction.patch_error(picture, guess, GRID)
    assert found.mse == pytest.approx(errors[mask].mean())
    assert (reconstruction.patch_error(picture, paste, GRID)[~mask] == 0).all()


def test_one_patch_by_hand():
    picture, guess = plain(0), plain(0)
    guess[4:8, 8:12, 0] = 51  # a fifth of white in one of three colours
    errors = reconstruction.patch_error(picture, guess, GRID)
    assert errors[1, 2] == pytest.approx(0.04 / 3)
    assert errors.sum() == errors[1, 2]
    found = reconstruction.score(picture, guess, ONE)
    assert found.mse == pytest.approx(0.04 / 3)
    assert found.psnr == pytest.approx(10 * math.log10(75))


def test_a_perfect_filling_and_no_filling_at_all():
    picture = noise(0)
    perfect = reconstruction.score(picture, picture, ONE)
    assert (perfect.mse, perfect.psnr, perfect.ssim) == (0, math.inf, pytest.approx(1))
    assert reconstruction.score(picture, plain(0), np.zeros(GRID, bool)) is None


def test_similarity_of_two_plain_pictures_by_hand():
    a, b = 0.2, 0.6
    similar = reconstruction.similarity(plain(51), plain(153))
    np.testing.assert_allclose(similar, (2 * a * b + 1e-4) / (a * a + b * b + 1e-4), atol=1e-9)
    np.testing.assert_allclose(reconstruction.similarity(noise(1), noise(1)), 1)


def test_similarity_of_one_window_by_hand():
    one, other = noise(2), noise(3)
    offsets = np.arange(-5, 6)
    bell = np.exp(-(offsets**2) / (2 * 1.5**2))
    weight = (np.outer(bell, bell) / bell.sum() ** 2)[..., None]
    x, y = (p[3:14, 2:13].astype(float) / 255 for p in (one, other))  # around (8, 7)
    mean_x, mean_y = ((weight * p).sum(axis=(0, 1)) for p in (x, y))
    var_x, var_y = ((weight * (p - m) ** 2).sum(axis=(0, 1)) for p, m in ((x, mean_x), (y, mean_y)))
    both = (weight * (x - mean_x) * (y - mean_y)).sum(axis=(0, 1))
    by_hand = ((2 * mean_x * mean_y + 1e-4) * (2 * both + 9e-4)) / (
        (mean_x**2 + mean_y**2 + 1e-4) * (var_x + var_y + 9e-4)
    )
    assert reconstruction.similarity(one, other)[8, 7] == pytest.approx(by_hand.mean(), abs=1e-9)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 999), level=st.integers(0, 255))
def test_the_true_patch_s_statistics_make_even_one_grey_look_good(seed, level):
    picture, guess, mask = smooth(seed), plain(level), masking.random(GRID, 0.75, seed)
    leaked = reconstruction.with_own_statistics(picture, guess, GRID)
    honest = reconstruction.score(picture, guess, mask)
    flattered = reconstruction.score(picture, leaked, mask)
    assert flattered.mse < honest.mse
    # Nothing is left but the variance inside of patches.
    inside = (picture / 255).reshape(4, 4, 4, 4, 3).var(axis=(1, 3, 4))
    assert flattered.mse == pytest.approx(inside[mask].mean(), abs=1e-5)


def test_own_statistics_by_hand():
    picture, guess = plain(100), plain(0)
    picture[4:8, 8:12] = np.array([60, 140] * 8).reshape(4, 4, 1)
    guess[4:8, 8:12] = np.array([20, 10] * 8).reshape(4, 4, 1)
    leaked = reconstruction.with_own_statistics(picture, guess, GRID)
    # The scale of the guess, 5 levels, is small enough for the reference's 1e-6 to show.
    assert np.abs(leaked[4:8, 8:12].astype(int) - 200 + picture[4:8, 8:12]).max() <= 1
    assert (leaked[:4] == 100).all()


def test_statistics_of_the_truth_change_nothing():
    picture = noise(4)
    assert (reconstruction.with_own_statistics(picture, picture, GRID) == picture).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: reconstruction.patch_error(noise(0), noise(1), (5, 4)),
        lambda: reconstruction.with_own_statistics(noise(0), noise(1), (4, 3)),
        lambda: reconstruction.score(noise(0), noise(1), np.ones((5, 4), bool)),
        lambda: reconstruction.pasted(noise(0), noise(1), np.ones((5, 4), bool)),
    ],
)
def test_a_grid_that_does_not_fit_is_refused(wrong):
    with pytest.raises(ValueError, match="do not divide"):
        wrong()
