"""Curves of a training: means stay means, and an empty chart has its axes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viz_core.training_figures import Curves, curves, thinned


def run(pieces=5, exams=2):
    return Curves(
        pictures=np.arange(1, pieces + 1) * 1000.0,
        loss=np.linspace(2.3, 1, pieces),
        accuracy=np.linspace(10, 60, pieces),
        asked=np.arange(exams) * 2000.0,
        held_out=np.linspace(10, 55, exams),
    )


def test_neighbours_are_averaged_at_their_last_place():
    x, y = thinned(np.arange(6.0), np.array([1.0, 3, 5, 7, 0, 10]), 3)
    assert x.tolist() == [1, 3, 5]
    assert y.tolist() == [2, 6, 5]


@settings(max_examples=20, deadline=None)
@given(count=st.integers(1, 400), most=st.integers(1, 200))
def test_thinning_keeps_the_mean_and_the_end(count, most):
    values = np.random.default_rng(count).normal(size=count)
    x, y = thinned(np.arange(float(count)), values, most)
    assert len(y) == min(count, most)
    assert x[-1] == count - 1
    if count % most == 0:
        assert y.mean() == pytest.approx(values.mean(), abs=1e-9)


def test_nothing_to_keep_is_refused():
    with pytest.raises(ValueError, match="0 points"):
        thinned(np.arange(2.0), np.arange(2.0), 0)


def test_before_the_first_piece_both_axes_and_guessing_are_there():
    figure = curves(None, classes=10)
    assert {trace.yaxis for trace in figure.data} == {"y", "y2"}
    assert [shape.y0 for shape in figure.layout.shapes] == pytest.approx([10, 2.302585])


def test_a_run_is_drawn_in_thousands_with_its_exams_and_an_example_behind():
    figure = curves(run(), classes=10, example=run(9, 3), called="ours")
    names = [trace.name for trace in figure.data]
    assert names[:2] == ["ours", "ours"]
    held = figure.data[names.index("held-out pictures")]
    assert list(held.x) == [0, 2]
    assert figure.layout.xaxis.range[1] == pytest.approx(5.15)  # the run's end, not the example's
    assert figure.layout.yaxis.range[1] == pytest.approx(66)
