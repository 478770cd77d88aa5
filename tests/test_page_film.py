"""The page "Training film" as a script: what the browser is given, and what is said without it."""

import json
import struct

import pytest

from models.catalog import CATALOG
from pages._ui import film_stage, film_tries
from pages._ui.cached import growth
from tests.growth_toys import ENTRIES, NAMES, SHARES, write_films
from tests.test_pages import said, start

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    write_films(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, entry in ENTRIES.items():
            patch.setitem(CATALOG, name, entry)
        patch.setattr(growth, "path", lambda name: folder / f"{name}.film.safetensors")
        yield folder
    for cache in (growth.moments, growth.grown, growth.message):
        cache.clear()


@pytest.fixture(scope="module")
def app(films):
    return start("film")


def header(app):
    (sent,) = [
        one.proto.bytes
        for one in app.get("bidi_component")
        if one.proto.component_name == "saccade_growth"
    ]
    (length,) = struct.unpack_from("<I", sent)
    return json.loads(sent[4 : 4 + length]), len(sent)


def spoken(app):
    return " ".join(one.value for one in (*app.markdown, *app.caption))


def test_all_moments_of_a_run_are_sent_once_and_stay_below_four_megabytes(app):
    sent, size = header(app)
    assert said(app) == ""
    assert size < 4 * 2**20
    assert sent["run"] == NAMES[0]
    assert [moment["share"] for moment in sent["moments"]] == list(SHARES)
    assert [moment["top1"] for moment in sent["moments"]] == [10.0, 30.0, 50.0, 70.0]
    assert (sent["tokens"], sent["prefix"], sent["kernels"], sent["map"]) == (64, 0, 64, [32, 32])
    assert sent["labels"][3] == "cat"
    assert [other["title"] for other in sent["others"]] == ["ViT-Lite-2/4"]
    assert "as it was at 4 saved moments" in spoken(app)
    assert "No film yet of CVT-2/4: `python -m models.training.film cvt_2_4_32`" in spoken(app)
    for name, share in sent["order"]:
        assert f"{'pooling' if name == 'reading' else name} by {100 * share:.3g} %" in spoken(app)


def test_another_run_and_another_picture_give_another_film(app):
    before, _ = header(app)
    app.segmented_control(key="run").set_value("ViT-Lite-2/4").run()
    assert not app.exception
    lite, _ = header(app)
    assert (lite["run"], lite["prefix"], lite["tokens"], lite["kernels"]) == (NAMES[1], 1, 65, 128)
    app.selectbox(key="sample").select("turtle").run()
    assert header(app)[0]["id"] not in (before["id"], lite["id"])
    assert header(app)[0]["run"] == NAMES[1]


def test_the_run_follows_a_network_that_has_one_and_a_caption_tells_of_others(app):
    app.selectbox(key="model").select(NAMES[0]).run()
    assert header(app)[0]["run"] == NAMES[0]
    app.segmented_control(key="run").set_value("ViT-Lite-2/4").run()
    assert header(app)[0]["run"] == NAMES[1]
    app.selectbox(key="model").select("swin_nano_patch2_window7_56").run()
    assert not app.exception
    assert header(app)[0]["run"] == NAMES[1]
    told = "Swin-Nano at 56 px left no moments of its training: you see ViT-Lite-2/4 at 32 px here."
    assert told in spoken(app)
    app.selectbox(key="model").select("mae_nano_patch8_112").run()
    (told,) = [one.value for one in app.caption if one.value.startswith("MAE-Nano")]
    assert "has a page of its own: you see ViT-Lite-2/4" in told
    app.selectbox(key="model").select("vit_nano_patch4_56").run()
    assert "left no moments" not in spoken(app)


@pytest.mark.parametrize("item", film_tries.FILM, ids=lambda item: item.label)
def test_every_suggestion_opens_its_view(app, item):
    serial = header(app)[0]["view"].get("serial", 0)
    app.button(key=f"try-{item.label}").click().run()
    assert not app.exception
    view = header(app)[0]["view"]
    assert view == {**item.state[film_stage.ASKED], "serial": serial + 1}
    assert item.sample is None or app.selectbox(key="sample").value == item.sample


def test_a_film_that_is_missing_is_told_with_the_command_that_makes_it(app, monkeypatch, tmp_path):
    monkeypatch.setattr(growth, "path", lambda name: tmp_path / name)
    app.run()
    assert not app.exception
    assert said(app) == ""
    assert "No film of a Compact network is here yet" in spoken(app)
    (command,) = [one.value for one in app.code if "models.training.film" in one.value]
    assert f"python -m models.training.film {NAMES[0]} " in command
    assert "no run is here yet" in spoken(app)
