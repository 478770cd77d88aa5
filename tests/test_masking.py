"""Masks: exact counts, nesting, the paper's patterns, and what is refused."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.mae import random_mask
from viz_core import masking

GRIDS = st.tuples(st.integers(1, 15), st.integers(1, 15))
RATIOS = st.floats(0, 1)
KINDS = {
    "random": masking.random,
    "block": masking.block,
    "regular": lambda grid, ratio, seed: masking.regular(grid, ratio),
}
kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@kinds
@settings(deadline=None, max_examples=25)
@given(grid=GRIDS, ratios=st.tuples(RATIOS, RATIOS), seed=st.integers(0, 99))
def test_counts_are_exact_and_a_larger_ratio_hides_all_that_a_smaller_one_does(
    kind, grid, ratios, seed
):
    small, large = (kind(grid, ratio, seed) for ratio in sorted(ratios))
    n = grid[0] * grid[1]
    assert [n - m.sum() for m in (small, large)] == [
        masking.visible_count(n, ratio) for ratio in sorted(ratios)
    ]
    assert not (small & ~large).any()
    assert (kind(grid, ratios[0], seed) == kind(grid, ratios[0], seed)).all()


@kinds
def test_nothing_and_everything_can_be_hidden(kind):
    assert not kind((14, 14), 0.0, 3).any()
    assert kind((14, 14), 1.0, 3).all()


@pytest.mark.parametrize("patches", [9, 10, 196])
@pytest.mark.parametrize("percent", range(0, 101, 5))
def test_as_many_stay_visible_as_in_the_network_s_own_random_mask(patches, percent):
    theirs = random_mask(torch.rand(1, patches), percent / 100)
    assert masking.visible_count(patches, percent / 100) == int((~theirs).sum())
    if patches != 10:  # binary fractions just miss 2 and 1 of 10
        assert masking.visible_count(patches, percent / 100) == patches * (100 - percent) // 100


def test_random_hides_the_last_ranks_and_another_seed_hides_others():
    order = masking.ranks((3, 4), 5)
    assert sorted(order.ravel()) == list(range(12))
    mask = masking.random((3, 4), 0.75, 5)
    assert (mask == (order >= 3)).all()
    assert (masking.ranks((14, 14), 1) != masking.ranks((14, 14), 2)).mean() > 0.9


def test_every_patch_is_hidden_about_equally_often():
    share = np.mean([masking.random((4, 4), 0.75, seed) for seed in range(600)], axis=0)
    np.testing.assert_allclose(share, 0.75, atol=0.08)


def test_at_75_percent_the_regular_mask_keeps_one_of_every_four():
    squares = ~masking.regular((14, 14), 0.75).reshape(7, 2, 7, 2)
    kept = np.zeros((2, 2), bool)
    kept[0, 0] = True
    assert (squares == kept[None, :, None, :]).all()


def test_at_50_percent_the_regular_mask_is_a_chessboard():
    y, x = np.indices((14, 14))
    assert (masking.regular((14, 14), 0.5) == ((x + y) % 2 == 1)).all()


def touching(mask):
    """Pairs of hidden neighbours."""
    return int((mask[1:] & mask[:-1]).sum() + (mask[:, 1:] & mask[:, :-1]).sum())


def test_blocks_hang_together_and_random_patches_do_not():
    pairs = [
        [touching(kind((14, 14), 0.5, seed)) for seed in range(20)]
        for kind in (masking.block, masking.random)
    ]
    assert min(pairs[0]) > max(pairs[1])


def test_one_small_block_is_a_rectangle_with_its_last_rows_cut():
    for seed in range(20):
        rows, cols = np.nonzero(masking.block((14, 14), 8 / 196, seed))
        assert len(rows) == 8
        box = (np.ptp(rows) + 1) * (np.ptp(cols) + 1)
        assert box - (np.ptp(cols) + 1) < 8 <= box


def test_painted_by_hand():
    mask = masking.painted([0, 5, 5], (2, 3))
    assert mask.tolist() == [[True, False, False], [False, False, True]]
    assert not masking.painted([], (2, 3)).any()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: masking.random((14, 14), 1.1, 0),
        lambda: masking.block((14, 14), -0.1, 0),
        lambda: masking.regular((14, 14), float("nan")),
        lambda: masking.regular((0, 14), 0.5),
        lambda: masking.ranks((14, 0), 0),
        lambda: masking.ranks((14, 14), -1),
        lambda: masking.painted([6], (2, 3)),
        lambda: masking.painted([-1], (2, 3)),
        lambda: masking.visible_count(0, 0.5),
    ],
)
def test_what_is_no_mask_is_refused(wrong):
    with pytest.raises(ValueError, match=r"ratio|at least one|outside|non-negative"):
        wrong()
