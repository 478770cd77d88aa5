import numpy as np
import pytest

from viz_core.figures import by_layer

VALUES = np.arange(6.0).reshape(3, 2)


def test_every_head_is_a_dot_and_every_layer_a_mean():
    figure = by_layer(VALUES, quantity="distance", unit="patches", even=6.0, chosen=(2, 1))
    dots, means, chosen = figure.data
    np.testing.assert_array_equal(dots.x, [1, 1, 2, 2, 3, 3])
    np.testing.assert_array_equal(dots.y, VALUES.ravel())
    np.testing.assert_array_equal(dots.customdata, [1, 2, 1, 2, 1, 2])
    np.testing.assert_array_equal(means.y, [0.5, 2.5, 4.5])
    assert (chosen.x, chosen.y) == ((3,), (5.0,))
    assert figure.layout.shapes[0].y0 == 6.0
    assert figure.layout.yaxis.range == (0, 1.15 * 6.0)
    assert "patches" in figure.layout.yaxis.title.text


def test_a_head_that_is_not_there_is_refused():
    with pytest.raises(IndexError):
        by_layer(VALUES, quantity="distance", unit="patches", even=6.0, chosen=(3, 0))
