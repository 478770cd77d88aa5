"""Both norms against PyTorch's in float64, and what happens to ragged sentences."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from viz_core import normalise
from viz_core.labs import norms

sizes = {
    "seed": st.integers(0, 2**32 - 1),
    "samples": st.integers(1, 4),
    "tokens": st.integers(2, 6),
}


def drawn(seed, samples, tokens, channels=5):
    draw = np.random.default_rng(seed)
    return 3 * draw.normal(size=(samples, tokens, channels)) + draw.normal(size=channels)


@settings(deadline=None, max_examples=20)
@given(**sizes)
def test_layer_norm_is_pytorchs(seed, samples, tokens):
    x = drawn(seed, samples, tokens)
    theirs = nn.LayerNorm(5).double()(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(normalise.layer_norm(x), theirs, atol=1e-12)


@settings(deadline=None, max_examples=20)
@given(**sizes)
def test_batch_norm_and_its_running_statistics_are_pytorchs(seed, samples, tokens):
    theirs = nn.BatchNorm1d(5).double()
    running = normalise.untrained(5)
    for step in range(3):
        x = drawn(seed + step, samples, tokens)
        channels_second = torch.from_numpy(x).transpose(1, 2)
        expected = theirs(channels_second).transpose(1, 2).detach().numpy()
        batch = normalise.batch_statistics(x)
        np.testing.assert_allclose(normalise.batch_norm(x, batch), expected, atol=1e-11)
        running = normalise.updated(running, batch)
    np.testing.assert_allclose(running.mean, theirs.running_mean.numpy(), atol=1e-12)
    np.testing.assert_allclose(running.variance, theirs.running_var.numpy(), atol=1e-12)
    tested = theirs.eval()(channels_second).transpose(1, 2).detach().numpy()
    np.testing.assert_allclose(normalise.batch_norm(x, running), tested, atol=1e-11)


def test_both_norms_by_hand():
    x = np.array([[[1.0, 3.0]], [[5.0, 3.0]]])
    np.testing.assert_allclose(normalise.layer_norm(x, 0)[:, 0], [[-1, 1], [1, -1]])
    found = normalise.batch_statistics(x)
    np.testing.assert_allclose(found.mean, [3, 3])
    np.testing.assert_allclose(found.variance, [4, 0])
    np.testing.assert_allclose(normalise.batch_norm(x, found)[:, 0, 0], [-1, 1], atol=1e-5)


@settings(deadline=None, max_examples=20)
@given(**sizes)
def test_what_is_padding_changes_no_statistic_when_it_does_not_count(seed, samples, tokens):
    x = drawn(seed, samples, tokens)
    longer = np.concatenate([x, 1e6 * np.ones((samples, 2, 5))], axis=1)
    real = np.arange(tokens + 2) < np.full((samples, 1), tokens)
    a, b = normalise.batch_statistics(x), normalise.batch_statistics(longer, real)
    np.testing.assert_allclose(a.mean, b.mean, atol=1e-12)
    np.testing.assert_allclose(a.variance, b.variance, atol=1e-12)


def test_one_value_a_channel_is_refused_as_pytorch_refuses_it():
    with pytest.raises(ValueError, match="more than one value per channel"):
        normalise.batch_statistics(np.ones((1, 1, 4)))
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        nn.BatchNorm1d(4)(torch.ones(1, 4))


def test_a_longer_sentence_moves_the_others_under_batch_norm_only():
    found = norms.sentences(norms.words_of("a cat sleeps\nattention is all you need\nhello"))
    first, *later = found["variants"]
    assert first["changed"] == {"layer": 0.0, "all": 0.0, "real": 0.0}
    for variant in later:
        assert variant["changed"]["layer"] == 0.0
        assert variant["changed"]["all"] > 0.01
        assert variant["changed"]["real"] > 0.01
    assert [len(line) for line in later[-1]["words"]] == [3, 5, 7]
    assert np.array(later[-1]["real"]).sum(axis=1).tolist() == [3, 5, 7]
    assert later[-1]["batch"]["all"]["count"] == 21
    assert later[-1]["batch"]["real"]["count"] == 15


def test_what_the_browser_divides_gives_the_norms():
    found = norms.sentences([["two", "words"], ["and", "three", "more"]])["variants"][4]
    x, layer, batch = (found[name] for name in ("x", "layer", "batch"))
    for name, real in (("all", None), ("real", np.array(found["real"]))):
        shown = (np.array(x) - batch[name]["mean"]) / batch[name]["std"]
        exact = normalise.batch_norm(np.array(x), normalise.batch_statistics(np.array(x), real))
        np.testing.assert_allclose(shown, exact, atol=1e-3)
    shown = (np.array(x) - np.array(layer["mean"])[..., None]) / np.array(layer["std"])[..., None]
    np.testing.assert_allclose(shown, normalise.layer_norm(np.array(x)), atol=1e-3)


def test_words_are_vectors_of_their_letters():
    tea, eat, other = normalise.letter_vectors(["tea", "EAT", "tee"], 6)
    np.testing.assert_allclose(tea, eat)
    assert np.abs(tea - other).max() > 0.1
    assert normalise.letter_vectors(["é", "12", "猫"], 6).shape == (3, 6)
    with pytest.raises(ValueError, match="letter"):
        normalise.letter_vectors([""])


def test_sequences_are_padded_with_zeros():
    x, real = normalise.padded([np.ones((1, 2)), 2 * np.ones((3, 2))])
    assert x[:, :, 0].tolist() == [[1, 0, 0], [2, 2, 2]]
    assert real.tolist() == [[True, False, False], [True, True, True]]
    with pytest.raises(ValueError, match="at least one token"):
        normalise.padded([np.ones((0, 2))])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: normalise.layer_norm(np.array([np.nan, 1.0])), "finite"),
        (lambda: normalise.layer_norm(np.zeros((2, 0))), "channel"),
        (lambda: normalise.batch_norm(np.ones((1, 2, 3)), normalise.untrained(2)), "2 channels"),
        (lambda: normalise.untrained(0), "at least one"),
        (
            lambda: normalise.updated(normalise.untrained(1), normalise.untrained(1), 2),
            "momentum",
        ),
        (lambda: norms.words_of("only one"), "2 to 5 sentences"),
        (lambda: norms.words_of("a b c d e f g h\nx"), "7 words"),
        (lambda: norms.words_of(f"a\n{'b' * 15}"), "14 letters"),
    ],
)
def test_what_cannot_be_normalised_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
