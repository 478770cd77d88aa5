from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from viz_core.prediction import softmax, top


@given(arrays(np.float32, st.integers(1, 20), elements=st.floats(-80, 80, width=32)))
def test_shares_sum_to_one_and_fall(logits):
    labels = [str(i) for i in range(len(logits))]
    guesses = top(logits, labels, len(logits))
    assert sum(g.share for g in guesses) == pytest.approx(1)
    assert all(a.share >= b.share for a, b in pairwise(guesses))


def test_softmax_by_hand():
    np.testing.assert_allclose(softmax(np.log(np.array([1.0, 2, 5]))), [0.125, 0.25, 0.625])


def test_top_names_the_largest_logits():
    guesses = top(np.array([0.0, 9, 5]), ["cat", "dog", "bird"], 2)
    assert [g.label for g in guesses] == ["dog", "bird"]


def test_top_refuses_a_wrong_number_of_labels():
    with pytest.raises(ValueError, match="as many labels"):
        top(np.zeros(3), ["cat"])


def test_top_refuses_what_is_not_finite():
    with pytest.raises(ValueError, match="finite"):
        top(np.array([0.0, np.nan]), ["cat", "dog"])
