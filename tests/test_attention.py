import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_rollout import softmax_rows
from viz_core.attention import distance, entropy, even_distance, mass_mask, patches

seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None)
@given(seed=seeds, rows=st.integers(1, 4), columns=st.integers(1, 4), prefix=st.integers(0, 2))
def test_distance_lies_between_zero_and_the_diagonal(seed, rows, columns, prefix):
    tokens = rows * columns + prefix
    far = distance(softmax_rows(seed, 2, 3, tokens, tokens), (rows, columns), prefix)
    assert far.shape == (2, 3)
    assert (far >= 0).all()
    assert (far <= np.hypot(rows - 1, columns - 1) + 1e-6).all()


def test_distance_by_hand():
    # 1 x 3 patches behind one class token; each patch looks at the leftmost one.
    pattern = np.zeros((4, 4))
    pattern[0, 0] = 1
    pattern[1:, 1] = 0.5
    pattern[1:, 0] = 0.5  # attention to the class token has no distance and is left out
    assert distance(pattern, (1, 3)) == pytest.approx((0 + 1 + 2) / 3)


def test_looking_at_oneself_has_no_distance():
    assert distance(np.eye(9), (3, 3), prefix=0) == 0


def test_rows_and_columns_of_the_grid_are_not_swapped():
    pattern = np.zeros((8, 8))
    pattern[:, 0] = 1
    by_hand = np.mean([np.hypot(r, c) for r in range(2) for c in range(4)])
    assert distance(pattern, (2, 4), prefix=0) == pytest.approx(by_hand)


def test_a_patch_that_sees_only_the_prefix_counts_as_zero():
    pattern = np.zeros((3, 3))
    pattern[:, 0] = 1
    assert distance(pattern, (1, 2)) == 0


def test_distance_refuses_a_grid_that_does_not_fit():
    with pytest.raises(ValueError, match="tokens expected"):
        distance(np.eye(5), (2, 3))


@settings(deadline=None)
@given(seed=seeds, keys=st.integers(1, 40), sharp=st.floats(0, 30))
def test_entropy_lies_between_zero_and_log2_of_the_keys(seed, keys, sharp):
    bits = entropy(softmax_rows(seed, 3, keys, sharp=sharp))
    assert (bits >= 0).all()
    assert (bits <= np.log2(keys) + 1e-6).all()


@given(rows=st.integers(1, 6), columns=st.integers(1, 6), prefix=st.integers(0, 2))
def test_even_attention_has_the_even_distance(rows, columns, prefix):
    tokens = rows * columns + prefix
    pattern = np.full((tokens, tokens), 1 / tokens)
    even = even_distance((rows, columns))
    assert distance(pattern, (rows, columns), prefix) == pytest.approx(even)


def test_even_distance_by_hand():
    assert even_distance((1, 3)) == pytest.approx((1 + 2 + 1 + 1 + 2 + 1) / 9)


def test_even_distance_refuses_an_empty_grid():
    with pytest.raises(ValueError, match="rows and columns"):
        even_distance((0, 3))


def test_entropy_by_hand():
    np.testing.assert_allclose(
        entropy(np.array([[0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0, 0], [1, 0, 0, 0]])), [2, 1, 0]
    )


def test_entropy_refuses_weights_that_do_not_sum_to_one():
    with pytest.raises(ValueError, match="sum to 1"):
        entropy(np.array([0.5, 0.6]))


@settings(deadline=None)
@given(seed=seeds, count=st.integers(1, 50), share=st.floats(0, 1))
def test_the_mask_is_the_smallest_set_that_holds_the_share(seed, count, share):
    shares = np.random.default_rng(seed).random(count)
    mask = mass_mask(shares, share)
    total = shares.sum()
    assert shares[mask].sum() >= share * total - 1e-9
    if mask.any():
        assert shares[mask].sum() - shares[mask].min() < share * total + 1e-9
        assert shares[mask].min() >= np.max(shares[~mask], initial=0)


def test_mask_by_hand():
    shares = np.array([0.1, 0.4, 0.2, 0.3])
    np.testing.assert_array_equal(mass_mask(shares, 0.7), [False, True, False, True])
    np.testing.assert_array_equal(mass_mask(shares, 0.71), [False, True, True, True])
    assert not mass_mask(shares, 0).any()
    assert mass_mask(shares, 1).all()


def test_among_equal_patches_the_first_wins():
    np.testing.assert_array_equal(mass_mask(np.ones(4), 0.5), [True, True, False, False])


@pytest.mark.parametrize(
    ("shares", "share", "message"),
    [([1.0], 1.1, r"\[0, 1\]"), ([-1.0, 2], 0.5, "at least 0"), ([0.0, 0], 0.5, "not all 0")],
)
def test_mask_refuses(shares, share, message):
    with pytest.raises(ValueError, match=message):
        mass_mask(np.array(shares), share)


def test_patches_leave_the_prefix_out():
    np.testing.assert_array_equal(patches(np.arange(8.0), (2, 3), 2), [[2, 3, 4], [5, 6, 7]])


def test_patches_refuse_a_grid_that_does_not_fit():
    with pytest.raises(ValueError, match="tokens expected"):
        patches(np.arange(8.0), (2, 3), 1)
