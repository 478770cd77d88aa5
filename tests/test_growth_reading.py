"""What formed when: ways, turns and neighbours, by hand and for anything."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.growth_toys import random_growth
from viz_core import growth_reading as reading


def test_a_way_by_hand():
    values = np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0], [-3.0, -4.0], [6.0, 8.0]])
    expected = [0, 1 - np.hypot(3, 8) / 10, 0.5, -0.5, 1]
    np.testing.assert_allclose(reading.way(values), expected)


@given(seed=st.integers(0, 2**31), scale=st.floats(1e-3, 1e3), shift=st.floats(-10, 10))
@settings(max_examples=25, deadline=None)
def test_a_way_knows_no_unit_and_ends_at_one(seed, scale, shift):
    values = np.random.default_rng(seed).standard_normal((4, 2, 3))
    made = reading.way(values)
    assert (made[0], made[-1]) == (0, 1)
    assert made.max() <= 1
    np.testing.assert_allclose(reading.way(scale * values + shift), made, atol=1e-6)


def test_what_makes_no_way_is_refused():
    with pytest.raises(ValueError, match="two moments, got 1"):
        reading.way(np.ones((1, 3)))
    with pytest.raises(ValueError, match="nothing differs"):
        reading.way(np.ones((3, 2)))


def test_settled_is_the_first_moment_that_stays():
    assert reading.settled(np.array([0.0, 0.6, 0.4, 0.5, 1.0])) == 3
    assert reading.settled(np.array([0.0, 0.6, 0.4, 0.5, 1.0]), 0.9) == 4
    assert reading.settled(np.array([0.7, 1.0])) == 0
    with pytest.raises(ValueError, match=r"is below 0\.5"):
        reading.settled(np.array([1.0, 0.2]))


@given(st.lists(st.floats(-2, 1), min_size=1, max_size=9), st.floats(-1, 1))
@settings(max_examples=40, deadline=None)
def test_nothing_after_settling_is_below_and_the_one_before_is(some, level):
    made = np.array([*some, 1.0])
    at = reading.settled(made, level)
    assert (made[at:] >= level).all()
    assert at == 0 or made[at - 1] < level


def test_turns_by_hand():
    chances = np.array([[0.4, 0.3, 0.3], [0.3, 0.5, 0.2], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1]])
    assert reading.turns(chances) == [1, 3]
    assert reading.turns(chances[:1]) == []
    with pytest.raises(ValueError, match="need moments and classes"):
        reading.turns(np.zeros((0, 3)))


@given(seed=st.integers(0, 2**31), moments=st.integers(1, 8))
@settings(max_examples=25, deadline=None)
def test_between_turns_the_answer_is_one(seed, moments):
    chances = np.random.default_rng(seed).random((moments, 3))
    parts = np.split(chances.argmax(axis=1), reading.turns(chances))
    assert all(len(set(part)) == 1 for part in parts)
    assert all(a[-1] != b[0] for a, b in pairwise(parts))


def test_neighbours_by_hand():
    cosines = np.full((4, 4), -0.5)
    for one, other in ((0, 1), (0, 2), (1, 3), (2, 3)):  # of 2 x 2 places
        cosines[one, other] = cosines[other, one] = 0.25
    np.fill_diagonal(cosines, 1)
    assert reading.neighbours(cosines, (2, 2)) == (0.25, -0.5)
    for grid in ((4, 1), (2, 3)):
        with pytest.raises(ValueError, match="4 places are no grid"):
            reading.neighbours(cosines, grid)


def test_the_order_is_that_of_half_the_way():
    made = {
        "late": np.array([0, 0.1, 0.2, 1]),
        "far": np.array([0, 0.9, 0.95, 1]),
        "near": np.array([0, 0.5, 0.6, 1]),
    }
    found = reading.order(made, [0, 0.01, 0.1, 1])
    assert found == [("far", 0.01), ("near", 0.01), ("late", 1.0)]
    with pytest.raises(ValueError, match="needs 3 moments"):
        reading.order(made, [0, 0.5, 1])


def test_what_never_changes_has_no_way():
    grown = random_growth()
    assert list(reading.ways(grown)) == ["filters", "positions", "attention", "reading", "answer"]
    fixed = np.broadcast_to(grown.cosines[:1], grown.cosines.shape).copy()
    assert "positions" not in reading.ways(replace(grown, cosines=fixed))
    assert "positions" not in reading.ways(replace(grown, cosines=None))
    np.testing.assert_allclose(grown.chances.sum(axis=1), 1)
