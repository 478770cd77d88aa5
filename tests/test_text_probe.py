"""A sentence as the page shows it."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.text_compact import TextCompact, TextConfig
from models.text_data import Vocabulary
from tests.parity import shaken
from viz_core.probe.text import read, spread

pytestmark = pytest.mark.usefixtures("one_thread")
VOCABULARY = Vocabulary.of(["what is an atom ?", "who was galileo ?", "in 1984"], 100, least=1)
CONFIG = TextConfig(words=len(VOCABULARY), length=12, word_width=16, width=32, classes=6)
LONG = "what is an atom ? who was galileo in 1984 old one"
SENTENCE = "What is an old atom?"


def network(**changes):
    torch.manual_seed(2)
    cfg = dataclasses.replace(CONFIG, **changes)
    return shaken(TextCompact(cfg).eval()).requires_grad_(False)


@pytest.fixture(scope="module")
def model():
    return network()


@pytest.fixture(scope="module")
def reading(model):
    return read(model, VOCABULARY, SENTENCE)


def test_words_and_what_they_are_read_as(reading):
    assert reading.words == ("what", "is", "an", "old", "atom", "?")
    assert reading.entries == ("what", "is", "an", "<unk>", "atom", "?")
    assert reading.known.tolist() == [True, True, True, False, True, True]
    assert reading.ids.tolist() == VOCABULARY.ids(reading.words)
    assert not reading.padding.any()
    assert reading.cut == 0


def test_windows_of_kernels_of_two_by_hand(reading):
    assert reading.windows.tolist() == [[0, 1], [0, 3], [2, 5], [4, 6]]


def test_numbers_are_the_networks(model, reading):
    with torch.inference_mode():
        logits = model(torch.tensor(reading.ids)[None])[0]
        shorter = model(torch.from_numpy(np.delete(reading.ids, 3))[None])[0].softmax(0)
    np.testing.assert_allclose(reading.logits, logits.numpy(), atol=1e-6)
    np.testing.assert_allclose(reading.probabilities, logits.softmax(0).numpy(), atol=1e-6)
    np.testing.assert_allclose(reading.without[3], shorter.numpy(), atol=1e-6)
    best = reading.probabilities.argmax()
    assert reading.effect[3] == pytest.approx(reading.probabilities[best] - shorter[best].item())


@given(
    words=st.integers(1, 12), fill=st.integers(0, 11), causal=st.booleans(), pooled=st.booleans()
)
@settings(max_examples=12, deadline=None)
def test_padding_is_shown_and_changes_nothing(words, fill, causal, pooled):
    model = network(seq_pool=pooled)
    sentence = " ".join(LONG.split()[:words])
    plain = read(model, VOCABULARY, sentence, causal)
    padded = read(model, VOCABULARY, sentence, causal, min(words + fill, 12))
    np.testing.assert_allclose(padded.logits, plain.logits, atol=2e-6)
    np.testing.assert_allclose(padded.effect[:words], plain.effect, atol=2e-6)
    assert padded.padding.tolist() == [False] * words + [True] * (len(padded.words) - words)
    assert not padded.pooling[padded.token_padding].any()
    assert not padded.patterns[..., padded.token_padding].any()
    assert not (padded.patterns * padded.closed).any()
    assert not padded.windows[padded.token_padding].any()
    assert np.isnan(padded.effect[words:]).all()
    np.testing.assert_allclose(padded.patterns.sum(-1), 1, atol=1e-5)
    assert padded.pooling.sum() == pytest.approx(1, abs=1e-5)
    assert padded.word_pooling.sum() == pytest.approx(float(pooled), abs=1e-5)
    assert len(padded.closed) == len(padded.windows) == len(padded.pooling)


def test_a_class_token_is_token_zero_and_under_no_word():
    reading = read(network(seq_pool=False), VOCABULARY, SENTENCE, causal=True)
    assert reading.prefix == 1
    assert reading.windows[0].tolist() == [0, 0]
    assert reading.pooling.tolist() == [1, 0, 0, 0, 0]
    assert not reading.closed[0].any()
    assert reading.closed[1:, 0].all()


def test_a_long_sentence_is_cut_and_one_word_has_nothing_to_leave_out(model):
    long = read(model, VOCABULARY, "atom " * 15)
    assert (len(long.words), long.cut) == (12, 3)
    assert np.isnan(read(model, VOCABULARY, "atom").effect).all()


def test_a_reading_cannot_be_changed(reading):
    for value in vars(reading).values():
        if isinstance(value, np.ndarray):
            with pytest.raises(ValueError, match="read-only"):
                value[...] = 0


@pytest.mark.parametrize(
    ("sentence", "length", "said"),
    [
        (" ", None, "no word"),
        ("what is", 1, "from 2 to 12"),
        ("what is", 13, "from 2 to 12"),
    ],
)
def test_what_cannot_be_read_is_refused(model, sentence, length, said):
    with pytest.raises(ValueError, match=said):
        read(model, VOCABULARY, sentence, length=length)


def test_shares_of_tokens_go_to_their_words_in_equal_parts():
    shares, windows = np.array([0.5, 0.3, 0.2]), np.array([[0, 1], [0, 3], [0, 0]])
    np.testing.assert_allclose(spread(shares, windows, 4), [0.6, 0.1, 0.1, 0])
    with pytest.raises(ValueError, match="within the 2 words"):
        spread(shares, windows, 2)
