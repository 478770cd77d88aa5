"""Ranks: beside a count of every pair, and what no monotone change can move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz_core.attribution.agreement import matrix, overlap, ranks, spearman

# Few levels, so that there are many ties.
numbers = st.tuples(st.integers(0, 2**32 - 1), st.integers(2, 30), st.integers(1, 6)).map(
    lambda t: np.random.default_rng(t[0]).integers(0, t[2], (2, t[1])).astype(float)
)
grids = st.tuples(st.integers(0, 2**32 - 1), st.integers(2, 6)).map(
    lambda t: np.random.default_rng(t[0]).normal(size=(3, t[1], t[1])).astype(np.float32)
)


def slow_ranks(values):
    """How many are smaller, and half of the others that are equal."""
    return [
        sum(other < one for other in values) + (sum(other == one for other in values) - 1) / 2
        for one in values
    ]


@given(pair=numbers)
def test_ranks_and_correlation_are_what_counting_gives(pair):
    slow = np.array([slow_ranks(values) for values in pair])
    np.testing.assert_array_equal([ranks(values) for values in pair], slow)
    found = spearman(*pair)
    if (pair == pair[:, :1]).all(axis=1).any():
        assert np.isnan(found)
    else:
        assert found == pytest.approx(np.corrcoef(slow)[0, 1], abs=1e-12)


def test_a_case_by_hand():
    # Places 0 1 2 3 against 0 2 1 3: differences 0 1 1 0, so 1 - 6 * 2 / (4 * 15).
    assert spearman(np.array([1, 2, 3, 4]), np.array([10, 30, 20, 90])) == pytest.approx(0.8)
    # Ties: 0 1.5 1.5 3 against 0 1 2 3: 4.5 / sqrt(4.5 * 5).
    found = spearman(np.array([1, 2, 2, 5]), np.array([1, 2, 3, 4]))
    assert found == pytest.approx(4.5 / (4.5 * 5) ** 0.5)


@given(maps=grids)
def test_correlation_is_symmetric_bounded_and_blind_to_monotone_changes(maps):
    one, other, _ = maps
    found = spearman(one, other)
    assert -1 <= found <= 1
    assert found == spearman(other, one)
    assert spearman(one, one) == pytest.approx(1)
    assert spearman(one, -one) == pytest.approx(-1)
    assert spearman(one, np.exp(one.astype(float))) == pytest.approx(1)
    assert spearman(one.astype(float) * 7 - 3, other) == pytest.approx(found)


def test_a_map_that_is_the_same_everywhere_agrees_with_nothing_not_even_itself():
    flat, other = np.ones((3, 3)), np.arange(9.0).reshape(3, 3)
    found = matrix([other, flat])
    assert found[0, 0] == pytest.approx(1)
    assert np.isnan(found[[0, 1, 1], [1, 0, 1]]).all()


@given(maps=grids)
def test_a_matrix_holds_every_pair(maps):
    found = matrix(list(maps))
    for i, one in enumerate(maps):
        for j, other in enumerate(maps):
            assert found[i, j] == pytest.approx(spearman(one, other))


def test_what_does_not_compare_is_refused():
    with pytest.raises(ValueError, match="do not compare"):
        spearman(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="not finite"):
        spearman(np.array([1.0, np.inf]), np.zeros(2))
    with pytest.raises(ValueError, match="do not compare"):
        overlap(np.zeros(3), np.zeros(4), 1)
    with pytest.raises(ValueError, match="1 to 3"):
        overlap(np.zeros(3), np.zeros(3), 4)
    with pytest.raises(ValueError, match="not finite"):
        overlap(np.array([np.nan, 1, 2]), np.zeros(3), 1)


def test_overlap_counts_what_both_have_on_top():
    one, other = np.array([9, 8, 1, 0, 2]), np.array([9, 0, 1, 8, 2])
    assert overlap(one, other, 2) == 0.5
    assert overlap(one, other, 5) == 1
    # Four tie for two places: each is in by a half.
    assert overlap(np.array([1, 1, 1, 1, 0]), np.array([4, 3, 0, 0, 0]), 2) == 0.5


@given(maps=grids, share=st.floats(0.05, 1))
def test_overlap_is_symmetric_and_whole_with_itself(maps, share):
    one, other, _ = maps
    count = max(1, round(share * one.size))
    assert overlap(one, one, count) == 1
    assert 0 <= overlap(one, other, count) == overlap(other, one, count) <= 1
