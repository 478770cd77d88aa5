"""Words by the rules, the vocabulary, and GloVe files."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.text_data import LIMIT, PAD, UNKNOWN, Vocabulary, words
from models.text_glove import fill, load_glove

SENTENCES = ["The cat was sitting here", "the dog was running", "the cat ran in 1984", "a singing"]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("What is an atom?", "what is an atom ?"),
        ("Who can't see O'Neill’s cat?", "who ca n't see o ' neill 's cat ?"),
        ("The U.S. won 1,350.5 points, at 8 p.m.", "the u.s. won 1,350.5 points , at 8 p.m."),
        ("a well-known  e-mail...", "a well - known e - mail ..."),
        ("Messier #39;s lawyer: quot;No quot;", 'messier \'s lawyer : " no "'),
        ("they #39;re &lt;b&gt;bold&lt;/b&gt; AT&amp;T", "they 're bold at & t"),
        ("paid #36;10 &#36;20", "paid $ 10 $ 20"),
        (r"second\team of \$5", "second team of $ 5"),
        ("GOOG.OQ 4x100m n't 's", "goog . oq 4 x 100 m n't 's"),
        ("Ünïted ΣΑΣ 中文", "ünïted σας 中文"),
        ("<3 a < b", "< 3 a < b"),
        (" \n\t", ""),
    ],
)
def test_words_follow_the_rules(sentence, expected):
    assert words(sentence) == expected.split()


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_words_are_lower_case_and_without_space_whatever_is_typed(sentence):
    found = words(sentence)
    assert all(word and not word.isspace() for word in found)
    vocabulary = Vocabulary((PAD, UNKNOWN, "a"))
    assert all(0 < i < 3 for i in vocabulary.ids(found))


def test_a_sentence_without_end_is_read_in_time():
    assert len(words("<a " * 10**6)) < LIMIT


def test_a_vocabulary_keeps_frequent_words_then_endings_of_the_others():
    vocabulary = Vocabulary.of(SENTENCES, size=20)
    assert vocabulary.entries == (PAD, UNKNOWN, "the", "cat", "was", "~ing")
    assert vocabulary.entries[:4] == Vocabulary.of(SENTENCES, size=4).entries
    assert vocabulary.ids(["the", "swimming", "ring", "king", "zzz"]) == [2, 5, 5, 5, 1]
    assert vocabulary.entry("sing") == "~ing"
    assert vocabulary.entry("ing") == UNKNOWN
    assert vocabulary.stand_in("sitting") == "~ing"


def test_numbers_are_read_by_their_shape():
    vocabulary = Vocabulary.of(["in 1984 or 1,5", "since 2001"], size=9, least=1)
    assert vocabulary.entry("1066") == "0000"
    assert vocabulary.knows("1066")
    assert not vocabulary.knows("10")
    assert "0,0" in vocabulary.entries


def test_the_same_sentences_give_the_same_vocabulary():
    assert Vocabulary.of(SENTENCES, 5) == Vocabulary.of(list(SENTENCES), 5)


@pytest.mark.parametrize(
    ("entries", "said"),
    [(("the",), "begins"), ((PAD, UNKNOWN, "a", "a"), "once"), ((), "begins")],
)
def test_entries_that_are_no_vocabulary_are_refused(entries, said):
    with pytest.raises(ValueError, match=said):
        Vocabulary(entries)


GLOVE = "the 0.5 -1 2e-1\ncat 1 2 3\n. . 7 7 7\nthe 9 9 9\ndog 0 0 1\n"


@pytest.fixture
def glove(tmp_path):
    path = tmp_path / "small.txt"
    path.write_text(GLOVE, encoding="utf-8")
    return path


def test_glove_fills_the_rows_of_known_words(glove):
    vocabulary = Vocabulary((PAD, UNKNOWN, "dog", "zebra", "the"))
    vectors, known = load_glove(glove, vocabulary, 3)
    assert known.tolist() == [False, False, True, False, True]
    torch.testing.assert_close(vectors[4], torch.tensor([0.5, -1.0, 0.2]))
    table = torch.full((5, 3), 8.0)
    fill(table, vectors, known)
    assert table[[0, 1, 3]].eq(8).all()
    assert table[2].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("line", "width"),
    [
        (b"cat 1 2", 3),
        (b"cat 1 2 x", 3),
        (b"cat 1 nan 3", 3),
        (b"cat 1 inf 3", 3),
        (b"\xff\xfe 1 2 3", 3),
        (b"", 3),
        (b"1 2 3", 3),
    ],
)
def test_a_bad_line_of_a_glove_file_is_named(glove, line, width):
    glove.write_bytes(GLOVE.encode() + line + b"\n")
    with pytest.raises(ValueError, match=f"line 6: not a word and {width} finite numbers"):
        load_glove(glove, Vocabulary((PAD, UNKNOWN, "cat")), width)


def test_a_glove_file_without_any_word_of_ours_is_refused(glove):
    with pytest.raises(ValueError, match="no vector"):
        load_glove(glove, Vocabulary((PAD, UNKNOWN, "zebra")), 3)
