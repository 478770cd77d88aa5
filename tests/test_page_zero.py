"""“Attention from zero” as a script: every control reaches the numbers that the browser is sent."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models import hub
from models.tensorfile import WeightsError
from pages._ui import explain, stepper, zero_tokens, zero_tries

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def fresh():
    """The page as it opens; each test drives on from where the last one stopped setting keys."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run().switch_page("pages/zero.py").run()
    assert not app.exception
    return app


@pytest.fixture
def app(fresh):
    yield fresh
    for key, value in DEFAULTS.items():
        fresh.session_state[key] = value
    fresh.session_state["stepper_told"] = None
    fresh.run()


DEFAULTS = {
    "zero_tokens": "Patches", "zero_weights": "Own kind", "zero_heads": "2", "zero_scale": True,
    "zero_cross": False, "zero_causal": False, "zero_positions": False,
}  # fmt: skip


def frames(app):
    sent = [
        json.loads(e.proto.bytes) for e in app.get("bidi_component") if e.proto.bytes[:1] == b"{"
    ]
    return {
        ("maps" if "maps" in one else "stepper"): one
        for one in sent
        if "answers" in one or "maps" in one
    }


def shown(app):
    assert not app.exception
    return frames(app)["stepper"]


def matrix(frame, name):
    return np.array(frame["matrices"][name])


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def check(frame):
    """Every matrix follows from those before it."""
    heads, width = frame["heads"], frame["head_width"]
    x = matrix(frame, "x")
    memory = matrix(frame, "y") if frame["memory"] else x
    split = {}
    for part, field, tokens in (("q", "query", x), ("k", "key", memory), ("v", "value", memory)):
        whole = tokens @ matrix(frame, f"w{part}")
        split[field] = whole.reshape(len(tokens), heads, width).transpose(1, 0, 2)
        np.testing.assert_allclose(matrix(frame, field), split[field], atol=1e-3)
    scores = split["query"] @ split["key"].transpose(0, 2, 1) / frame["root"]
    scores = scores + matrix(frame, "mask")
    np.testing.assert_allclose(matrix(frame, "pattern"), softmax(scores), atol=1e-3)
    mixed = softmax(scores) @ split["value"]
    joined = mixed.transpose(1, 0, 2).reshape(len(x), -1)
    np.testing.assert_allclose(matrix(frame, "output"), joined @ matrix(frame, "wo"), atol=1e-2)


def test_the_page_opens_with_five_patches_of_the_picture(app):
    frame = shown(app)
    assert matrix(frame, "x").shape == (5, 8)
    assert matrix(frame, "query").shape == (2, 5, 4)
    assert frame["tokens"]["image"].startswith("data:image/jpeg;base64,")
    assert frame["badge"] == "set by hand, not learned"
    check(frame)


@pytest.mark.parametrize("heads", ["1", "2", "4"])
@pytest.mark.parametrize("weights", ["Own kind", "Random"])
def test_heads_and_weights(app, heads, weights):
    app.segmented_control(key="zero_heads").set_value(heads)
    app.segmented_control(key="zero_weights").set_value(weights).run()
    frame = shown(app)
    assert matrix(frame, "query").shape == (int(heads), 5, 8 // int(heads))
    assert ("untrained" in frame["badge"]) == (weights == "Random")
    check(frame)
    width = 8 // int(heads)
    assert any(rf"\sqrt{{{width}}}={width**0.5:.3g}$" in one.value for one in app.markdown)


def test_switches_for_scale_and_mask(app):
    app.toggle(key="zero_scale").set_value(False)
    app.toggle(key="zero_causal").set_value(True).run()
    frame = shown(app)
    assert frame["root"] == 1
    np.testing.assert_array_equal(matrix(frame, "products"), matrix(frame, "scaled"))
    assert (matrix(frame, "pattern")[:, *np.triu_indices(5, 1)] == 0).all()
    assert (matrix(frame, "mask")[np.triu_indices(5, 1)] == -1e9).all()
    check(frame)


def test_cross_attention_reads_a_second_picture_and_rests_the_mask(app):
    app.toggle(key="zero_causal").set_value(True)
    app.toggle(key="zero_cross").set_value(True).run()
    app.selectbox(key="zero_second").select("butterfly").run()
    frame = shown(app)
    assert frame["memory"]["title"] == "butterfly"
    assert not frame["causal"]
    assert not matrix(frame, "mask").any()
    check(frame)


def test_words_with_and_without_positions(app):
    app.segmented_control(key="zero_tokens").set_value("Words").run()
    frame = shown(app)
    assert frame["tokens"]["labels"] == ["the", "cat", "sees", "the", "dog"]
    np.testing.assert_array_equal(matrix(frame, "x")[0], matrix(frame, "x")[3])
    app.toggle(key="zero_positions").set_value(True).run()
    frame = shown(app)
    assert (matrix(frame, "x")[0] != matrix(frame, "x")[3]).any()
    np.testing.assert_allclose(
        matrix(frame, "letters") + matrix(frame, "positions"), matrix(frame, "x"), atol=1e-5
    )
    app.text_input(key="zero_words").set_value("one two three four five six seven").run()
    assert len(shown(app)["tokens"]["ids"]) == 6
    app.toggle(key="zero_cross").set_value(True).run()
    app.text_input(key="zero_second_words").set_value("uno due").run()
    frame = shown(app)
    assert matrix(frame, "pattern").shape == (2, 6, 2)
    check(frame)
    app.text_input(key="zero_words").set_value("  ").run()
    assert not app.exception
    assert any("at least one word" in caption.value for caption in app.caption)


def tell(app, **message):
    app.session_state["stepper_told"] = {"edits": [], "chosen": {}, "serial": 7, **message}
    app.run()


def test_edits_reach_every_matrix_and_rest_when_their_token_is_gone(app):
    row = shown(app)["tokens"]["ids"][2]
    tell(app, edits=[["x", row, 0, 9.0], ["q", "1", 3, -2.0]])
    frame = shown(app)
    assert matrix(frame, "x")[2, 0] == 9
    assert matrix(frame, "wq")[1, 3] == -2
    assert frame["answers"] == 7
    check(frame)
    app.segmented_control(key="zero_tokens").set_value("Words").run()
    frame = shown(app)
    assert matrix(frame, "wq")[1, 3] == -2
    assert not (matrix(frame, "x") == 9).any()
    assert any("1 edited number" in caption.value for caption in app.caption)


def test_patches_can_be_chosen_and_nonsense_cannot(app):
    tokens = shown(app)["tokens"]
    tell(app, chosen={tokens["key"]: [0, 1, 2, 3, 195]})
    assert shown(app)["tokens"]["patches"] == [0, 1, 2, 3, 195]
    for nonsense in ([0, 0, 1, 2, 3], [1, 2, 3, 4, 999], [1]):
        tell(app, chosen={tokens["key"]: nonsense})
        assert shown(app)["tokens"]["patches"] == tokens["patches"]


def test_a_message_that_no_stepper_sends_is_dropped_with_a_notice(app):
    tell(app, edits=[["x", "a", 0, "1"]])
    assert not app.exception
    assert any("could not be read" in toast.value for toast in app.toast)


@pytest.mark.parametrize("item", zero_tries.ZERO, ids=lambda item: item.label)
def test_every_try_sets_its_controls_and_its_step(app, item):
    before = shown(app)["view"]["serial"]
    app.button(key=f"try-{item.label}").click().run()
    frame = shown(app)
    assert frame["view"]["serial"] == before + 1
    assert frame["view"]["step"] == item.state[stepper.ASK]["step"]
    for key, value in item.state.items():
        if key != stepper.ASK:
            assert app.session_state[key] == value


def test_a_picture_of_one_colour_is_said_to_have_no_directions():
    same = np.ones((196, 160))
    assert "are alike" in zero_tokens._origin(SimpleNamespace(vectors=same))
    same[3, 5] = 2
    along = SimpleNamespace(share=0.93456)
    told = zero_tokens._origin(SimpleNamespace(vectors=same, along=along))
    assert "(160 numbers)" in told
    assert "93.5\u2009%" in told


def test_a_network_that_cannot_be_had_is_asked_for_once_and_again_on_request(app, monkeypatch):
    asked = []

    def refuse(weights, name, report):
        asked.append(name)
        raise WeightsError("No connection.")

    monkeypatch.setattr(hub, "fetch", refuse)
    monkeypatch.setattr(hub, "cached", lambda _: None)
    app.selectbox(key="model").select("vit_tiny_patch16_224").run()
    app.segmented_control(key="zero_weights").set_value("Random").run()
    assert len(asked) == 1
    assert [one.value.split(" You see ")[0] for one in app.warning] == ["No connection."]
    assert any("labs below show ViT-Nano" in caption.value for caption in app.caption)
    assert len(shown(app)["tokens"]["patches"]) == 5
    next(one for one in app.button if one.label == "Try again").click().run()
    assert len(asked) == 2
    app.selectbox(key="model").select("vit_nano_patch4_56").run()
    assert not app.warning


def test_encoder_and_decoder_follow_their_switches(app):
    maps = frames(app)["maps"]
    assert maps["lengths"] == {"source": 5, "target": 6}
    cross = np.array(maps["maps"]["cross"])
    assert cross.shape == (2, 2, 8, 8)
    assert not cross[..., 5:].any()
    app.toggle(key="zero_padding").set_value(False)
    app.toggle(key="zero_decoder_causal").set_value(False)
    app.text_input(key="zero_source").set_value("hello")
    app.text_input(key="zero_target").set_value("").run()
    assert not app.exception
    maps = frames(app)["maps"]
    assert np.array(maps["maps"]["cross"]).shape == (2, 2, 6, 1)
    assert (np.array(maps["maps"]["decoder"]) > 0).all()


def test_the_text_is_short_names_its_sources_and_has_its_values(app):
    text = explain.sections("zero")
    assert set(text) == {"See", "Maths", "Sources"}
    assert len(text["See"].split()) <= 60
    assert "arxiv.org/abs/1706.03762" in text["Sources"]
    assert any(r"\sqrt{4}=2$" in one.value for one in app.markdown)
