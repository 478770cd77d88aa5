"""Rollout through windows and merging, against dense matrices and plain rollout."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core import rollout as plain
from viz_core import window_rollout as sparse
from viz_core import windows
from viz_core.windows import FILLED, Layout

some = settings(deadline=None, max_examples=12)


def patterns(rng, layout, heads=2):
    count, area = windows.members(layout).shape
    return rng.dirichlet(np.ones(area), size=(count, heads, area))


def blocks(rng, *layouts):
    return [sparse.block(patterns(rng, layout), layout) for layout in layouts]


def dense(one):
    """The block as the matrix over the map that is never built."""
    size = one.layout.grid[0] * one.layout.grid[1]
    matrix = np.zeros((size, size))
    for window, tokens in enumerate(windows.members(one.layout)):
        for q, query in enumerate(tokens):
            for k, key in enumerate(tokens):
                if FILLED not in (query, key):
                    matrix[query, key] = one.pattern[window, q, k]
    return matrix


@some
@given(
    st.integers(0, 2**31), st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.floats(0, 1)
)
def test_rows_stay_a_distribution_through_shift_padding_and_merging(
    seed, rows, columns, window, residual
):
    rng = np.random.default_rng(seed)
    merged = (-(-rows // 2), -(-columns // 2))
    shift = window // 2
    made = blocks(
        rng,
        Layout((rows, columns), window),
        Layout((rows, columns), window, shift),
        Layout(merged, window, shift),
    )
    shares = sparse.rollout(made, residual=residual)
    assert shares.shape == (merged[0] * merged[1], rows, columns)
    assert shares.min() >= 0
    np.testing.assert_allclose(shares.sum(axis=(1, 2)), 1, atol=1e-9)
    token = int(rng.integers(len(shares)))
    row = sparse.rollout_row(made, token, residual=residual)
    np.testing.assert_allclose(row, shares[token], atol=1e-12)
    mean = sparse.rollout_row(made, residual=residual)
    np.testing.assert_allclose(mean, shares.mean(axis=0), atol=1e-12)


@some
@given(st.integers(0, 2**31), st.integers(1, 4), st.integers(1, 4), st.floats(0, 1))
def test_one_window_over_the_whole_map_is_plain_rollout(seed, side, layers, residual):
    layout = Layout((side, side), side)
    raw = [patterns(np.random.default_rng([seed, k]), layout) for k in range(layers)]
    made = [sparse.block(one, layout) for one in raw]
    expected = plain.rollout(plain.fuse(np.concatenate(raw)), residual=residual, prefix=0)
    shares = sparse.rollout(made, residual=residual).reshape(side**2, side**2)
    np.testing.assert_allclose(shares, expected, atol=1e-12)


@pytest.mark.parametrize("grid", [(6, 6), (5, 7)])
def test_shifted_windows_equal_their_dense_matrices(grid):
    made = blocks(np.random.default_rng(0), Layout(grid, 3), Layout(grid, 3, 1))
    matrices = np.stack([dense(one) for one in made])
    np.testing.assert_allclose(matrices.sum(axis=-1), 1)
    expected = plain.rollout(matrices, residual=0.3, prefix=0)
    shares = sparse.rollout(made, residual=0.3)
    np.testing.assert_allclose(shares.reshape(len(expected), -1), expected, atol=1e-12)


def test_a_merged_token_is_the_mean_of_those_it_came_from():
    own = np.eye(1)[None, None]
    made = [
        sparse.block(np.tile(own, (9, 1, 1, 1)), Layout((3, 3), 1)),
        sparse.block(np.tile(own, (4, 1, 1, 1)), Layout((2, 2), 1)),
    ]
    shares = sparse.rollout(made)
    np.testing.assert_array_equal(shares[0], [[0.25, 0.25, 0], [0.25, 0.25, 0], [0, 0, 0]])
    np.testing.assert_array_equal(shares[3], [[0, 0, 0], [0, 0, 0], [0, 0, 1]])


def test_attention_to_filled_up_places_is_taken_out():
    layout = Layout((1, 1), 2)
    one = sparse.block(np.full((1, 1, 4, 4), 0.25), layout)
    assert one.pattern[0, 0].tolist() == [1, 0, 0, 0]
    only = np.zeros((1, 1, 4, 4))
    only[..., 3] = 1  # nothing but a filled-up place: the row stays with its token
    assert sparse.block(only, layout).pattern[0, 0].tolist() == [1, 0, 0, 0]


def test_one_token_of_a_large_map_holds_no_matrix_of_the_map_squared():
    layout = Layout((56, 56), 7, 3)
    made = blocks(np.random.default_rng(0), layout, layout)
    import tracemalloc

    tracemalloc.start()
    sparse.rollout_row(made, 1234)
    assert tracemalloc.get_traced_memory()[1] < 8 * 3136 * 100
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda made: sparse.rollout_row([]), "at least one block"),
        (lambda made: sparse.rollout_row(made, 36), "token must be in 0 to 35"),
        (lambda made: sparse.rollout_row(made, residual=1.5), "residual"),
        (lambda made: sparse.rollout(made, residual=-0.1), "residual"),
        (
            lambda made: sparse.rollout(made + blocks(np.random.default_rng(0), Layout((2, 2), 2))),
            "does not merge",
        ),
        (lambda made: sparse.block(np.full((4, 1, 4, 4), 0.25), Layout((6, 6), 3)), "do not fit"),
        (lambda made: sparse.block(np.ones((4, 1, 9, 9)), Layout((6, 6), 3)), "sum to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    made = blocks(np.random.default_rng(0), Layout((6, 6), 3))
    with pytest.raises(ValueError, match=words):
        call(made)
