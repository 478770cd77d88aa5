"""Windows, regions and mask against hand-made cases and against models.swin."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import swin
from viz_core import window_mask, windows
from viz_core.windows import FILLED, Layout


@st.composite
def layouts(draw):
    window = draw(st.integers(1, 5))
    grid = (draw(st.integers(1, 12)), draw(st.integers(1, 12)))
    return Layout(grid, window, draw(st.integers(0, window - 1)))


some = settings(deadline=None, max_examples=20)
PAPER = Layout((8, 8), 4, 2)


@some
@given(layouts())
def test_every_token_is_in_exactly_one_window_and_comes_back(layout):
    members = windows.members(layout)
    size = layout.grid[0] * layout.grid[1]
    assert sorted(members[members != FILLED]) == list(range(size))
    tokens = np.arange(size).reshape(layout.grid)
    np.testing.assert_array_equal(windows.to_picture(members, layout), tokens)
    window, place = windows.places(layout).T
    np.testing.assert_array_equal(members[window, place], np.arange(size))
    np.testing.assert_array_equal(window.reshape(layout.grid), windows.window_ids(layout))


@some
@given(layouts(), st.integers(0, 2**31))
def test_partition_and_reverse_undo_each_other_and_are_the_models(layout, seed):
    x = np.random.default_rng(seed).normal(size=(*layout.padded, 2))
    cut = windows.partition(x, layout.window)
    np.testing.assert_array_equal(windows.reverse(cut, layout.windows[0]), x)
    theirs = swin.window_partition(torch.from_numpy(x)[None], layout.window)[0].numpy()
    np.testing.assert_array_equal(cut, theirs)


@some
@given(layouts())
def test_regions_and_mask_are_the_models(layout):
    if not layout.shift:
        assert not window_mask.attention_mask(layout).any()
        return
    size = (*layout.padded, layout.window, layout.shift)
    np.testing.assert_array_equal(window_mask.region_ids(layout), swin.region_ids(*size).numpy())
    theirs = swin.shift_mask(*size, torch.device("cpu"), torch.float64).numpy()
    np.testing.assert_array_equal(window_mask.attention_mask(layout), theirs)


@some
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5), st.data())
def test_open_pairs_are_those_of_the_ragged_windows_where_nothing_is_filled_up(
    rows, columns, window, data
):
    layout = Layout(
        (rows * window, columns * window), window, data.draw(st.integers(0, window - 1))
    )
    ragged = windows.partition(
        np.roll(window_mask.ragged_ids(layout), (-layout.shift, -layout.shift), (0, 1)), window
    )
    apart = ragged[:, :, None] != ragged[:, None, :]
    np.testing.assert_array_equal(window_mask.attention_mask(layout) < 0, apart)


def test_padding_by_hand():
    assert windows.padding((14, 28), 4) == (2, 0)
    assert Layout((14, 28), 4).padded == (16, 28)
    assert Layout((14, 28), 4).windows == (4, 7)


def test_two_windows_by_hand():
    np.testing.assert_array_equal(
        windows.partition(np.arange(8).reshape(2, 4), 2), [[0, 1, 4, 5], [2, 3, 6, 7]]
    )


def test_a_shift_rolls_up_and_left_and_then_fills_up():
    np.testing.assert_array_equal(
        windows.rolled(Layout((3, 3), 2, 1)),
        [[4, 5, 3, -1], [7, 8, 6, -1], [1, 2, 0, -1], [-1, -1, -1, -1]],
    )


def test_region_ids_of_the_papers_figure_live_in_the_rolled_frame():
    ids = window_mask.region_ids(PAPER)
    np.testing.assert_array_equal(ids[0], [0, 0, 0, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(ids[:, 0], [0, 0, 0, 0, 3, 3, 6, 6])
    back = window_mask.region_ids_in_picture(PAPER)
    np.testing.assert_array_equal(back[0], [8, 8, 6, 6, 6, 6, 7, 7])
    np.testing.assert_array_equal(back[:, 7], [7, 7, 1, 1, 1, 1, 4, 4])
    assert not np.array_equal(ids, back)


def test_four_windows_become_nine_ragged_ones():
    regular, shifted = (window_mask.ragged_ids(Layout((8, 8), 4, s)) for s in (0, 2))
    assert [regular.max() + 1, shifted.max() + 1] == [4, 9]
    np.testing.assert_array_equal(np.bincount(shifted.ravel()), [4, 8, 4, 8, 16, 8, 4, 8, 4])


def test_the_mask_closes_with_minus_one_hundred_and_leaves_the_first_window_open():
    mask = window_mask.attention_mask(PAPER)
    assert mask.shape == (4, 16, 16)
    assert sorted(np.unique(mask)) == [-100, 0]
    assert np.isfinite(mask).all()
    # Half of window 2 is closed to the other half, three quarters of window 4 to each quarter.
    assert [(one < 0).mean() for one in mask] == [0, 0.5, 0.5, 0.75]


def test_crossing_counts_what_goes_to_other_regions():
    even = np.full((4, 2, 16, 16), 1 / 16)
    np.testing.assert_allclose(window_mask.crossing(even, PAPER), [0, 0.5, 0.5, 0.75])
    own = np.broadcast_to(np.eye(16), (4, 2, 16, 16))
    np.testing.assert_array_equal(window_mask.crossing(own, PAPER), 0)


@some
@given(layouts(), st.integers(0, 2**31))
def test_keys_of_a_token_are_its_windows_and_keep_their_shares(layout, seed):
    rng = np.random.default_rng(seed)
    count, area = windows.members(layout).shape
    patterns = rng.dirichlet(np.ones(area), size=(count, 2, area))
    token = int(rng.integers(layout.grid[0] * layout.grid[1]))
    shares = windows.keys_in_picture(patterns, layout, token)
    ids = windows.window_ids(layout)
    assert (shares[:, ids != ids.ravel()[token]] == 0).all()
    real = windows.members(layout)[ids.ravel()[token]] != FILLED
    place = windows.places(layout)[token, 1]
    expected = patterns[ids.ravel()[token], :, place][:, real].sum(axis=-1)
    np.testing.assert_allclose(shares.sum(axis=(1, 2)), expected)


def test_a_key_across_the_seam_is_drawn_where_it_really_is():
    layout = Layout((4, 4), 2, 1)
    patterns = np.zeros((4, 1, 4, 4))
    patterns[..., 3] = 1  # everybody looks at the last token of the window
    # The last window holds the four corners; its last token is the first of the picture.
    shares = windows.keys_in_picture(patterns, layout, token=15)
    assert shares[0, 0, 0] == 1


def test_complexity_of_swin_t_stage_1_by_hand():
    # 4 * 3136 * 96^2 = 115,605,504; 2 * 3136^2 * 96 = 1,888,223,232;
    # 2 * 49 * 3136 * 96 = 29,503,488
    assert windows.msa_macs(56, 56, 96) == 2_003_828_736
    assert windows.window_msa_macs(56, 56, 96, 7) == 145_108_992


@some
@given(st.integers(1, 60), st.integers(1, 200))
def test_one_window_over_the_whole_map_costs_what_global_attention_does(side, width):
    assert windows.window_msa_macs(side, side, width, side) == windows.msa_macs(side, side, width)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Layout((4, 4), 2, 2), "shift must be in 0 to 1"),
        (lambda: Layout((0, 4), 2), "at least 1"),
        (lambda: windows.padding((4, 4), 0), "at least 1"),
        (lambda: windows.partition(np.zeros((5, 4)), 2), "do not divide"),
        (lambda: windows.reverse(np.zeros((4, 3)), 2), "do not make"),
        (lambda: windows.to_picture(np.zeros((3, 16)), PAPER), "expected 4 windows"),
        (lambda: windows.keys_in_picture(np.zeros((4, 1, 16, 16)), PAPER, 64), "token must be"),
        (lambda: windows.keys_in_picture(np.zeros((4, 1, 4, 4)), PAPER, 0), "expected 4 windows"),
        (lambda: window_mask.crossing(np.zeros((4, 9, 9)), PAPER), "does not fit"),
        (lambda: windows.msa_macs(0, 4, 8), "at least 1"),
        (lambda: windows.window_msa_macs(4, 4, 8, 0), "at least 1"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
