"""The stepper's tokens, weights, edits and wire format."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

from pages._ui import stepper, zero_tries
from viz_core import stepper_tokens, stepper_weights, stepper_wire
from viz_core.stepper_weights import Edit


def cloud(seed=0, patches=36, width=12):
    return np.random.default_rng(seed).standard_normal((patches, width))


def test_directions_by_hand():
    tokens = np.array([[3.0, 0, 0], [-3, 0, 0], [0, 1, 0], [0, -1, 0]])
    along = stepper_tokens.directions(tokens, 2)
    np.testing.assert_allclose(along.axes, [[1, 0, 0], [0, 1, 0]], atol=1e-12)
    assert along.unit == pytest.approx(np.sqrt(20 / 8))
    assert along.share == pytest.approx(1)
    found = stepper_tokens.coordinates(tokens, along)
    np.testing.assert_array_equal(found[0], [1.9, 0])


@given(seed=st.integers(0, 2**16), count=st.integers(1, 8))
@settings(max_examples=10, deadline=None)
def test_directions_stand_at_right_angles_and_give_a_mean_square_of_one(seed, count):
    tokens = cloud(seed)
    along = stepper_tokens.directions(tokens, count)
    np.testing.assert_allclose(along.axes @ along.axes.T, np.eye(count), atol=1e-10)
    points = stepper_tokens.coordinates(tokens, along)
    assert (points**2).mean() == pytest.approx(1, abs=0.02)
    assert 0 < along.share <= 1


def test_more_directions_than_there_are_is_refused():
    with pytest.raises(ValueError, match="directions"):
        stepper_tokens.directions(cloud(patches=3), 4)


@given(seed=st.integers(0, 2**16), count=st.integers(4, 6))
@settings(max_examples=10, deadline=None)
def test_a_telling_handful_is_of_different_patches(seed, count):
    chosen = stepper_tokens.telling(cloud(seed, width=4), (6, 6), count)
    assert len(set(chosen)) == len(chosen) == count
    assert all(0 <= patch < 36 for patch in chosen)


def test_a_telling_handful_pairs_what_is_alike():
    points = np.zeros((25, 2))
    points[0], points[24] = (5, 0), (5, 0.1)
    points[4], points[20] = (-4, 0), (-4, 0.1)
    points[12] = (0, 3)
    assert stepper_tokens.telling(points, (5, 5), 5) == [24, 0, 4, 20, 12]
    with pytest.raises(ValueError, match="grid"):
        stepper_tokens.telling(points, (4, 5))


def test_the_same_word_has_the_same_vector_and_shared_letters_bring_words_closer():
    the, cats, cat, dog = stepper_tokens.word_vectors(["the", "cats", "cat", "dog"], 64)
    again = stepper_tokens.word_vectors(["The"], 64)[0]
    np.testing.assert_array_equal(the, again)
    assert np.linalg.norm(cat - cats) < np.linalg.norm(cat - dog)
    assert 0.5 < (np.stack([the, cats, cat, dog]) ** 2).mean() < 2
    with pytest.raises(ValueError, match="letters"):
        stepper_tokens.word_vectors([""], 8)


def test_words_lose_what_surrounds_them():
    assert stepper_tokens.words(" “The” (cat), sees. ", 6)[1:] == ["cat", "sees"]
    assert stepper_tokens.words("a b c d", 2) == ["a", "b"]
    with pytest.raises(ValueError, match="at least one word"):
        stepper_tokens.words(" , . ", 6)


def test_own_kind_scores_similarity():
    weights = stepper_weights.preset("own kind", 8)
    x = cloud(width=8)[:5]
    scores = (x @ weights["q"]) @ (x @ weights["k"]).T
    np.testing.assert_allclose(scores, stepper_weights.GAIN**2 * x @ x.T)
    with pytest.raises((ValueError, TypeCheckError), match=r"weights|Literal"):
        stepper_weights.preset("trained", 8)


@pytest.mark.parametrize("name", ["own kind", "random"])
def test_weights_have_the_digits_that_are_shown(name):
    for matrix in stepper_weights.preset(name, 8).values():
        np.testing.assert_array_equal(matrix, np.round(matrix, 2))


def test_an_edit_changes_one_number_of_a_copy():
    before = np.zeros((2, 3))
    edits = (Edit("x", "cat#0", 2, 1.5), Edit("x", "gone", 0, 9.0), Edit("q", "0", 0, 9.0))
    after = stepper_weights.edited(before, "x", ["dog#0", "cat#0"], edits)
    np.testing.assert_array_equal(after, [[0, 0, 0], [0, 0, 1.5]])
    assert not before.any()
    assert stepper_weights.resting(edits, ["cat#0"]) == 1
    with pytest.raises(ValueError, match="rows"):
        stepper_weights.edited(before, "x", ["dog#0"], edits)


def test_edits_are_read_and_rounded():
    assert stepper_weights.read_edits([["q", "3", 1, -0.126]]) == (Edit("q", "3", 1, -0.13),)


@pytest.mark.parametrize(
    "told",
    [
        None, [1], [["q", "3", 1]], [["w", "3", 1, 0.0]], [["q", "3", -1, 0.0]],
        [["q", "3", 1, "9"]], [["q", "3", 1, float("nan")]], [["q", "3", 1, 100]],
        [["q", "3", 1, True]], [["q", "3", 1, 0.0]] * 500,
    ],
)  # fmt: skip
def test_what_is_no_edit_is_refused(told):
    with pytest.raises(ValueError, match=r"edit|between"):
        stepper_weights.read_edits(told)


TOKENS = stepper_wire.Tokens(ids=("a", "b"), labels=("one", "two"), picture_jpeg=b"\xff\xd8")


def test_a_frame_carries_every_number_to_six_digits():
    values = cloud()[:2]
    frame = stepper_wire.pack({"x": values}, TOKENS, None, {"heads": 2}, [("x", "a", 0, 1.0)])
    message = json.loads(frame)
    np.testing.assert_allclose(message["matrices"]["x"], values, rtol=1e-5)
    assert message["heads"] == 2
    assert message["edits"] == [["x", "a", 0, 1.0]]
    assert message["tokens"]["image"] == "data:image/jpeg;base64,/9g="
    assert message["memory"] is None
    with pytest.raises(ValueError, match="finite"):
        stepper_wire.pack({"x": values * np.inf}, TOKENS, None, {}, [])


def test_maps_must_be_complete_and_shares():
    even = np.full((1, 1, 2, 2), 0.5)
    maps = {"encoder": even, "decoder": even, "cross": even}
    lengths = {"source": 2, "target": 1}
    message = json.loads(stepper_wire.pack_maps(maps, ["a", "b"], ["c", "d"], lengths, {}))
    assert message["maps"]["cross"] == even.tolist()
    assert message["lengths"] == lengths
    with pytest.raises(ValueError, match="cross"):
        stepper_wire.pack_maps({"encoder": even, "decoder": even}, [], [], lengths, {})
    with pytest.raises(ValueError, match="sum to 1"):
        stepper_wire.pack_maps(maps | {"cross": 2 * even}, [], [], lengths, {})


def test_tries_ask_for_steps_that_exist():
    steps = (stepper_wire.__file__).replace("stepper_wire.py", "stepper/js/steps.js")
    with open(steps, encoding="utf-8") as file:
        text = file.read()
    for item in zero_tries.ZERO:
        assert f'{{ id: "{item.state[stepper.ASK]["step"]}"' in text
