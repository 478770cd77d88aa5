"""The labs of "Attention from zero": what the browser is given, and the page that gives it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from models.tap import record
from models.vit import ViT, ViTConfig
from viz_core import complexity, normalise, softmax
from viz_core.labs import norms, payload
from viz_core.probe import labs

ROOT = Path(__file__).parent.parent
SMALL = ViTConfig(image_size=32, patch_size=8, width=48, depth=3, heads=2, classes=4)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return ViT(SMALL).eval()


def image(seed=0):
    return np.random.default_rng(seed).normal(size=(1, 3, 32, 32)).astype(np.float32)


def test_queries_and_keys_give_back_the_networks_own_attention(model):
    found = labs.queries_keys(model, image())
    assert found.queries.shape == (3, 2, 17, 24)
    with torch.inference_mode(), record(model, "blocks.*.attn.pattern") as trace:
        model(torch.from_numpy(image()))
    patterns = torch.cat(trace.all("*")).numpy()
    scores = found.queries @ found.keys.swapaxes(-1, -2) / np.sqrt(24)
    np.testing.assert_allclose(softmax.shares(scores), patterns, atol=1e-6)
    told = payload.real_heads(found.queries, found.keys)
    assert (told["d"], told["n"]) == (24, 17)
    row = softmax.shares(np.array(told["scores"])[2, 1] / np.sqrt(24))
    np.testing.assert_allclose(row, patterns[2, 1, 0], atol=1e-4)
    with pytest.raises(ValueError, match="read-only"):
        found.keys[0] = 0


def test_a_network_without_such_places_is_refused():
    for probe in (labs.queries_keys, labs.residuals):
        with pytest.raises(KeyError, match="no tap"):
            probe(torch.nn.Identity(), image())


def test_pictures_are_normalised_as_the_whole_activations_are(model):
    streams, others = (
        np.stack([labs.residuals(model, image(seed)) for seed in seeds])
        for seeds in ((0, 1, 2), (7, 8))
    )
    assert streams.shape == (3, 3, 17, 48)
    found = norms.pictures(streams, others)
    scene, x = found["layers"][1], streams[:, 1].astype(np.float64)
    shown = np.ix_(range(3), found["tokens"], scene["channels"])
    np.testing.assert_allclose(scene["x"], x[shown], rtol=1e-3)
    layer = (scene["x"] - np.array(scene["layer"]["mean"])[..., None]) / np.array(
        scene["layer"]["std"]
    )[..., None]
    np.testing.assert_allclose(layer, normalise.layer_norm(x)[shown], atol=2e-3)
    batch = scene["patches"]["batch"][2]
    exact = normalise.batch_norm(x, normalise.batch_statistics(x))[shown]
    np.testing.assert_allclose(
        (scene["x"] - np.array(batch["mean"])) / batch["std"], exact, atol=2e-3
    )
    assert batch["count"] == 3 * 17
    assert scene["class"]["batch"][0] is None
    assert scene["class"]["batch"][2]["count"] == 3
    assert scene["class"]["running"]["count"] == norms.TRAINING_BATCHES * 2


def test_a_random_row_is_what_the_softmax_module_draws():
    told = payload.random_row(8, seed=2, widths=(4, 16))
    scores = softmax.random_scores(8, (4, 16), seed=2)
    np.testing.assert_allclose(told["scores"], scores[:, 0], rtol=1e-3)
    rows = softmax.shares(scores[1] / 4)
    assert told["slope"][1][1] == pytest.approx(softmax.slope(rows).mean(), rel=1e-3)
    theory = payload.theory(8, (4, 16))
    assert np.array(theory["entropy"]).shape == (2, 2)
    assert np.abs(np.array(theory["entropy"]) - told["entropy"]).max() < 0.25


def test_the_costs_carry_every_stop_of_every_slider():
    told = json.loads(payload.costs())
    assert told["kind"] == "costs"
    i, k, m = told["stops"]["n"].index(3136), payload.TAPS.index(9), payload.WINDOWS.index(7)
    assert told["paths"]["window"][i][m] == complexity.path("window", n=3136, m=7) == 15
    assert told["paths"]["cnn"][i][k] == 784
    assert told["paths"]["dilated"][i][k] == 4
    terms = {kind["key"]: kind["layer"] for kind in told["kinds"]}["window"]
    sizes = {"n": 3136, "d": 96, "k": 9, "m": 7}
    total = sum(t["factor"] * np.prod([sizes[s] ** t[s] for s in sizes]) for t in terms)
    assert total == complexity.cost("window", "layer", **sizes)
    assert told["crossings"][payload.MODEL_WIDTHS.index(96)] == {
        "paper": 96.0,
        "attention": 48.0,
        "layer": None,
    }


def test_numbers_are_cut_to_significant_digits():
    assert payload.rounded(np.array([[123456.0, -0.00123456, 0.0]]), 3) == [[123000, -0.00123, 0]]
    with pytest.raises(ValueError, match="finite"):
        payload.rounded(np.array([np.nan]))
    with pytest.raises(ValueError, match="no lab"):
        payload.encoded("attention")


def labs_alone():
    import streamlit as st

    from pages._ui import controls, zero_labs

    controls.sidebar()
    zero_labs.show()
    st.caption("end")


@pytest.fixture(scope="module")
def app():
    app = AppTest.from_function(labs_alone, default_timeout=60).run()
    assert not app.exception
    return app


def told(app):
    """Payloads of the labs by their kind."""
    found = {}
    for element in app.get("bidi_component") or app.main:
        data = getattr(element.proto, "bytes", b"")
        if data[:1] == b"{" and b'"kind"' in data[:20]:
            one = json.loads(data)
            found[one["kind"]] = one
    return found


def test_the_page_gives_all_labs_their_numbers(app):
    assert [heading.value for heading in app.subheader] == [
        "Why divide by √d?",
        "Layer norm or batch norm?",
        "RNN, CNN or attention?",
    ]
    found = told(app)
    assert set(found) == {"softmax", "norms", "costs"}
    assert found["softmax"]["random"]["n"] == 32
    assert len(found["softmax"]["real"]["scores"]) == 6


def test_a_new_draw_moves_the_dots_and_leaves_theory(app):
    before = told(app)["softmax"]
    app.button(key="softmax_again").click().run()
    after = told(app)["softmax"]
    assert after["random"]["scores"] != before["random"]["scores"]
    assert after["theory"] == before["theory"]
    app.segmented_control(key="softmax_keys").set_value("8").run()
    assert told(app)["softmax"]["random"]["n"] == 8


def test_typed_sentences_are_normalised_and_bad_ones_get_one_sentence(app):
    app.text_area(key="norms_text").set_value("one two\nthree").run()
    assert told(app)["norms"]["sentences"]["variants"][0]["words"] == [["one", "two"], ["three"]]
    app.text_area(key="norms_text").set_value("alone").run()
    assert not app.exception
    assert [error.value for error in app.error] == [
        "Write 2 to 5 sentences, one a line; there are 1. You see the first sentences instead."
    ]


def test_pictures_bring_the_networks_activations(app):
    app.segmented_control(key="norms_source").set_value("Pictures").run()
    assert not app.exception
    found = told(app)["norms"]
    assert found["names"] == ["cat", "elephant", "coffee", "butterfly"]
    assert found["places"][0] == "class token"
    assert len(found["pictures"]["layers"]) == 6
