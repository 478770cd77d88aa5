"""Normalised cuts by hand and against every bipartition; regions: numbers, likeness, masks."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core import attention, cuts, regions

SEEDS = st.integers(0, 2**32 - 1)


def blocks(sizes, link=0.01):
    """Groups of tokens all linked with 1 inside and weakly to all others."""
    member = np.repeat(np.arange(len(sizes)), sizes)
    return np.where(member[:, None] == member, 1.0, link), member


def graph(seed, tokens):
    weights = np.random.default_rng(seed).uniform(0.01, 1, (tokens, tokens)) ** 2
    return (weights + weights.T) / 2


def cheapest(weights):
    """The normalised cut of every bipartition, tried one by one; the cheapest."""
    best = np.inf
    for sides in product([False, True], repeat=len(weights) - 1):
        side = np.array([True, *sides])
        if side.all():
            continue
        links = weights.sum(axis=1)
        across = weights[side][:, ~side].sum()
        best = min(best, across / links[side].sum() + across / links[~side].sum())
    return best


def same(first, second):
    """Whether two groupings differ in nothing but their numbers."""
    return regions.adjusted_rand(np.asarray(first, int), np.asarray(second, int)) == 1


def test_two_blocks_with_weak_links_by_hand():
    # 3 and 2 tokens: cut = 6 · 0.01; links = 3 (3 + 0.02) and 2 (2 + 0.03).
    weights, member = blocks((3, 2))
    cut = cuts.bipartition(weights)
    assert same(cut.front, member)
    assert cut.cost == pytest.approx(0.06 / 9.06 + 0.06 / 4.06)
    assert cut.cost == pytest.approx(cuts.cost(weights, member == 0))
    # y is 1 / links of the side on either side of 0: the small block has the larger entries.
    assert cut.vector[4] / cut.vector[0] == pytest.approx(-9.06 / 4.06)
    assert cut.front.tolist() == [False, False, False, True, True]
    assert cut.eigenvalue == pytest.approx(cut.cost)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, tokens=st.integers(2, 9))
def test_the_relaxation_bounds_the_cheapest_of_all_cuts_and_the_sweep_stays_near(seed, tokens):
    weights = graph(seed, tokens)
    cut, best = cuts.bipartition(weights), cheapest(weights)
    assert cut.eigenvalue <= best + 1e-9
    assert best <= cut.cost + 1e-9
    assert cut.cost <= 2 * np.sqrt(2 * cut.eigenvalue) + 1e-9  # Cheeger's inequality for a sweep


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, first=st.integers(2, 5), second=st.integers(2, 5))
def test_on_graphs_that_fall_apart_the_cut_is_the_cheapest_of_all(seed, first, second):
    weights, member = blocks((first, second), link=1e-3)
    weights = weights * np.random.default_rng(seed).uniform(0.9, 1, weights.shape)
    weights = (weights + weights.T) / 2
    cut = cuts.bipartition(weights)
    assert cut.cost == pytest.approx(cheapest(weights))
    assert same(cut.front, member)


@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, tokens=st.integers(4, 24), scale=st.floats(0.01, 100))
def test_larger_weights_and_another_order_give_the_same_cut(seed, tokens, scale):
    weights = graph(seed, tokens)
    order = np.random.default_rng(seed).permutation(tokens)
    cut = cuts.bipartition(weights)
    turned = cuts.bipartition(scale * weights[np.ix_(order, order)])
    assert turned.cost == pytest.approx(cut.cost)
    assert turned.eigenvalue == pytest.approx(cut.eigenvalue, abs=1e-9)
    np.testing.assert_array_equal(turned.front, cut.front[order])


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, tokens=st.integers(2, 20))
def test_vectors_solve_their_equation_and_their_largest_entry_is_positive(seed, tokens):
    weights = graph(seed, tokens)
    links = weights.sum(axis=1)
    values, vectors = cuts.spectrum(weights)
    assert values[0] == pytest.approx(0, abs=1e-9)
    assert (np.diff(values) >= -1e-12).all()
    for value, vector in zip(values, vectors, strict=True):
        np.testing.assert_allclose(
            links * vector - weights @ vector, value * links * vector, atol=1e-8
        )
        assert vector[np.abs(vector).argmax()] > 0


def test_of_two_entries_of_one_size_the_first_is_positive():
    _, vectors = cuts.spectrum(blocks((2, 2))[0])
    assert vectors[1][0] > 0 > vectors[1][3]


def test_three_blocks_fall_apart_one_after_the_other_and_keep_their_numbers():
    weights, member = blocks((6, 4, 3))
    found = cuts.division(weights, most=5)
    assert found.counts == (2, 3, 4, 5)
    assert same(found.labels[1], member)
    for before, after, count in zip(found.labels, found.labels[1:], found.counts, strict=False):
        moved = before != after
        assert (after[moved] == count).all()
        assert len(np.unique(before[moved])) == 1
    assert found.costs[1] < 0.1 < 0.5 < found.costs[2]  # a block is not cut for little
    assert not found.labels.flags.writeable


def test_a_graph_of_two_tokens_has_one_cut():
    found = cuts.division(np.array([[1, 0.5], [0.5, 1]]), most=8)
    assert found.counts == (2,)
    assert found.labels.tolist() == [[1, 0]]
    assert found.costs[0] == pytest.approx(2 / 3)


def test_links_follow_the_threshold():
    tokens = np.array([[2.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
    raw = cuts.affinity(tokens, 0.2, faint=0.01, centred=False)
    assert raw.tolist() == [
        [1, 1, 0.01, 0.01], [1, 1, 0.01, 0.01], [0.01, 0.01, 1, 0.01], [0.01, 0.01, 0.01, 1],
    ]  # fmt: skip
    assert (cuts.affinity(tokens, -1.0) == 1).all()
    np.testing.assert_array_equal(cuts.affinity(tokens + 7.0), cuts.affinity(tokens))
    assert (cuts.affinity(tokens + 7.0, centred=False) == 1).all()


@pytest.mark.parametrize(
    ("features", "options", "words"),
    [
        (np.ones((1, 3)), {}, "2 to"),
        (np.ones((cuts.LARGEST + 1, 1)), {}, "2 to"),
        (np.array([[1.0], [np.nan]]), {}, "finite"),
        (np.eye(3), {"threshold": 1.5}, "cosine from -1 to 1"),
        (np.eye(3), {"threshold": -1.5}, "cosine from -1 to 1"),
        (np.eye(3), {"faint": 0.0}, "between 0 and 1"),
    ],
)
def test_features_that_make_no_graph_are_refused(features, options, words):
    with pytest.raises(ValueError, match=words):
        cuts.affinity(features, **options)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.ones((1, 1)), "at least 2"),
        (np.array([[1.0, np.inf], [np.inf, 1.0]]), "finite"),
        (np.array([[1.0, -1.0], [-1.0, 1.0]]), "at least 0"),
        (np.array([[1.0, 0.5], [0.2, 1.0]]), "symmetric"),
        (np.array([[1.0, 0.0], [0.0, 0.0]]), "link"),
    ],
)
def test_weights_of_no_graph_are_refused(weights, words):
    with pytest.raises(ValueError, match=words):
        cuts.bipartition(weights)


def test_a_cut_needs_two_sides_and_a_division_two_regions():
    with pytest.raises(ValueError, match="two sides"):
        cuts.cost(np.ones((3, 3)), np.ones(3, bool))
    with pytest.raises(ValueError, match="2 to 255"):
        cuts.division(np.ones((3, 3)), most=1)


def test_regions_take_the_numbers_that_they_overlap_most():
    known = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    assert regions.matched(np.array([2, 2, 2, 0, 0, 1, 1, 1]), known).tolist() == known.tolist()
    # 2 goes to the region that overlaps it three times, not to the one that overlaps it twice.
    both = (
        np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2]),
        np.array([1, 1, 1, 2, 2, 0, 0, 2, 2, 2, 0, 0]),
    )
    assert regions.matched(both[0], both[1]).tolist() == [1] * 3 + [0] * 4 + [2] * 5
    # Known groupings vote together.
    one = np.array([0, 1, 1])
    assert regions.matched(1 - one, one, one, 1 - one).tolist() == one.tolist()
    assert regions.matched(np.array([1, 1, 0, 0])).tolist() == [1, 1, 0, 0]
    with pytest.raises(ValueError, match="other places"):
        regions.matched(known, known[:3])


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, places=st.integers(2, 30), count=st.integers(1, 6))
def test_matching_renames_regions_and_changes_nothing_else(seed, places, count):
    rng = np.random.default_rng(seed)
    labels, known = rng.integers(0, count, places), rng.integers(0, count, places)
    found = regions.matched(labels, known)
    assert same(found, labels)
    assert found.max() < len(np.unique(labels))
    np.testing.assert_array_equal(regions.matched(found, found), found)


def test_numbers_hold_from_layer_to_layer_and_from_way_to_way():
    halves = np.array([[0, 0, 1, 1]], np.uint8)
    fine = np.kron(halves.reshape(2, 2), np.ones((2, 2), int)).astype(np.uint8).reshape(1, -1)
    first, second = regions.steady([((2, 2), halves), ((4, 4), 1 - fine)])
    assert (first.tolist(), second.tolist()) == (halves.tolist(), fine.tolist())
    (beside,) = regions.steady([((2, 2), 1 - halves)], [((2, 2), halves)])
    assert beside.tolist() == halves.tolist()
    with pytest.raises(ValueError, match="beside"):
        regions.steady([((2, 2), halves)] * 2, [((2, 2), halves)])


def test_likeness_by_hand():
    # Pairs that are together: 2 in both (0-1 and 3-4), 4 in each, 10 in all.
    first, second = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1])
    chance = 4 * 4 / 10
    assert regions.adjusted_rand(first, second) == pytest.approx((2 - chance) / (4 - chance))
    assert regions.adjusted_rand(first, 1 - first) == 1
    assert regions.adjusted_rand(first * 0, first * 0) == 1
    assert regions.adjusted_rand(first, first * 0) == pytest.approx(0)
    with pytest.raises(ValueError, match="places"):
        regions.adjusted_rand(first, second[:4])


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, places=st.integers(1, 60), share=st.floats(0, 1))
def test_entries_hold_the_mask_of_every_share(seed, places, share):
    shares = np.random.default_rng(seed).exponential(size=places) ** 2
    found = regions.entries(shares)
    assert found.min() == 0
    assert found.max() < 1
    near = np.abs(found - share) < 1e-9
    wanted = attention.mass_mask(shares, share)
    assert ((found < share) == wanted)[~near].all()
    with pytest.raises(ValueError, match="not all 0"):
        regions.entries(shares * 0)


def test_a_coarser_map_holds_means_and_a_small_one_stays():
    values = np.arange(16, dtype=float)[:, None]
    found, grid = regions.coarser(values, (4, 4), largest=4)
    assert (found[:, 0].tolist(), grid) == ([2.5, 4.5, 10.5, 12.5], (2, 2))
    assert regions.coarser(values, (4, 4))[1] == (4, 4)
    with pytest.raises(ValueError, match="not 4 x 5"):
        regions.coarser(values, (4, 5))


def test_a_grouping_on_another_grid_takes_the_region_at_the_middle():
    labels = np.array([0, 1, 2, 3])
    assert regions.resized(labels, (2, 2), (3, 3)).tolist() == [0, 1, 1, 2, 3, 3, 2, 3, 3]
    assert regions.resized(labels, (2, 2), (1, 1)).tolist() == [3]
    with pytest.raises(ValueError, match="places"):
        regions.resized(labels, (2, 3), (1, 1))


def test_silhouettes_are_those_of_each_region():
    points = np.array([[0.0], [1.0], [10.0], [12.0]])
    found = regions.graded(points, (2,), np.array([[0, 0, 1, 1]], np.uint8))
    # a = 1, b = 11 and 10; a = 2, b = 9.5 and 11.5.
    first, second = (10 / 11 + 9 / 10) / 2, (7.5 / 9.5 + 9.5 / 11.5) / 2
    assert found.each[0] == pytest.approx((first, second))
    assert found.whole[0] == pytest.approx((first + second) / 2)
    with pytest.raises(ValueError, match="counts"):
        regions.graded(points, (2, 3), np.zeros((1, 4), np.uint8))


def test_pictures_of_one_region_and_of_the_rest_add_up_to_the_whole():
    image = np.random.default_rng(0).normal(size=(1, 3, 6, 6)).astype(np.float32)
    labels = np.array([0, 1, 1, 0])
    found = regions.apart(image, labels, (2, 2), 2)
    assert found.shape == (4, 3, 6, 6)
    assert (found[0, :, :3, :3] == image[0, :, :3, :3]).all()
    assert (found[0, :, :3, 3:] == 0).all()
    np.testing.assert_array_equal(found[:2] + found[2:], np.repeat(image, 2, axis=0))


def test_colours_are_means_of_the_pixels_of_a_place():
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[:2, 2:, 0] = [[255, 0], [255, 0]]
    assert regions.colours(pixels, (2, 2)).tolist() == [
        [0, 0, 0],
        [0.5, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
    ]
    with pytest.raises(ValueError, match="do not divide"):
        regions.colours(pixels, (3, 3))
