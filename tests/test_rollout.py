import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core.rollout import fuse, rollout, rollout_row


def softmax_rows(seed, *shape, sharp=1.0):
    x = np.exp(sharp * np.random.default_rng(seed).normal(size=shape))
    return (x / x.sum(axis=-1, keepdims=True)).astype(np.float32)


options = {
    "seed": st.integers(0, 2**32 - 1),
    "layers": st.integers(1, 5),
    "heads": st.integers(1, 4),
    "tokens": st.integers(2, 12),
    "fusion": st.sampled_from(["mean", "max", "min"]),
    "residual": st.floats(0, 1),
    "discard": st.floats(0, 0.99),
    "prefix": st.integers(0, 3),
}


@settings(deadline=None)
@given(**options)
def test_rows_stay_a_distribution(seed, layers, heads, tokens, fusion, residual, discard, prefix):
    fused = fuse(softmax_rows(seed, layers, heads, tokens, tokens), fusion)
    np.testing.assert_allclose(fused.sum(axis=-1), 1, atol=1e-9)
    shares = rollout(
        fused, residual=residual, discard=discard, start=layers - 1, prefix=min(prefix, tokens)
    )
    assert shares.min() >= 0
    np.testing.assert_allclose(shares.sum(axis=-1), 1, atol=1e-9)


@settings(deadline=None)
@given(token=st.integers(0, 11), **options)
def test_one_row_equals_that_row_of_the_whole(
    seed, layers, heads, tokens, fusion, residual, discard, prefix, token
):
    fused = fuse(softmax_rows(seed, layers, heads, tokens, tokens), fusion)
    how = {"residual": residual, "discard": discard, "prefix": min(prefix, tokens)}
    token = token % tokens
    row = rollout_row(fused, token, **how)
    np.testing.assert_allclose(row, rollout(fused, **how)[token], atol=1e-12)
    assert np.isclose(row.sum(), 1)


def test_identity_attention_is_identity():
    fused = fuse(np.tile(np.eye(5), (3, 2, 1, 1)))
    np.testing.assert_allclose(rollout(fused), np.eye(5))


def test_layer_order_is_input_to_output():
    first, second = np.array([[1.0, 0], [1, 0]]), np.array([[0, 1.0], [0, 1]])
    fused = np.stack([first, second])
    np.testing.assert_allclose(rollout(fused, residual=0), second @ first)
    assert not np.allclose(second @ first, first @ second)


def test_start_skips_the_layers_before_it():
    fused = fuse(softmax_rows(0, 4, 2, 6, 6))
    np.testing.assert_allclose(rollout(fused, start=2), rollout(fused[2:]))


def test_two_layers_by_hand():
    fused = np.array([[[0.5, 0.5], [0.25, 0.75]]] * 2)
    mixed = np.array([[0.75, 0.25], [0.125, 0.875]])
    np.testing.assert_allclose(rollout(fused), mixed @ mixed)


def test_maximum_over_heads_is_normalised_along_keys():
    # Without keepdims the row sums would be broadcast along the wrong axis.
    heads = np.array([[[[0.9, 0.1], [0.5, 0.5]], [[0.2, 0.8], [0.5, 0.5]]]])
    np.testing.assert_allclose(fuse(heads, "max"), [[[0.9 / 1.7, 0.8 / 1.7], [0.5, 0.5]]])


def test_minimum_of_heads_that_never_agree_stays_with_the_token():
    heads = np.array([[[[1.0, 0], [0, 1]], [[0, 1.0], [1, 0]]]])
    np.testing.assert_allclose(fuse(heads, "min"), [np.eye(2)])


def test_discarding_protects_the_prefix():
    # The class row and column hold the very smallest weights and must survive.
    fused = np.full((1, 5, 5), 0.0)
    fused[0, 0] = [0.996, 0.001, 0.001, 0.001, 0.001]
    fused[0, 1:, 0] = 0.001
    fused[0, 1:, 1:] = np.array([0.4, 0.3, 0.2, 0.099])
    shares = rollout(fused, residual=0, discard=0.5, prefix=1)
    np.testing.assert_allclose(shares[0], fused[0, 0])
    assert (shares[1:, 0] > 0).all()
    np.testing.assert_allclose(shares[1], [0.001 / 0.701, 0.4 / 0.701, 0.3 / 0.701, 0, 0])


def test_discarding_counts_patches_only():
    fused = fuse(softmax_rows(3, 1, 1, 9, 9))
    shares = rollout(fused, residual=0, discard=0.25, prefix=1)
    assert (shares == 0).sum() == 16


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"residual": 1.5}, "residual"),
        ({"discard": 1.0}, "discard"),
        ({"start": 2}, "start"),
        ({"prefix": 4}, "prefix"),
    ],
)
def test_arguments_out_of_range_are_refused(how, message):
    fused = fuse(softmax_rows(0, 2, 1, 3, 3))
    with pytest.raises(ValueError, match=message):
        rollout(fused, **how)


def test_a_token_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="token must be in 0 to 2"):
        rollout_row(fuse(softmax_rows(0, 2, 1, 3, 3)), 3)


def test_unnormalised_rows_are_refused():
    with pytest.raises(ValueError, match="sum to 1"):
        fuse(np.ones((1, 1, 2, 2)))


def test_unknown_fusion_is_refused():
    with pytest.raises(Exception, match="median"):
        fuse(softmax_rows(0, 1, 1, 2, 2), "median")
