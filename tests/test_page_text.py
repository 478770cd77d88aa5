"""The page Text: what is typed is made fit to be read, packed for the browser, and answered."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from models.text_catalog import TEXTS
from models.text_compact import TextCompact, TextConfig
from models.text_data import Vocabulary
from pages._ui import text_networks
from pages._ui.cached import text as cached
from viz_core.probe import text
from viz_core.sentence import typed, wire

pytestmark = pytest.mark.usefixtures("one_thread")
ROOT = Path(__file__).parent.parent
SENTENCE = "Who painted the ceiling of the chapel?"


@pytest.fixture(scope="module")
def read():
    torch.manual_seed(0)
    vocabulary = Vocabulary.of([SENTENCE, SENTENCE], size=50)
    config = TextConfig(words=len(vocabulary), word_width=8, width=8, classes=3, length=12)
    model = TextCompact(config).eval()

    def reading(sentence=SENTENCE, **options):
        return text.read(model, vocabulary, sentence, **options)

    return reading


def opened(frame):
    (length,) = struct.unpack_from("<I", frame)
    header = json.loads(frame[4 : 4 + length])

    def numbers(name):
        part = header["parts"][name]
        flat = np.frombuffer(frame, "<f4", part["bytes"] // 4, 4 + length + part["at"])
        return flat.reshape(part["shape"])

    return header, numbers


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_what_is_left_is_one_line_and_stays_as_it_is(typed_text):
    try:
        found = typed.cleaned(typed_text)
    except ValueError:
        return
    assert found.isprintable()
    assert found == " ".join(found.split())
    assert typed.cleaned(found) == found


def test_what_cannot_be_seen_goes_and_what_can_stays():
    assert typed.cleaned(" a\u202e\u200b b\n\tc\x00 ") == "a b c"
    assert typed.cleaned("cafe\u0301 \U0001f600 \u05e9\u05dc\u05d5\u05dd") == "café 😀 שלום"
    assert len(typed.cleaned("x" * 30_000)) == typed.MOST_LETTERS


@pytest.mark.parametrize("nothing", ["", "  \n", "\u200b\u202e", "\x00", "\ud800"])
def test_an_empty_box_is_refused_in_a_sentence(nothing):
    with pytest.raises(ValueError, match=r"type a sentence\.$"):
        typed.cleaned(nothing)


def test_a_frame_holds_both_readings_and_what_padding_changes(read):
    alone = [read(causal=causal) for causal in (False, True)]
    padded = [read(causal=causal, length=11) for causal in (False, True)]
    frame = wire.pack(padded, unpadded=[r.probabilities for r in alone], header={"most": 12})
    header, numbers = opened(frame)
    assert header["words"][:2] == ["who", "painted"]
    assert header["words"][8:] == ["<pad>"] * 3
    assert header["alone"] == [False] * 8 + [True] * 3
    assert 0 <= header["drift"] < 1e-6
    for run, reading in zip(wire.RUNS, padded, strict=True):
        np.testing.assert_array_equal(numbers(f"{run}/patterns"), reading.patterns)
        np.testing.assert_array_equal(numbers(f"{run}/closed"), reading.closed)
        np.testing.assert_array_equal(numbers(f"{run}/without")[:8], reading.without[:8])
        np.testing.assert_array_equal(numbers(f"{run}/without")[9], reading.probabilities)
        assert numbers(f"{run}/effect")[9] == 0
    assert numbers("causal/patterns")[0, 0][0, 1:].max() == 0


def test_a_single_endless_word_is_cut_on_its_chip_and_cannot_be_left_out(read):
    both = [read("y" * 500, causal=causal) for causal in (False, True)]
    header, _ = opened(wire.pack(both, unpadded=None, header={}))
    assert header["words"] == ["y" * (wire.MOST_SHOWN - 1) + "…"]
    assert header["alone"] == [True]
    assert header["drift"] is None


def test_readings_of_two_sentences_are_refused(read):
    with pytest.raises(ValueError, match="same sentence"):
        wire.pack([read(), read("who painted?")], unpadded=None, header={})


@pytest.fixture(scope="module")
def app():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page("pages/text.py").run()
    assert not app.exception
    return app


def told(app):
    """What the component was sent last."""
    for element in app.get("bidi_component"):
        data = getattr(element.proto, "bytes", b"")
        if b'"word_pooling"' in data[:20_000] or b"plain/patterns" in data[:20_000]:
            return opened(data)
    raise AssertionError("the stage is not there")


def ask(app, **view):
    app.session_state.sentence_view = view
    app.run()
    assert not app.exception
    return told(app)


def test_the_page_opens_with_a_sentence_and_its_answer(app):
    header, numbers = told(app)
    name = next(iter(TEXTS))
    assert header["network"] == name
    assert header["sentence"] == TEXTS[name].examples[0]
    assert len(header["classes"]) == len(numbers("plain/probabilities"))
    assert numbers("plain/probabilities").sum() == pytest.approx(1, abs=1e-5)
    assert [s.value for s in app.subheader][-2:] == [
        "The same three steps as for pictures",
        "The networks",
    ]
    table = next(m.value for m in app.markdown if "published CCT-2" in m.value)
    assert all(f"`{name}`" in table for name in TEXTS)


@pytest.mark.parametrize("sentence", ["", " \n", "\u200b", "<b></b>"])
def test_bad_input_gets_a_sentence_and_the_last_one_stays(app, sentence):
    before = ask(app, sentence="who is she?")[0]["words"]
    header, _ = ask(app, sentence=sentence)
    assert header["problem"].endswith("You still see the last one.")
    assert header["words"] == before
    assert header["sentence"] == sentence


@pytest.mark.parametrize(
    "sentence", ["😀 👩‍👩‍👧", "שלום עולם", "word " * 2000, "<script>x()</script> who?"]
)
def test_odd_input_is_read(app, sentence):
    header, numbers = ask(app, sentence=sentence)
    assert header["problem"] == ""
    assert len(header["words"]) <= header["most"]
    assert np.isfinite(numbers("plain/probabilities")).all()
    assert header["cut"] == (2000 - header["most"] if sentence.startswith("word") else 0)


def test_padding_changes_no_answer_and_a_suggestion_leaves_the_rest_alone(app):
    header, before = ask(app, sentence="who painted it?", length=0)
    padded, after = ask(app, length=header["most"])
    assert padded["sentence"] == "who painted it?"
    assert len(padded["words"]) == header["most"]
    assert padded["drift"] < 1e-5
    np.testing.assert_allclose(
        after("plain/probabilities"), before("plain/probabilities"), atol=1e-5
    )
    assert padded["view"]["serial"] == header["view"]["serial"] + 1


def test_three_kinds_trained_alike_are_compared():
    assert set(cached.kinds()) == set(text_networks.KINDS)
    told = text_networks._kinds({"text_cvt_trec": {"test": [80.0, 82.0]}, "other": {"test": [1]}})
    assert "CVT 81.0 ± 1.4\u2009% of the test questions" in told


def test_another_network_is_told_in_the_maths(app):
    name = list(TEXTS)[1]
    header, _ = ask(app, network=name, sentence="Shares fell.", length=0)
    assert header["network"] == name
    assert any(TEXTS[name].title in m.value for m in app.markdown if "Tokenizer." in m.value)


def test_a_link_brings_its_sentence_and_nonsense_in_it_does_no_harm():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["sentence"] = "where is it?"
    app.query_params["network"] = "no such network"
    app.run().switch_page("pages/text.py").run()
    assert not app.exception
    app.query_params["sentence"] = "where is it?"
    header, _ = told(app)
    assert header["network"] == next(iter(TEXTS))
