"""The page “Patches and tokens” without a browser: every control, every suggestion, any network."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
import torch

from models import hub
from models.catalog import CATALOG, Shipped
from models.vit import ViT
from pages._ui import cached, explain, patches_embed, patches_pooling, patches_tries
from pages._ui.cached import patches as cache
from pages._ui.cached import patches as cached_patches
from tests.test_pages import said, start

NANO = "vit_nano_patch4_56"
REGISTERS = "vit_small_patch14_reg4_dinov2"


def header(message):
    (length,) = struct.unpack_from("<I", message)
    return json.loads(message[4 : 4 + length])


def mounted(app):
    """Headers of what the components got, by what only they hold."""
    found = [header(element.proto.bytes) for element in app.get("bidi_component")]
    names = {"sizes": "cutter", "matrices": "ribbon", "shares": "filters"}
    return {name: one for one in found for field, name in names.items() if field in one}


@pytest.fixture(scope="module")
def app():
    return start("patches")


def metrics(app):
    return {metric.label: metric.value for metric in app.metric}


def test_the_page_shows_its_numbers_at_once(app):
    assert said(app) == ""
    shown = metrics(app)
    assert shown["Tokens"] == "197"
    assert shown["All multiply-adds"] == "439\u2009M MACs"
    assert "10⁻" in shown["Largest difference in float32"]
    live = " ".join(element.value for element in app.markdown)
    assert "@{" not in live
    assert "439\u2009M MACs" in live


@pytest.mark.parametrize(
    ("key", "value"),
    [("patches_precision", "float64"), ("cost_along", "Patch size"), ("cost_count", "Attention")],
)
def test_every_switch_can_be_thrown(app, key, value):
    app.segmented_control(key=key).set_value(value).run()
    assert not app.exception
    assert app.segmented_control(key=key).value == value


def test_the_cost_follows_its_sliders(app):
    app.select_slider(key="cost_side").set_value(112).run()
    assert metrics(app)["Tokens"] == "785"
    app.select_slider(key="cost_patch").set_value(32).run()
    assert metrics(app)["Tokens"] == "17"
    assert any("counted at 128 px" in caption.value for caption in app.caption)
    before = metrics(app)["All multiply-adds"]
    for key in (f"cost_width_{NANO}", f"cost_depth_{NANO}", "cost_window"):
        app.slider(key=key).set_value(app.slider(key=key).max).run()
        assert not app.exception
    assert metrics(app)["All multiply-adds"] != before


def test_another_class_can_be_mapped(app):
    box = next(box for box in app.selectbox if box.label == "Class on the map")
    box.select_index(3).run()
    assert not app.exception
    assert any(f"“{box.options[3]}”" in caption.value for caption in app.caption)


@pytest.mark.parametrize("item", patches_tries.TRIES, ids=lambda item: item.label)
def test_every_try_this_sets_its_view(app, item):
    app.button(key=f"try-{item.label}").click().run()
    assert not app.exception
    assert item.sample is None or app.selectbox(key="sample").value == item.sample
    for key, value in item.state.items():
        if key.startswith("cost"):
            assert app.session_state[key] == value


@pytest.mark.parametrize("again", [1, 2])
def test_a_suggestion_reaches_the_stage_every_time(app, again):
    before = app.session_state.patches_asked["serial"]
    app.button(key="try-Every pixel a token").click().run()
    asked = app.session_state.patches_asked
    assert asked["serial"] == before + 1
    assert asked["grid"] == 56


@pytest.fixture
def untrained(monkeypatch):
    """Published networks without a download: the same shapes, random weights, two blocks."""

    real = cached.network

    def build(name):
        if isinstance(CATALOG[name].weights, Shipped):
            return real(name)
        torch.manual_seed(0)
        return ViT(replace(CATALOG[name].config, depth=2)).eval()

    monkeypatch.setattr(hub, "cached", lambda _: "here")
    monkeypatch.setattr(cached, "network", build)
    monkeypatch.setattr(
        cached_patches, "config", lambda name: replace(CATALOG[name].config, depth=2)
    )
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def test_a_network_with_registers_and_without_head_is_shown(untrained):
    app = start("patches", model=REGISTERS)
    assert said(app) == ""
    assert metrics(app)["Tokens"] == str(16 * 16 + 5)
    assert any("without labels" in caption.value for caption in app.caption)
    key, raw = cached.sample("cat")
    sent = header(cache.cutter(REGISTERS, key, raw))
    assert (sent["side"], sent["native"], sent["width"]) == (224, 14, 384)
    assert sent["prefix"] == ["class token", *(f"register {i}" for i in (1, 2, 3, 4))]


def test_what_is_shared_cannot_be_changed():
    key, raw = cached.sample("cat")
    assert not cache.ground(NANO, key, raw).pixels.flags.writeable
    assert not cache.seen(NANO, key, raw).patches.flags.writeable
    assert not cache.readings(NANO, key, raw).average.flags.writeable


def test_the_stage_gets_the_very_bytes_of_the_network():
    key, raw = cached.sample("dog")
    message = cache.cutter(NANO, key, raw)
    sent = header(message)
    at, length = sent["parts"]["pixels"]
    start = len(message) - sum(-(-n // 4) * 4 for _, n in sent["parts"].values())
    pixels = np.frombuffer(message[start + at : start + at + length], np.uint8)
    image = (pixels.reshape(56, 56, 3).transpose(2, 0, 1) / 255 - 0.5) / 0.5
    np.testing.assert_allclose(image, cache.ground(NANO, key, raw).pixels[0], atol=1e-6)


def test_the_text_is_short_and_names_its_sources():
    text = explain.sections("patches")
    assert set(text) == {"See", "Maths", "Sources"}
    assert len(text["See"].split()) <= 60
    assert "arxiv.org/abs/2010.11929" in text["Sources"]


def test_small_numbers_are_written_for_people():
    assert patches_embed._power(3.576e-7) == "3.58 × 10⁻⁷"
    assert patches_embed._power(0.0) == "0, to the last bit"
    assert patches_pooling._signed(-0.25) == "−0.25"
