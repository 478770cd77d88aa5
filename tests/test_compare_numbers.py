"""Maps brought to one grid, rank correlation, and how long an answer stays."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from viz_core.compare import agreement, steady
from viz_core.probe import robust


def values(seed, side=8):
    return np.random.default_rng(seed).normal(size=(side, side))


@given(seed=st.integers(0, 999), side=st.sampled_from([7, 8, 14, 28]), cells=st.integers(1, 40))
def test_another_grid_keeps_the_mean_and_the_range(seed, side, cells):
    before = values(seed, side)
    after = agreement.resampled(before, agreement.WHOLE, agreement.WHOLE, cells)
    assert after.mean() == pytest.approx(before.mean(), abs=1e-9)
    assert before.min() - 1e-9 <= after.min()
    assert after.max() <= before.max() + 1e-9


def test_grids_by_hand():
    before = np.array([[1.0, 2], [3, 4]])
    whole = agreement.WHOLE
    np.testing.assert_allclose(agreement.resampled(before, whole, whole, 1), [[2.5]])
    np.testing.assert_allclose(
        agreement.resampled(before, whole, whole, 4), before.repeat(2, 0).repeat(2, 1)
    )
    three = agreement.resampled(before, whole, whole, 3)
    np.testing.assert_allclose(three[0], [1, 1.5, 2])
    inner = agreement.resampled(values(1, 8), whole, (0.25, 0.25, 0.5), 4)
    np.testing.assert_allclose(inner, values(1, 8)[2:6, 2:6])


def test_what_lies_outside_cannot_be_resampled():
    with pytest.raises(ValueError, match="reaches beyond"):
        agreement.resampled(values(1), (0.1, 0.1, 0.8), agreement.WHOLE, 4)


def test_agreement_is_taken_on_the_coarser_grid_of_what_both_see():
    fine = values(3, 14)
    coarse = fine.reshape(7, 2, 7, 2).mean(axis=(1, 3))
    found, cells = agreement.agreement(fine, np.exp(coarse))
    assert (found, cells) == (pytest.approx(1), 7)
    wide = values(4, 8)
    found, _ = agreement.agreement(wide, wide[2:6, 2:6], (agreement.WHOLE, (0.25, 0.25, 0.5)))
    assert found == pytest.approx(1)


def test_the_largest_value_has_rank_one_and_equals_share_theirs():
    np.testing.assert_array_equal(
        agreement.descending(np.array([[5.0, 1], [5, 7]])), [[2, 4], [2, 1]]
    )


def logits(*answers):
    return np.eye(3, dtype=np.float32)[list(answers)] * 4


def test_a_sweep_by_hand():
    found = steady.sweep(logits(1, 0, 0, 0, 2, 0), (2,))
    assert found.first == 0
    assert found.stays.tolist() == [False, True, True, True, False, True]
    assert (found.kept, found.changed) == (3, 5)
    assert found.steadiness == pytest.approx(3 / 5)
    assert found.share[2] == pytest.approx(np.exp(4) / (np.exp(4) + 2))
    np.testing.assert_allclose(found.shares.sum(axis=1), 1)


def test_doses_that_change_nothing_do_not_count():
    found = steady.sweep(logits(0, 1, 0, 0), (0, 3))
    assert (found.start, found.kept, found.changed) == (0, 1, 2)
    assert found.steadiness == 0.5


def test_a_sweep_of_one_dose_is_steady_and_a_wrong_one_is_refused():
    assert steady.sweep(logits(1), (0,)).steadiness == 1
    with pytest.raises(ValueError, match=r"no dose \(3,\)"):
        steady.sweep(logits(1, 2), (3,))
    with pytest.raises(ValueError, match="finite"):
        steady.sweep(np.full((2, 3), np.inf, np.float32), (0,))


def test_batches_say_what_single_pictures_say_and_tell_how_far_they_are(one_thread):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3))
    images = np.random.default_rng(0).normal(size=(5, 3, 2, 2)).astype(np.float32)
    told = []
    found = robust.logits(model, images, told.append, batch=2)
    assert told == [2, 4, 5]
    single = [robust.logits(model, one[None])[0] for one in images]
    np.testing.assert_allclose(found, single, atol=1e-6)
    with pytest.raises(ValueError, match="nothing to do"):
        robust.logits(model, images[:0])
