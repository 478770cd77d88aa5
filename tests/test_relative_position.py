"""Offsets, index and bias, and the two traps: query minus key, and the half turn."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import swin
from viz_core import relative_position as rel

sides = st.integers(1, 9)
some = settings(deadline=None, max_examples=10)


@some
@given(sides)
def test_the_index_is_the_models_and_uses_every_row_of_the_table(window):
    index = rel.index(window)
    theirs = swin.relative_position_index(window, torch.device("cpu")).numpy()
    np.testing.assert_array_equal(index, theirs)
    assert set(index.ravel()) == set(range((2 * window - 1) ** 2))
    # Equal offsets, and only those, share a row.
    flat = rel.offsets(window).reshape(-1, 2)
    assert len(np.unique(np.column_stack([flat, index.ravel()]), axis=0)) == len(
        np.unique(flat, axis=0)
    )


def test_offsets_of_two_by_two_by_hand():
    # The article's figure 8-41: token 1 against itself, its right, its lower, its diagonal.
    np.testing.assert_array_equal(rel.offsets(2)[0], [[0, 0], [0, -1], [-1, 0], [-1, -1]])
    np.testing.assert_array_equal(rel.raised(2)[0], [[1, 1], [1, 0], [0, 1], [0, 0]])
    np.testing.assert_array_equal(rel.scaled(2)[0], [[3, 1], [3, 0], [0, 1], [0, 0]])
    np.testing.assert_array_equal(
        rel.index(2), [[4, 3, 1, 0], [5, 4, 2, 1], [7, 6, 4, 3], [8, 7, 5, 4]]
    )


@some
@given(sides, st.integers(0, 2**31))
def test_bias_is_the_models_to_the_bit(window, seed):
    table = np.random.default_rng(seed).normal(size=((2 * window - 1) ** 2, 3))
    side = dict(image_size=window, patch_size=1, window=window)
    config = swin.SwinConfig(**side, width=6, depths=(1,), heads=(3,))
    attention = swin.Attention(config, 0, shifted=False).double()
    attention.load_state_dict(
        {"relative_position_bias_table": torch.from_numpy(table)}, strict=False
    )
    with torch.inference_mode():
        np.testing.assert_array_equal(rel.bias(table), attention.position_bias().numpy())


@some
@given(st.integers(2, 7), st.integers(0, 2**31))
def test_around_the_query_the_map_has_the_bias_of_the_key_that_lies_there(window, seed):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=((2 * window - 1) ** 2, 2))
    around, added = rel.key_from_query(table), rel.bias(table)
    query, key = rng.integers(window**2, size=2)
    down, right = (int(d) for d in np.subtract(divmod(key, window), divmod(query, window)))
    np.testing.assert_array_equal(
        around[:, window - 1 + down, window - 1 + right], added[:, query, key]
    )


def test_the_table_as_it_stands_is_turned_by_180_degrees():
    table = np.zeros((9, 1))
    table[0] = 1  # row 0: query minus key is (-1, -1), the key lies below and right
    assert rel.key_from_query(table)[0, 2, 2] == 1
    assert rel.bias(table)[0, 0, 3] == 1
    assert table.reshape(3, 3)[0, 0] == 1


@pytest.mark.parametrize("rows", [0, 4, 8, 50])
def test_a_table_of_no_odd_square_is_refused(rows):
    for call in (rel.bias, rel.key_from_query, rel.window_of):
        with pytest.raises(ValueError, match="is not one of"):
            call(np.zeros((rows, 2)))


def test_a_window_without_tokens_is_refused():
    for call in (rel.offsets, rel.raised, rel.scaled, rel.index):
        with pytest.raises(ValueError, match="at least one token"):
            call(0)
