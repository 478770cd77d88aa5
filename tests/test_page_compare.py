"""The page Compare as a script: three steps, shipped networks, what is long, what is missing."""

import io
import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from models.catalog import CATALOG
from pages._ui import cached, compare_panels, compare_steps, compare_survive, compare_tries, samples
from pages._ui.cached import attribution, compare
from tests.test_pages import said, start
from viz_core import similarity
from viz_core.attribution.methods import METHODS
from viz_core.compare import agreement, steady, wire
from viz_core.probe.similarity import Layer
from viz_core.transforms import TRANSFORMS

VIT = "vit_nano_patch4_56"
EVERYDAY = compare.everyday
ROOT = Path(__file__).parent.parent


def opened(message):
    """Header and parts of a message, as `cutter/js/wire.js` reads it."""
    (length,) = struct.unpack_from("<I", message)
    header = json.loads(message[4 : 4 + length])
    body = message[4 + length :]
    return header, {name: body[at : at + size] for name, (at, size) in header["parts"].items()}


def messages(app):
    """Headers and parts of the page's own component, by kind."""
    found = {}
    for one in app.get("bidi_component"):
        if one.proto.component_name == "saccade_compare":
            header, parts = opened(one.proto.bytes)
            found.setdefault(header["kind"], []).append((header, parts))
    return found


@pytest.fixture(scope="module")
def app():
    """One app for all tests: each leaves it where the next one can go on.

    A pass is said to take no time: on a busy machine the page would ask before it starts. Two
    networks survive what all would.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(attribution, "seconds", lambda *_: 0.001)
        patched.setattr(compare, "everyday", lambda: [VIT, "resnet_nano_56"])
        yield start("compare")


def test_the_first_paint_is_four_architectures_about_one_class(app):
    assert said(app) == ""
    ((header, parts),) = messages(app)["panels"]
    shown = header["panels"]
    names = [name if name != compare_panels.SIDEBAR else VIT for name, _ in compare_panels.OPENING]
    assert [one["network"] for one in shown] == [CATALOG[name].title for name in names]
    assert len({CATALOG[name].architecture for name in names}) == 4
    assert len({one["explained"] for one in shown}) == 1
    assert len({one["method"] for one in shown}) == 1
    assert not any(one["pending"] for one in shown)
    key, raw = cached.sample(samples.DEFAULT)
    for k, (name, one) in enumerate(zip(names, shown, strict=True)):
        values = np.frombuffer(parts[f"map{k}"], "<f4").reshape(one["side"], -1)
        assert values.shape == (one["side"], one["side"])
        assert np.abs(values).max() > 0
        shares = compare.shares(name, key, raw)
        assert one["share"] == pytest.approx(float(shares.max()))
        assert one["answer"] == compare.labels(name)[int(shares.argmax())]
    maps = [
        np.frombuffer(parts[f"map{k}"], "<f4").reshape(one["side"], -1)
        for k, one in enumerate(shown)
    ]
    for i, j, value, cells in header["agreements"]:
        assert (value, cells) == (
            pytest.approx(agreement.agreement(maps[i], maps[j])[0], rel=1e-3),
            min(len(maps[i]), len(maps[j])),
        )
    assert len(header["agreements"]) == 6
    (doubt,) = [one.value for one in app.caption if one.value.startswith(compare_panels.DOUBT)]
    table = json.loads((ROOT / "assets/attribution_gallery.json").read_text())["networks"]
    for name in names:
        found = table[name]["summary"]["grad_cam"]
        sure = all(
            found[gain][0] > 2 * found[gain][1] for gain in ("deletion_gain", "insertion_gain")
        )
        assert (CATALOG[name].title in doubt.replace("\u202f", " ")) != sure
    assert doubt.endswith("Occlusion is surer there, and slower.")


def test_a_link_names_panels_and_class_by_their_keys_and_nonsense_gives_way():
    app = start("compare", m2="rollout", n3="none", n4="no such network", of="dog")
    ((header, _),) = messages(app)["panels"]
    assert [one["method"] for one in header["panels"]] == [
        "Grad-CAM",
        "Attention rollout",
        "Grad-CAM",
    ]
    assert len(app.toast) == 1
    assert "names a network that is not here" in app.toast[0].value
    assert [one["explained"] for one in header["panels"]] == ["dog"] * 3
    assert header["panels"][2]["network"] == CATALOG["resnet_nano_56"].title
    assert "resnet_nano_56" in app.query_params["n4"]


def test_a_method_that_a_network_lacks_gives_way_to_one_that_it_has(app):
    app.selectbox(key="m1").select("relevance").run()
    app.selectbox(key="n1").select("resnet_nano_56").run()
    assert not app.exception
    assert app.selectbox(key="m1").value == "grad_cam"  # relevance needs attention
    ((header, _),) = messages(app)["panels"]
    assert [one["method"] for one in header["panels"]] == ["Grad-CAM"] * 4
    app.selectbox(key="n4").select(compare_panels.NONE).run()
    ((header, _),) = messages(app)["panels"]
    assert len(header["panels"]) == 3
    assert len(header["agreements"]) == 3


def test_networks_of_other_classes_explain_their_own_unless_they_share_the_name(app):
    app.selectbox(key="n2").select("cct_2_3x2_32").run()
    app.selectbox(key="of").select("cat").run()
    ((header, _),) = messages(app)["panels"]
    assert [one["explained"] for one in header["panels"]] == ["cat"] * 3
    app.selectbox(key="of").select("fish").run()
    ((header, _),) = messages(app)["panels"]
    key, raw = cached.sample(samples.DEFAULT)
    own = compare.labels("cct_2_3x2_32")[int(compare.shares("cct_2_3x2_32", key, raw).argmax())]
    assert [one["explained"] for one in header["panels"]] == ["fish", own, "fish"]
    assert "Not all panels are about one class: fish, " in header["note"]


def test_what_takes_long_is_said_before_and_stays_pending(app, monkeypatch):
    monkeypatch.setattr(attribution, "seconds", lambda *_: 0.4)
    app.selectbox(key="m3").select("occlusion").run()
    ((header, _),) = messages(app)["panels"]
    assert [one["pending"] for one in header["panels"]] == [False, False, True]
    assert len(header["agreements"]) == 1
    passes = METHODS["occlusion"].passes(
        attribution.shape("convnext_nano_patch2_56"), compare_panels.Settings()
    )
    assert any(f"about {round(0.4 * passes)}\u202fs" in one.value for one in app.caption)
    app.button(key="compare-panels-run").click().run()
    ((header, _),) = messages(app)["panels"]
    assert not any(one["pending"] for one in header["panels"])


def test_all_shipped_networks_of_one_set_of_classes_are_asked():
    known = {n for n, e in CATALOG.items() if e.labels == "everyday32"}
    assert set(EVERYDAY()) == known
    assert {CATALOG[name].architecture for name in known} == {"vit", "swin", "convnext", "resnet"}


def test_next_shows_every_dose_of_the_first_transform_to_all_networks(app):
    app.button(key="compare-next").click().run()
    assert not app.exception
    found = messages(app)
    assert found.keys() == {"survive", "sweep"}
    ((board, parts),) = found["survive"]
    ((sweep, shares),) = found["sweep"]
    assert [one["key"] for one in board["networks"]] == compare.everyday() == sweep["networks"]
    assert [one["name"] for one in board["kinds"]] == list(TRANSFORMS)
    for kind in board["kinds"]:
        assert len(kind["doses"]) == len(TRANSFORMS[kind["name"]].doses) == len(kind["lengths"])
        assert sum(kind["lengths"]) == len(parts[f"frames_{kind['name']}"])
    assert sweep["transform"] == compare_survive.FIRST
    assert sweep["name"] == board["name"]
    doses = len(TRANSFORMS[compare_survive.FIRST].doses)
    for k, count in enumerate(sweep["classes"]):
        table = np.frombuffer(shares[f"shares_{k}"], "<f4").reshape(doses, count)
        np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-5)
        # A full turn is no turn: the last dose shows the same picture.
        np.testing.assert_allclose(table[0], table[-1], atol=1e-5)
    (rotation,) = [kind for kind in board["kinds"] if kind["name"] == "rotation"]
    assert rotation["still"] == [0, 24]
    words = [one.value for one in app.markdown if "keeps saying it under" in one.value]
    assert len(words) == len(board["networks"])


def test_a_link_to_a_change_that_is_not_there_is_told_once():
    app = start("compare", step="Survive", change="nonsense")
    assert [one.value for one in app.toast] == [
        "This link names a change that is not here; you see the default instead."
    ]
    assert messages(app)["sweep"][0][0]["transform"] == compare_survive.FIRST
    app.run()
    assert not app.toast


def test_a_stop_of_all_nine_goes_back_to_the_chosen_one_and_can_be_taken_back(app):
    ((board, _),) = messages(app)["survive"]
    app.session_state[compare_survive.ALL] = board["name"]
    app.session_state["compare-survive-stopped"] = (board["name"], compare_survive.EVERY)
    app.run()
    assert [header["transform"] for header, _ in messages(app)["sweep"]] == [compare_survive.FIRST]
    assert "8 of 9 are not measured yet" in " ".join(one.value for one in app.caption)


def test_one_click_measures_all_nine_and_says_it_in_words(app):
    app.button(key="compare-survive-all").click().run()
    assert not app.exception
    found = messages(app)
    assert {header["transform"] for header, _ in found["sweep"]} == set(TRANSFORMS)
    key, raw = cached.sample(samples.DEFAULT)
    line = next(
        one.value for one in app.markdown if one.value.startswith("**ViT-Nano/4 at 56 px** says")
    )
    kept = {name: compare.sweep(VIT, key, raw, name, 0) for name in TRANSFORMS}
    shares = {name: one.kept / one.changed for name, one in kept.items()}
    told = re.search(
        r"best under (.+) \((\d+)\sof\s(\d+).+worst under (.+) \((\d+)\sof\s(\d+)", line
    )
    best, worst = int(told[2]) / int(told[3]), int(told[5]) / int(told[6])
    assert (best, worst) == (max(shares.values()), min(shares.values()))
    for title, share in ((told[1], best), (told[4], worst)):
        (name,) = [key for key, one in TRANSFORMS.items() if one.title.lower() == title]
        assert shares[name] == share
    assert not [one for one in app.button if one.key == "compare-survive-all"]


def test_tokens_of_two_pictures_arrive_as_python_has_them(app):
    app.button(key="compare-next").click().run()
    assert not app.exception
    ((header, parts),) = messages(app)["match"]
    assert [layer["title"] for layer in header["layers"]] == [
        "embedding",
        *(f"layer {k}" for k in range(1, 7)),
    ]
    one, other = (cached.sample(name) for name in (samples.DEFAULT, "cat-and-dog"))
    for k in (0, 6):
        sets = []
        for side, picture in (("one", one), ("other", other)):
            known = compare.tokens(VIT, *picture)[k].vectors
            whole = np.frombuffer(parts[f"{side}{k}"], "<i2").reshape(196, 160)
            sent = whole * np.frombuffer(parts[f"{side}{k}_scale"], "<f4")[:, None]
            np.testing.assert_allclose(sent, known, atol=np.abs(known).max() / 32767)
            sets.append((known, sent))
        (a, sent_a), (b, sent_b) = sets
        np.testing.assert_allclose(
            similarity.cosines(sent_a, sent_b), similarity.cosines(a, b), atol=1e-3
        )
        pairs = np.frombuffer(parts[f"mutual{k}"], "<u2").reshape(-1, 2)
        whole = similarity.cosines(a, b)
        assert (whole[pairs[:, 0]].argmax(axis=1) == pairs[:, 1]).all()
        assert (whole[:, pairs[:, 1]].argmax(axis=0) == pairs[:, 0]).all()
    assert header["view"]["names"] == [samples.DEFAULT, "cat-and-dog"]


def test_the_second_picture_may_be_anybodys(app):
    app.selectbox(key="other").select("rocket").run()
    assert messages(app)["match"][0][0]["view"]["names"][1] == "rocket"
    buffer = io.BytesIO()
    Image.new("RGB", (90, 60), (200, 30, 30)).save(buffer, "PNG")
    app.file_uploader(key="other_upload").upload("mine.png", buffer.getvalue(), "image/png").run()
    assert messages(app)["match"][0][0]["view"]["names"][1] == "mine.png"
    app.file_uploader(key="other_upload").upload("mine.png", b"no picture", "image/png").run()
    assert [one.value.endswith("You still see the sample.") for one in app.error] == [True]
    assert messages(app)["match"][0][0]["view"]["names"][1] == "rocket"


@pytest.mark.parametrize(
    "name", ["swin_nano_patch2_window7_56", "cct_2_3x2_32", "mae_nano_patch8_112"]
)
def test_other_networks_match_too_and_a_painter_gives_way(app, name):
    app.selectbox(key="model").select(name).run()
    assert not app.exception
    ((header, _),) = messages(app)["match"]
    painter = CATALOG[name].architecture == "mae"
    assert header["title"] == CATALOG[VIT if painter else name].title
    assert any("paints hidden patches" in one.value for one in app.caption) == painter


@pytest.mark.parametrize("step", compare_steps.STEPS)
def test_suggestions_name_what_there_is(step):
    for one in compare_tries.TRIES[step]:
        assert one.sample in samples.SAMPLES
        for key, value in one.state.items():
            if key[0] == "n" and value not in (compare_panels.NONE, compare_panels.SIDEBAR):
                method = METHODS[one.state[f"m{key[1:]}"]]
                assert method.suits(CATALOG[value].views)
            if key == "other":
                assert value in samples.SAMPLES
            if key == compare_survive.ASKED:
                assert 0 <= value["dose"] < len(TRANSFORMS[value["transform"]].doses)


def test_what_cannot_be_packed_is_refused():
    flat = np.zeros((2, 2), np.float32)
    with pytest.raises(ValueError, match="no panel"):
        wire.panels([], picture_jpeg=b"", agreements={})
    bad = wire.Panel(
        "A", "B", "C.", flat / 0 if False else flat * np.nan, False, "logit", "cat", 0.1, "cat", 0.1
    )
    with pytest.raises(ValueError, match="no finite square map"):
        wire.panels([bad], picture_jpeg=b"", agreements={})
    with pytest.raises(ValueError, match="needs a network"):
        wire.survive([], {}, name="x", pixels=56, seed=0)
    named = [wire.Named("a", "A", "#000", ("cat",))]
    with pytest.raises(ValueError, match="1 frames for 7 doses of shuffle"):
        wire.survive(named, {"shuffle": [b"x"]}, name="x", pixels=56, seed=0)
    with pytest.raises(ValueError, match="no layer"):
        wire.matches([], title="A", pictures=(b"", b""), thumbnails=b"", samples=[])


def test_messages_go_there_and_back():
    shares = np.array([[0.25, 0.75], [0.5, 0.5]])
    header, parts = opened(wire.sweeps("blur", {"a": steady.Sweep(shares, (0,))}, name="board"))
    assert (header["transform"], header["networks"], header["classes"]) == ("blur", ["a"], [2])
    np.testing.assert_array_equal(np.frombuffer(parts["shares_0"], "<f4").reshape(2, 2), shares)
    vectors = np.arange(1, 9, dtype=np.float32).reshape(4, 2)
    layer = Layer("stages.1.blocks.2.resid_post", 2, vectors)
    pairs = similarity.mutual(vectors, vectors)
    header, parts = opened(
        wire.matches(
            [wire.Matched(layer, layer, pairs, pairs)], title="A", pictures=(b"a", b"b"),
            thumbnails=b"t", samples=["x"],
        )
    )  # fmt: skip
    assert header["layers"] == [{"title": "stage 2, block 3", "side": 2, "width": 2}]
    ends = np.frombuffer(parts["mutual0"], "<u2").reshape(-1, 2)
    assert sorted(ends.tolist()) == [[k, k] for k in range(4)]
    assert wire.layer_title("layer3.1.resid_post") == "stage 3, block 2"
    assert wire.layer_title("classifier.blocks.0.resid_post") == "layer 1"
    assert wire.told(TRANSFORMS["scale"], -1) == "0.5"
    assert wire.told(TRANSFORMS["shift"], 0.25) == "25"


def test_progress_is_told_from_a_cache_and_a_stop_holds():
    app = AppTest.from_file(str(ROOT / "tests" / "apps" / "compare_wait_app.py")).run()
    assert not app.exception  # a cache that had recorded the bar would fail at its second call
    assert app.markdown[0].value == "done, done"
    assert not app.button
    app.session_state["cost"] = 99.0
    app.run()
    assert not app.markdown
    assert "A test: about 99" in app.caption[0].value
    app.button(key="work-run").click().run()
    assert app.markdown[0].value == "done, done"
    app.session_state["work-stopped"] = ("work", 1)
    app.run()
    assert app.button(key="work-run").label == "Go on"
