"""Every page runs as a script, without a browser, and keeps what a person set."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from models import hub
from models.tensorfile import WeightsError
from pages._ui import explain, samples, tries

ROOT = Path(__file__).parent.parent
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
WITHOUT_NETWORK = ("text", "train")  # have networks of their own
SHOW_ENCODERS = ("mae", "regions")  # need no classes


def start(page="attention", **query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run().switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def png(colour=(200, 30, 30), size=(90, 60)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def said(app):
    elements = [*app.toast, *app.error, *app.warning, *app.info]
    return " ".join(element.value for element in elements)


def guesses(app):
    """Labels and percentages that the page shows."""
    html = " ".join(element.proto.body for element in app.get("html"))
    return re.findall(r'<div class="guess"><span>(.*?)</span>.*?percent">(.*?) %', html)


@pytest.mark.parametrize("page", PAGES)
def test_page_runs_without_exception_or_complaint(page):
    app = start(page)
    assert len(app.title) == 1
    assert said(app) == ""


def test_the_prediction_has_five_classes_that_fall():
    shown = guesses(start(sample="dog"))
    shares = [float(percent) for _, percent in shown]
    assert len(shares) == 5
    assert shares == sorted(shares, reverse=True)


def test_an_uploaded_picture_is_shown_and_a_sample_brings_the_gallery_back():
    app = start()
    before = guesses(app)
    app.file_uploader(key="upload").upload("mine.png", png(), "image/png").run()
    assert not app.exception
    assert any("mine.png" in caption.value for caption in app.caption)
    assert guesses(app) != before
    app.selectbox(key="sample").select("dog").run()
    assert not any("mine.png" in caption.value for caption in app.caption)


def test_a_broken_upload_gives_one_sentence_and_the_page_goes_on():
    app = start()
    before = guesses(app)
    app.file_uploader(key="upload").upload("mine.png", b"no picture", "image/png").run()
    assert not app.exception
    assert len(app.error) == 1
    assert app.error[0].value.endswith("You still see the sample.")
    assert guesses(app) == before


def test_picture_and_network_stay_when_the_page_changes():
    app = start("home", sample="turtle")
    app.switch_page("pages/attention.py").run()
    assert app.selectbox(key="sample").value == "turtle"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"sample": "unicorn"}, "sample"),
        ({"model": "vit_enormous"}, "model"),
        ({"layer": "-3"}, "layer"),
        ({"head": "<b>"}, "head"),
        ({"layer": "99"}, "6 layers of 5 heads"),
    ],
)
def test_a_bad_link_falls_back_with_a_notice(query, words):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert words in said(app)


@pytest.mark.parametrize("item", tries.ATTENTION, ids=lambda item: item.label)
def test_every_try_this_sets_its_view(item):
    app = start()
    app.button(key=f"try-{item.label}").click().run()
    assert not app.exception
    assert item.sample is None or app.selectbox(key="sample").value == item.sample
    asked = app.session_state.asked_view
    assert (asked.layer, asked.head, asked.reading) == item.view


@pytest.mark.parametrize("key", ["residual", "discard", "mass", "start"])
def test_rollout_sliders_reach_both_ends(key):
    app = start()
    for end in (app.slider(key=key).min, app.slider(key=key).max):
        app.slider(key=key).set_value(end).run()
        assert not app.exception


@pytest.mark.parametrize("fusion", ["mean", "max", "min"])
def test_every_fusion_of_heads_can_be_chosen(fusion):
    app = start()
    app.segmented_control(key="fusion").set_value(fusion).run()
    assert not app.exception


def test_a_network_that_cannot_be_fetched_gives_a_sentence_and_the_shipped_one(monkeypatch):
    def offline(*_):
        raise WeightsError("The hub cannot be reached.")

    monkeypatch.setattr(hub, "cached", lambda _: None)
    monkeypatch.setattr(hub, "fetch", offline)
    app = start(model="vit_base_patch16_224")
    assert "The hub cannot be reached." in said(app)
    assert len(guesses(app)) == 5


def test_an_autoencoder_breaks_no_page_and_is_told_what_it_is():
    app = start("home", model="mae_nano_patch8_112")
    for page in sorted({*PAGES} - {*SHOW_ENCODERS, *WITHOUT_NETWORK}):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert said(app) == ""
        (told,) = [c.value for c in app.caption if c.value.startswith("MAE-Nano")]
        assert "paints hidden patches and has a page of its own" in told
    assert "names no classes" in " ".join(text.value for text in app.sidebar.markdown)


def test_every_sample_is_there_with_a_licence():
    licences = samples.LICENCES.read_text(encoding="utf-8")
    assert len(samples.SAMPLES) >= 12
    for name in samples.SAMPLES:
        assert f"| {samples.path(name).name} |" in licences
        assert samples.path(name).exists()
    files = {path.name for path in samples.GALLERY.glob("*.jpg")}
    assert files == {samples.path(name).name for name in samples.SAMPLES}


@pytest.mark.parametrize("page", ["attention", "mae"])
def test_texts_are_short_and_name_their_sources(page):
    text = explain.sections(page)
    assert set(text) == {"See", "Maths", "Sources"}
    assert len(text["See"].split()) <= 80
    assert "arXiv" in text["Sources"]
