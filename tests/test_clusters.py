"""Groups of tokens: what k-means promises, silhouettes by hand, nothing left to chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core import clusters


def blobs(seed, groups=3, each=12, width=5, apart=20.0):
    rng = np.random.default_rng(seed)
    centres = apart * np.eye(groups, width)
    return np.concatenate([c + rng.normal(size=(each, width)) for c in centres])


def test_blobs_that_lie_apart_are_found_and_have_the_best_silhouette():
    found = clusters.groupings(blobs(0))
    assert found.counts == tuple(range(2, 13))
    three = found.labels[1]
    assert [len(set(three[12 * k : 12 * k + 12])) for k in range(3)] == [1, 1, 1]
    assert len(set(three)) == 3
    assert found.silhouettes.argmax() == 1
    assert found.silhouettes[1] > 0.8


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), tokens=st.integers(3, 40), width=st.integers(1, 6))
def test_more_groups_hold_more_and_every_token_is_with_its_nearest_mean(seed, tokens, width):
    points = np.random.default_rng(seed).normal(size=(tokens, width))
    found = clusters.groupings(points, most=6)
    assert (np.diff(found.held) > -1e-5).all()
    assert ((found.silhouettes >= -1) & (found.silhouettes <= 1)).all()
    for count, labels in zip(found.counts, found.labels, strict=True):
        assert labels.max() < count
        there = np.unique(labels)
        means = np.stack([points[labels == k].mean(axis=0) for k in there])
        own = np.linalg.norm(points - means[np.searchsorted(there, labels)], axis=1)
        best = np.linalg.norm(points[:, None] - means, axis=-1).min(axis=1)
        np.testing.assert_allclose(own, best, atol=1e-3)


def test_the_same_map_gives_the_same_groups():
    points = blobs(3, apart=2.0)
    first, second = clusters.groupings(points), clusters.groupings(points.copy())
    np.testing.assert_array_equal(first.labels, second.labels)


def test_silhouette_by_hand():
    # Two groups on a line: 0 and 2, 10 alone. a(0) = 2, b(0) = 10; a(2) = 2, b(2) = 8; alone 0.
    line = np.array([[0.0], [2.0], [10.0]])
    distances = np.abs(line - line.T)
    labels = np.array([0, 0, 1], np.uint8)
    assert clusters.silhouette(distances, labels) == pytest.approx((0.8 + 0.75 + 0) / 3)
    with pytest.raises(ValueError, match="two groups"):
        clusters.silhouette(distances, np.zeros(3, np.uint8))


def test_distances_by_hand_and_never_negative():
    points = np.array([[0.0, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(clusters.squared_distances(points, points), [[0, 25], [25, 0]])
    far = np.full((1, 3), 1e4) + np.random.default_rng(0).normal(size=(4, 3)) * 1e-3
    assert clusters.squared_distances(far, far).min() >= 0
    with pytest.raises(ValueError, match="finite"):
        clusters.squared_distances(np.array([[np.inf]]), points[:, :1])


def test_a_map_of_one_colour_has_no_regions():
    found = clusters.groupings(np.ones((9, 4)))
    assert found.counts == ()
    assert found.labels.shape == (0, 9)


@pytest.mark.parametrize(("tokens", "most"), [(1, 4), (9, 1), (9, 256)])
def test_what_cannot_be_grouped_is_refused(tokens, most):
    with pytest.raises(ValueError, match="cannot fall"):
        clusters.groupings(np.random.default_rng(0).normal(size=(tokens, 2)), most)
