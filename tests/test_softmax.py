import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core import attention, softmax


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 40), size=st.floats(0, 60))
def test_a_softmax_is_a_distribution_whose_slope_stays_in_its_bounds(seed, n, size):
    scores = size * np.random.default_rng(seed).normal(size=(3, n))
    rows = softmax.shares(scores)
    np.testing.assert_allclose(rows.sum(axis=-1), 1, atol=1e-12)
    slope = softmax.slope(rows)
    assert (slope >= 0).all()
    assert (slope <= 1 - 1 / n + 1e-12).all()


def test_shares_and_slope_by_hand():
    rows = softmax.shares(np.array([[0, np.log(3)], [1000, 1000]]))
    np.testing.assert_allclose(rows, [[0.25, 0.75], [0.5, 0.5]])
    np.testing.assert_allclose(softmax.slope(rows), [2 * 0.25 * 0.75, 0.5])


def test_the_slope_is_the_trace_of_the_softmaxs_derivative():
    scores = np.random.default_rng(1).normal(size=5)
    step = 1e-6 * np.eye(5)
    moved = (softmax.shares(scores + step) - softmax.shares(scores - step)) / 2e-6
    assert softmax.slope(softmax.shares(scores)) == pytest.approx(np.trace(moved), abs=1e-8)


@pytest.mark.parametrize(
    ("function", "values", "words"),
    [
        (softmax.shares, [np.inf, 0], "finite"),
        (softmax.slope, [0.5, 0.6], "sum to 1"),
        (softmax.slope, [-0.5, 1.5], "at least 0"),
    ],
)
def test_what_is_no_row_is_refused(function, values, words):
    with pytest.raises(ValueError, match=words):
        function(np.array(values))


def test_random_scores_have_the_variance_d_and_the_shape_that_is_told():
    scores = softmax.random_scores(16, (1, 64), seed=3)
    assert scores.shape == (2, 384, 16)
    np.testing.assert_allclose(scores.var(axis=(1, 2)), [1, 64], rtol=0.1)
    np.testing.assert_array_equal(scores, softmax.random_scores(16, (1, 64), seed=3))
    with pytest.raises(ValueError, match="at least 1"):
        softmax.random_scores(0, (4,), seed=0)


@settings(deadline=None, max_examples=20)
@given(n=st.integers(1, 300), deviation=st.floats(0.02, 50))
def test_theory_stays_between_one_key_and_all_alike(n, deviation):
    entropy, slope = softmax.normal_scores(n, deviation)
    assert 0 <= entropy <= np.log2(n) + 1e-6
    assert 0 <= slope <= 1 - 1 / n + 1e-6


def test_theory_in_its_two_limits():
    # Equal scores; and the expansion log n - σ²/2 (nats) for many keys.
    entropy, slope = softmax.normal_scores(64, 0.02)
    assert entropy == pytest.approx(6, abs=1e-3)
    assert slope == pytest.approx(1 - 1 / 64, abs=1e-4)
    entropy, _ = softmax.normal_scores(10**6, 1)
    assert entropy == pytest.approx(np.log2(10**6) - 0.5 / np.log(2), abs=1e-3)


@pytest.mark.parametrize(("n", "deviation"), [(2, 0.5), (8, 3.0), (64, 1.0), (64, 10.0)])
def test_theory_is_the_mean_of_many_draws(n, deviation):
    scores = deviation * np.random.default_rng(0).normal(size=(20_000, n))
    rows = softmax.shares(scores)
    entropy, slope = attention.entropy(rows), softmax.slope(rows)
    expected = softmax.normal_scores(n, deviation)
    for values, mean in zip((entropy, slope), expected, strict=True):
        assert abs(values.mean() - mean) < 4.5 * values.std() / np.sqrt(len(values))


@pytest.mark.parametrize("divided", [False, True])
def test_theory_of_dot_products_is_what_is_measured_for_every_d(divided):
    widths = (1, 4, 32, 256)
    # One query for each set of keys: independent rows, so that their spread tells the error.
    scores = softmax.random_scores(16, widths, seed=5, sequences=1500, queries=1)
    root = np.sqrt(np.array(widths))[:, None, None] if divided else 1
    rows = softmax.shares(scores / root)
    entropies, slopes = softmax.expected(16, widths, divided=divided)
    for values, means in ((attention.entropy(rows), entropies), (softmax.slope(rows), slopes)):
        error = np.abs(values.mean(axis=1) - means)
        assert (error < 4.5 * values.std(axis=1) / np.sqrt(1500) + 0.005).all()


def test_division_keeps_the_entropy_and_without_it_the_softmax_saturates():
    kept, _ = softmax.expected(64, (16, 512), divided=True)
    lost, slope = softmax.expected(64, (16, 512), divided=False)
    assert abs(kept[0] - kept[1]) < 0.05
    assert lost[1] < 0.3 < 1.5 < lost[0]
    assert slope[1] < 0.15


def test_theory_refuses_what_has_no_spread_or_no_width():
    with pytest.raises(ValueError, match="above 0"):
        softmax.normal_scores(4, 0)
    with pytest.raises(ValueError, match="at least 1"):
        softmax.expected(4, (0,), divided=True)
