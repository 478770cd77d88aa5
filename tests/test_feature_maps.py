"""Feature maps as bytes, and the numbers that channels are sorted by."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core import feature_maps
from viz_core.feature_maps import Place


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), side=st.integers(1, 9), channels=st.integers(1, 7),
    scale=st.floats(1e-3, 1e3),
)  # fmt: skip
def test_values_come_back_within_half_a_step(seed, side, channels, scale):
    maps = scale * np.random.default_rng(seed).normal(size=(side, side, channels))
    found = feature_maps.quantised(maps.astype(np.float32))
    span = (found.high - found.low)[:, None, None]
    back = found.low[:, None, None] + found.levels / 255 * span
    error = np.abs(back - np.moveaxis(maps, -1, 0))
    assert (error <= 0.5 / 255 * span + 1e-4 * scale).all()


def test_a_channel_without_contrast_keeps_its_value():
    found = feature_maps.quantised(np.full((2, 3, 1), 7.0))
    assert found.low.tolist() == found.high.tolist() == [7.0]
    assert not found.levels.any()
    with pytest.raises(ValueError, match="finite"):
        feature_maps.quantised(np.full((1, 1, 1), np.nan))


def test_strength_contrast_and_drive_by_hand():
    maps = np.array([[[1.0, -2.0], [3.0, -2.0]]])  # one row, two places, two channels
    np.testing.assert_allclose(feature_maps.strength(maps), [2, 2])
    np.testing.assert_allclose(feature_maps.contrast(maps), [1, 0])
    slopes = np.array([[[10.0, 1.0], [-1.0, 2.0]]])
    np.testing.assert_allclose(feature_maps.drive(maps, slopes), [7, -6])
    with pytest.raises(ValueError, match="must match"):
        feature_maps.drive(maps, slopes[:, :1])
    for sort in (feature_maps.strength, feature_maps.contrast):
        with pytest.raises(ValueError, match="without tokens"):
            sort(np.zeros((0, 2, 2)))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), pictures=st.integers(1, 6), count=st.integers(1, 8))
def test_peaks_fall_and_are_the_largest(seed, pictures, count):
    rng = np.random.default_rng(seed)
    values, places = rng.normal(size=(pictures, 4)), rng.integers(0, 49, (pictures, 4))
    found = feature_maps.peaks(values, places, count)
    assert found.values.shape == (4, min(count, pictures))
    assert (np.diff(found.values, axis=1) <= 0).all()
    np.testing.assert_allclose(found.values[:, 0], values.max(axis=0), rtol=1e-6)
    for channel in range(4):
        np.testing.assert_array_equal(
            places[found.pictures[channel], channel], found.places[channel]
        )


def test_peaks_need_pairs_and_a_count():
    with pytest.raises(ValueError, match="0 to keep"):
        feature_maps.peaks(np.zeros((2, 2)), np.zeros((2, 2), int), 0)


def test_what_fits_is_sent_whole_and_else_the_outputs_and_one_inside():
    places = [
        Place(-1, 0, "output", "embedded"),
        Place(0, 0, "depthwise", "a"),
        Place(0, 0, "output", "b"),
        Place(0, 1, "depthwise", "c"),
        Place(0, 1, "output", "d"),
    ]
    sizes = dict.fromkeys(["embedded", "a", "b", "c", "d"], 10)
    assert feature_maps.chosen(places, sizes, 50, (0, 0)) == places
    found = feature_maps.chosen(places, sizes, 49, (0, 1))
    assert [place.name for place in found] == ["embedded", "b", "c", "d"]
    with pytest.raises(ValueError, match="no size for"):
        feature_maps.chosen(places, {}, 50, (0, 0))


def test_fields_by_hand():
    assert feature_maps.field([]) == 1
    assert feature_maps.field([(4, 4)]) == 4
    assert feature_maps.field([(2, 2), (7, 1)]) == 2 + 6 * 2
    assert feature_maps.field([(7, 2), (3, 2), (3, 1)]) == 7 + 2 * 2 + 2 * 4  # ResNet-50's first
    with pytest.raises(ValueError, match="no layer"):
        feature_maps.field([(0, 1)])
