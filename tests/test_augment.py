"""Augmentation of training pictures."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.training import augment, loop
from models.training.augment import Augment
from tests.training_toys import (
    OFF,
    noise,
)

pytestmark = pytest.mark.usefixtures("one_thread")

SEEDS = st.integers(0, 2**31)


@settings(max_examples=40, deadline=None)
@given(
    seed=SEEDS,
    size=st.sampled_from([8, 12, 16, 28]),
    crop=st.floats(0.05, 1),
    rotation=st.floats(0, 180),
    shear=st.floats(0, 1),
    colour=st.floats(0, 1),
    erasing=st.floats(0, 1),
)
def test_augmented_pictures_stay_in_range_and_depend_on_the_seed_only(seed, size, crop, **parts):
    how, images = Augment(smallest_crop=crop, **parts), noise(3, 16)
    one, two = (augment.augment(images, size, how, loop.generator("cpu", seed)) for _ in range(2))
    assert one.shape == (3, 3, size, size)
    assert one.abs().max() <= 1 + 1e-5
    assert torch.equal(one, two)


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_with_all_parts_off_a_picture_is_itself_or_its_mirror_image(seed):
    images = noise(8, 16)
    out = augment.augment(images, 16, OFF, loop.generator("cpu", seed))
    for picture, result in zip(images, out, strict=True):
        error = min((result - p).abs().max() for p in (picture, picture.flip(-1)))
        assert error < 1e-5


def test_half_of_the_pictures_are_mirrored():
    ramp = torch.linspace(-1, 1, 16).expand(400, 3, 16, 16)
    out = augment.augment(ramp, 16, OFF, loop.generator("cpu", 3))
    mirrored = (out[:, 0, 0, 0] > 0).sum()
    assert 150 < mirrored < 250


def test_crops_stay_inside_the_picture_reach_its_corners_and_keep_their_least_area():
    matrices = augment._affine(2000, Augment(smallest_crop=0.25), loop.generator("cpu", 0))
    half = matrices[:, [0, 1], [0, 1]].abs()  # half width and half height of each crop
    low, high = matrices[:, :, 2] - half, matrices[:, :, 2] + half
    assert low.min() >= -1 - 1e-5
    assert high.max() <= 1 + 1e-5
    for corner in (low.sum(1), -high.sum(1), low[:, 0] - high[:, 1], low[:, 1] - high[:, 0]):
        assert corner.min() < -1.9
    area = half.prod(dim=1)
    assert 0.249 < area.min() < 0.26
    assert area.max() > 0.9
    assert (half[:, 0] / half[:, 1]).log().abs().max() <= 0.25 + 1e-5


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_a_shift_moves_whole_pixels_and_mirrors_what_comes_in(seed):
    images = noise(6, 8)
    out = augment.augment(images, 8, replace(OFF, shift=0.25), loop.generator("cpu", seed))
    wide = torch.cat([images.flip(-1), images, images.flip(-1)], -1)
    wide = torch.cat([wide.flip(-2), wide, wide.flip(-2)], -2)
    for picture, result in zip(wide, out, strict=True):
        windows = picture[:, 6:18, 6:18].unfold(1, 8, 1).unfold(2, 8, 1)  # (3, 5, 5, 8, 8)
        both = torch.stack([result, result.flip(-1)])[:, :, None, None]
        assert (windows - both).abs().amax(dim=(1, 4, 5)).min() < 1e-5


def test_all_shifts_occur():
    ramp = torch.linspace(-1, 1, 17)[:16].expand(500, 3, 16, 16)
    out = augment.augment(ramp, 16, replace(OFF, shift=0.125), loop.generator("cpu", 0))
    lowest = {round((float(v) + 1) * 8, 3) for v in out[:, 0, 0, 8]}
    assert lowest == {5, 6, 7, 8, 9, 10}


def test_a_quarter_turn_turns_the_picture(monkeypatch):
    monkeypatch.setattr(augment, "_uniform", lambda shape, low, high, g: torch.full(shape, high))
    image = noise(1, 16)
    turned = augment.augment(image, 16, replace(OFF, rotation=90), torch.Generator())
    torch.testing.assert_close(turned, image.rot90(dims=(-2, -1)), atol=1e-5, rtol=0)


def test_a_small_input_is_averaged_down():
    stripes = torch.ones(1, 3, 16, 16)
    stripes[..., ::2] = -1
    out = augment.augment(stripes, 8, OFF, loop.generator("cpu", 0))
    torch.testing.assert_close(out, torch.zeros(1, 3, 8, 8), atol=1e-5, rtol=0)


def test_colour_shifts_a_grey_picture_by_brightness_only():
    grey = torch.zeros(200, 3, 4, 4)
    out = augment.augment(grey, 4, replace(OFF, colour=0.3), loop.generator("cpu", 0))
    assert (out - out[:, :1, :1, :1]).abs().max() < 1e-6
    assert 0.25 < out.max() <= 0.3
    assert -0.3 <= out.min() < -0.25


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_an_erased_area_is_a_rectangle_of_at_most_a_fifth(seed):
    out = augment._erase(
        torch.ones(4, 3, 32, 32), replace(OFF, erasing=1), loop.generator("cpu", seed)
    )
    for gone in (out == 0).all(dim=1):
        rows, columns = gone.any(dim=1), gone.any(dim=0)
        assert torch.equal(gone, rows[:, None] & columns)
        # A centre between two pixels adds less than a pixel to either side.
        assert (rows.sum() - 1).clamp(min=0) * (columns.sum() - 1).clamp(min=0) <= 0.2 * 32**2


def test_erasing_strikes_as_often_as_it_says():
    out = augment._erase(
        torch.ones(1000, 3, 16, 16), replace(OFF, erasing=0.3), loop.generator("cpu", 0)
    )
    struck = (out == 0).flatten(1).any(dim=1).float().mean()
    assert 0.25 < struck < 0.35


@given(seed=SEEDS, alpha=st.floats(0.1, 2))
@settings(max_examples=20, deadline=None)
def test_mixup_mixes_pictures_as_it_mixes_targets(seed, alpha):
    targets = torch.eye(4)
    images = torch.eye(4)[:, :, None, None].expand(4, 4, 2, 2)
    mixed, shares = augment.mix(images, targets, alpha, loop.generator("cpu", seed))
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(4))
    torch.testing.assert_close(mixed[:, :, 0, 0], shares)
    again = augment.mix(images, targets, alpha, loop.generator("cpu", seed))
    assert torch.equal(again[1], shares)


def test_mixup_of_zero_changes_nothing():
    images, targets = noise(2, 4), torch.eye(2)
    assert augment.mix(images, targets, 0, torch.Generator()) == (images, targets)


def test_inputs_reach_from_minus_one_to_one():
    ends = torch.tensor([0, 255], dtype=torch.uint8)
    assert augment.to_input(ends).tolist() == [-1, 1]
    picture = noise(1, 16)
    assert augment.resize(picture, 16) is picture
    assert augment.resize(picture, 8).shape == (1, 3, 8, 8)
