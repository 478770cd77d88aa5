"""Pictures changed by a dose: hand-computed pixels, invariants, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz_core import transforms
from viz_core.transforms import TRANSFORMS, apply


def picture(side=56, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def flat(colour, side=56):
    return np.full((side, side, 3), colour, np.uint8)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_the_neutral_dose_changes_no_byte_and_gives_a_new_picture(name):
    before = picture()
    after = apply(name, before, TRANSFORMS[name].neutral)
    assert after is not before
    np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_dose_keeps_size_and_type_and_leaves_what_it_was_given(name):
    before = picture()
    kept = before.copy()
    for dose in TRANSFORMS[name].doses:
        after = apply(name, before, dose, seed=3)
        assert (after.shape, after.dtype) == (before.shape, np.uint8)
    np.testing.assert_array_equal(before, kept)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_doses_ascend_and_hold_the_neutral_one(name):
    transform = TRANSFORMS[name]
    assert list(transform.doses) == sorted(set(transform.doses))
    assert transform.doses[transform.start] == transform.neutral


@pytest.mark.parametrize("name", ["rotation", "shift", "scale", "shuffle", "blur"])
def test_a_picture_of_one_colour_has_no_place_that_could_move(name):
    for dose in TRANSFORMS[name].doses:
        np.testing.assert_array_equal(apply(name, flat((9, 80, 200)), dose), flat((9, 80, 200)))


@given(by=st.integers(1, 28), seed=st.integers(0, 99))
def test_a_shift_moves_right_and_brings_in_the_mean_colour(by, seed):
    before = picture(seed=seed)
    after = apply("shift", before, by / 56)
    np.testing.assert_array_equal(after[:, by:], before[:, :-by])
    mean = np.rint(before.reshape(-1, 3).mean(axis=0))
    assert (after[:, :by] == mean).all()


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_dose_counts_as_a_change_exactly_if_it_changes_something(name):
    before, transform = picture(448), TRANSFORMS[name]
    same = [(apply(name, before, dose) == before).all() for dose in transform.doses]
    assert tuple(np.flatnonzero(same)) == transform.still
    assert transform.start == transform.still[0]


@pytest.mark.parametrize("name", ["rotation", "hue"])
def test_a_full_turn_is_no_turn(name):
    assert len(TRANSFORMS[name].still) == 2
    before = picture()
    np.testing.assert_array_equal(apply(name, before, 360), before)
    near = apply(name, before, 359.999).astype(int) - before
    assert np.abs(near).max() <= 1  # the formula agrees with the shortcut


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_quarter_turn_is_clockwise(quarters):
    before = picture()
    apart = apply("rotation", before, 90.0 * quarters).astype(int) - np.rot90(before, -quarters)
    assert np.abs(apart).max() <= 1


def test_the_corners_of_a_turned_picture_are_its_mean_colour():
    before = picture()
    after = apply("rotation", before, 45)
    assert (after[0, 0] == np.rint(before.reshape(-1, 3).mean(axis=0))).all()


def test_half_the_size_is_the_mean_of_two_by_two_in_the_middle():
    before = picture()
    after = apply("scale", before, -1)
    blocks = before.reshape(28, 2, 28, 2, 3).mean(axis=(1, 3))
    assert np.abs(after[14:42, 14:42] - blocks).max() <= 1
    assert (after[:14] == np.rint(before.reshape(-1, 3).mean(axis=0))).all()


def test_twice_the_size_shows_the_middle():
    before = flat(0)
    before[14:42, 14:42] = 255
    assert (apply("scale", before, 1)[2:-2, 2:-2] == 255).all()


@given(seed=st.integers(0, 500), pieces=st.sampled_from([2, 4, 7, 8, 14, 28]))
def test_a_shuffle_is_a_permutation_that_its_seed_repeats(seed, pieces):
    before = np.arange(56 * 56 * 3).reshape(56, 56, 3).astype(np.uint8)
    after = apply("shuffle", before, pieces, seed)
    np.testing.assert_array_equal(after, apply("shuffle", before, pieces, seed))
    size = 56 // pieces
    old, new = (
        [
            x.tobytes()
            for row in p.reshape(pieces, size, pieces, size, 3).swapaxes(1, 2)
            for x in row
        ]
        for p in (before, after)
    )
    assert sorted(old) == sorted(new)


def test_every_piece_of_a_shuffle_goes_elsewhere():
    before = picture()
    after = apply("shuffle", before, 8, seed=1)
    old, new = (p.reshape(8, 7, 8, 7, 3).swapaxes(1, 2).reshape(64, -1) for p in (before, after))
    assert not (old == new).all(axis=1).any()
    assert (apply("shuffle", before, 8, seed=2) != after).any()


def test_a_blur_keeps_the_mean_and_takes_the_edges():
    before = picture()
    after = apply("blur", before, 0.03)
    assert abs(after.mean() - before.mean()) < 2
    assert np.abs(np.diff(after.astype(int), axis=1)).mean() < 10
    assert np.abs(np.diff(before.astype(int), axis=1)).mean() > 60


def test_noise_has_the_deviation_that_is_asked_for_and_grains_of_its_own():
    after = apply("noise", flat(128, 112), 0.1, seed=5).astype(int) - 128
    assert after.std() == pytest.approx(25.5, abs=1)
    np.testing.assert_array_equal(after[::2, ::2], after[1::2, 1::2])
    assert (apply("noise", flat(128, 112), 0.1, seed=6).astype(int) - 128 != after).any()


def test_colours_by_hand():
    red = flat((255, 0, 0))
    assert apply("hue", red, 120)[0, 0].tolist() == [0, 255, 0]
    assert apply("hue", red, 240)[0, 0].tolist() == [0, 0, 255]
    assert apply("saturation", red, 0)[0, 0].tolist() == [76, 76, 76]
    assert apply("saturation", flat((100, 100, 100)), 3)[0, 0].tolist() == [100] * 3
    assert apply("brightness", flat((10, 100, 200)), 2)[0, 0].tolist() == [20, 200, 255]
    apart = apply("hue", picture(), 360).astype(int) - picture()
    assert np.abs(apart).max() <= 1


def test_what_cannot_be_changed_is_refused_in_a_sentence():
    with pytest.raises(KeyError):
        apply("melt", picture(), 1)
    with pytest.raises(ValueError, match="square picture of three colours"):
        apply("blur", picture()[:40], 0.1)
    with pytest.raises(ValueError, match="pixels of bytes"):
        apply("blur", picture().astype(np.float32), 0.1)
    with pytest.raises(ValueError, match="takes a dose from 0 to 360, got 400"):
        apply("rotation", picture(), 400)
    with pytest.raises(ValueError, match="got nan"):
        apply("rotation", picture(), float("nan"))
    with pytest.raises(ValueError, match="do not divide into 3 pieces"):
        apply("shuffle", picture(), 3)


def test_titles_and_sentences_are_there_for_people():
    for transform in TRANSFORMS.values():
        assert transform.title
        assert transform.rule.endswith(".")
    assert transforms.GRAINS == 56
