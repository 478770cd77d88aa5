"""The page Heads as a script: four steps, what gives way, suggestions, and messages packed."""

import json
import runpy
import struct

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models import weights
from models.catalog import CATALOG
from pages._ui import explain, heads_knockout, heads_run, heads_steps, heads_tries, samples, take
from pages._ui.cached import attribution
from pages._ui.cached import heads as cached
from pages._ui.cached import heads_tokens as tokens
from tests.test_pages import ROOT, said, start
from viz_core import images
from viz_core.attribution import Target
from viz_core.heads import wire, wire_heads, wire_tokens

pytestmark = pytest.mark.usefixtures("one_thread")
VIT, SWIN, CCT = "vit_nano_patch4_56", "swin_nano_patch2_window7_56", "cct_2_3x2_32"
ALL = (VIT, SWIN, CCT, "cvt_2_4_32", "vit_lite_2_4_32")
RAW = samples.path("dog").read_bytes()
PICTURE = images.digest(RAW), RAW


def opened(message):
    """Header and parts of a message, as wire.js reads them."""
    (length,) = struct.unpack_from("<I", message)
    header, body = json.loads(message[4 : 4 + length]), message[4 + length :]
    return header, {name: body[at : at + size] for name, (at, size) in header["parts"].items()}


def floats(part):
    return np.frombuffer(part, "<f4")


def messages(app):
    """The page's own messages by kind."""
    found = {}
    for one in app.get("bidi_component"):
        if one.proto.component_name == "saccade_heads":
            header, parts = opened(one.proto.bytes)
            found[header["kind"]] = header, parts
    return found


@pytest.fixture(scope="module", autouse=True)
def quick():
    """What a pass takes here does not decide what the tests see; costly maps are even ones."""
    real = tokens.each_patch

    def each_patch(name, key, raw, first, progress=None):
        if name != VIT or first == len(cached.sizes(name)) - 1:  # a sixth of the cost from layer 1
            return real(name, key, raw, first, progress)
        return np.repeat(attribution.logits(name, key, raw)[None], 196, axis=0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attribution, "seconds", lambda *_: 0.005)
        patch.setattr(tokens, "each_patch", each_patch)
        yield


@pytest.fixture(scope="module")
def app(quick):
    return start("heads", sample="butterfly")


KINDS = {
    "Ablate": {"ablate", "together"},
    "Lens": {"lens"},
    "Norms": {"norms"},
    "Knockout": {"knockout", "edges"},
}


def test_next_walks_through_all_steps_and_only_the_chosen_one_runs(app):
    for name in [*heads_steps.LESSON.names, heads_steps.LESSON.names[0]]:
        assert not app.exception, name
        assert said(app) == ""
        assert app.segmented_control(key="step").value == name
        assert messages(app).keys() == KINDS[name]
        notice = heads_steps.STEPS[name].notice
        assert len([one for one in app.markdown if notice in one.value]) == 1
        app.button(key="heads-next").click().run()


def test_the_map_is_that_of_the_network_on_the_screen(app):
    app.segmented_control(key="step").set_value("Ablate").run()
    header, parts = messages(app)["ablate"]
    whole = floats(parts["whole"])
    singles = floats(parts["singles"]).reshape(30, len(header["labels"]))
    assert header["target"] == [int(whole.argmax()), None]
    label = header["target"][0]
    together, _ = messages(app)["together"]
    first = together["curves"]["helpful"]["order"][0]
    changes = singles[:, label] - whole[label]
    assert int(changes.argmin()) == 5 * first[0] + first[1]
    assert together["layer"] == first[0]
    for curve in together["curves"].values():
        assert curve["scores"][0] == pytest.approx(whole[label], abs=1e-3)
    ends = [curve["scores"][-1] for curve in together["curves"].values()]
    assert ends[0] == pytest.approx(ends[1], abs=1e-3)  # all heads are away
    assert together["curves"]["helpful"]["scores"][1] == pytest.approx(
        whole[label] + changes.min(), abs=1e-3
    )
    alone = changes.reshape(6, 5)[first[0]]
    np.testing.assert_allclose(together["alone"], alone, atol=1e-3)
    assert len(floats(parts["read"])) == len(floats(parts["shares"])) == 30 * 196


def test_what_is_asked_for_this_very_picture_counts_and_no_other(app):
    app.segmented_control(key="step").set_value("Knockout").run()
    header, parts = messages(app)["knockout"]
    asked = {
        "subject": header["subject"], "label": 3, "against": 5, "sources": [0, 1, 2, 500, "x"],
        "who": "class", "from": 1, "to": 4, "first": 5,
    }  # fmt: skip
    app.session_state["heads-knockout"] = {"asked": asked}
    app.run()
    header, parts = messages(app)["knockout"]
    assert header["target"] == [3, 5]
    whole = floats(parts["whole"])
    name, key, raw = VIT, *cached_picture("butterfly")
    logits = tokens.cut(name, key, raw, (1, 2, 3), (0,), 1, 4)
    expected = (logits[:, 3] - logits[:, 5]) - (whole[3] - whole[5])
    assert header["blow"]["change"] == pytest.approx(expected[0], abs=1e-4)
    np.testing.assert_allclose(header["blow"]["elsewhere"], expected[1:], atol=1e-3)
    edges, found = messages(app)["edges"]
    changes = floats(found["changes"])
    assert (edges["first"], len(changes)) == (5, 196)
    one = tokens.cut(name, key, raw, (8,), tuple(range(197)), 5, 5)[0]  # the eighth patch
    assert changes[7] == pytest.approx((one[3] - one[5]) - (whole[3] - whole[5]), abs=1e-4)
    app.session_state["heads-knockout"] = {"asked": {**asked, "subject": "another"}}
    app.run()
    header, _ = messages(app)["knockout"]
    assert header["blow"] is None
    assert header["target"] == [int(whole.argmax()), None]


def cached_picture(name):
    raw = samples.path(name).read_bytes()
    return images.digest(raw), raw


@pytest.mark.parametrize("item", [one for some in heads_tries.TRIES.values() for one in some],
                         ids=lambda item: item.label)  # fmt: skip
def test_every_suggestion_sets_its_view(app, item):
    if f"try-{item.label}" not in {one.key for one in app.button}:
        app.segmented_control(key="step").set_value(item.state["step"]).run()
    app.button(key=f"try-{item.label}").click().run()
    assert not app.exception
    assert app.segmented_control(key="step").value == item.state["step"]
    assert app.selectbox(key="sample").value == item.sample
    assert item.network in (None, app.session_state["model"])
    (wanted,) = (value for key, value in item.state.items() if key.endswith("-view"))
    views = [header["view"] for header, _ in messages(app).values()]
    assert any(wanted.items() <= view.items() and view["serial"] >= 1 for view in views)


@pytest.mark.parametrize("name", ALL)
def test_every_shipped_network_has_its_messages(name):
    target = Target(1, against=0)
    heads = sum(cached.sizes(name))
    header, parts = opened(cached.board(name, *PICTURE, "mean", target))
    assert len(floats(parts["singles"])) == heads * len(header["labels"])
    assert (header["by"], header["target"]) == ("mean", [1, 0])
    orders = cached.orders(name, *PICTURE, "mean", target)
    assert all(len(set(order)) == heads for order in orders.values())
    header, parts = opened(tokens.lens_frame(name, *PICTURE, target, "class"))
    reader = floats(parts["reader"]).reshape(len(header["depths"]), -1)
    np.testing.assert_allclose(reader[-1], attribution.logits(name, *PICTURE), atol=2e-5)
    best = np.frombuffer(parts["best"], "<u2").reshape(len(header["depths"]), -1, 3)
    assert best.shape[1] == header["rows"] * header["columns"]
    header, parts = opened(tokens.norms_frame(name, *PICTURE, target))
    ahead = len(header["prefix"])
    assert len(floats(parts["numbers"])) == sum(
        2 * ahead + 4 * one["rows"] * one["columns"] for one in header["depths"]
    )
    assert not header["depths"][-1]["read"]
    assert header["depths"][-1]["lens"]


def longest(names):
    """For each network the longest patch over the median at every depth, over all samples."""
    found = {name: [] for name in names}
    for sample in samples.SAMPLES:
        for name in names:
            depths = tokens.depths(name, *cached_picture(sample))
            patches = [one.norms[cached.prefix(name) :] for one in depths]
            found[name].append([one.max() / np.median(one) for one in patches])
    return [np.max(rows, axis=0) for rows in found.values()]


def test_what_the_text_says_of_the_norms_of_small_networks_is_measured():
    text = explain.sections("heads")["Maths"]
    vit, swin = longest([VIT, SWIN])
    assert f"its longest patch is {vit.max():.1f} times the median" in text
    (first, later), depth = (swin[1:3].max(), swin[3:].max()), CATALOG[SWIN].config.depths[0]
    assert depth == 2
    said_of_swin = f"stage it is {first:.1f} times; after the first merging at most {later:.1f}."
    assert said_of_swin in text


def test_a_convolutional_network_gives_way_with_a_link_and_windows_have_no_knockout():
    other = start("heads", model="convnext_nano_patch2_56")
    assert any("has no heads: you see ViT-Nano" in one.value for one in other.caption)
    assert len(other.get("page_link")) == 1
    swin = start("heads", model=SWIN, step="Knockout")
    assert said(swin) == heads_knockout.GLOBAL.format(CATALOG[SWIN].title)
    assert messages(swin) == {}


def test_what_takes_long_is_asked_for_with_its_time(monkeypatch):
    monkeypatch.setattr(attribution, "seconds", lambda *_: 1.0)
    app = start("heads", sample="turtle")
    header, parts = messages(app)["ablate"]  # where the heads look is there at once
    assert (header["measured"], len(parts["singles"])) == (False, 0)
    (line,) = [one.value for one in app.caption if "30 heads" in one.value]
    assert "on this machine" in line
    app.button(key="heads-ablate-run").click().run()
    assert messages(app).keys() == {"ablate"}  # the many passes below have a button of their own
    assert messages(app)["ablate"][0]["measured"]
    app.button(key="heads-together-run").click().run()
    assert messages(app).keys() == {"ablate", "together"}
    app.run()
    assert messages(app).keys() == {"ablate", "together"}


def test_what_was_stopped_waits_for_a_click():
    app = AppTest.from_function(stoppable, default_timeout=30).run()
    assert [one.value for one in app.markdown] == ["found 1"]
    app.session_state[f"{heads_run.STOPPED}-x"] = "this"  # what a click on Stop leaves
    app.session_state[heads_run.DONE] = []
    app.run()
    assert [one.value for one in app.markdown] == []
    app.button(key="x-run").click().run()
    assert [one.value for one in app.markdown] == ["found 1"]


def stoppable():
    import streamlit as st

    from pages._ui import heads_run

    found = heads_run.measured("x", "this", 0.1, "One", lambda progress: 1)
    if found is not None:
        st.markdown(f"found {found}")


def test_missing_weights_are_one_sentence_and_the_text_is_shown(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    app = start("heads", model=CCT)
    assert "missing from assets/weights" in said(app)
    assert messages(app) == {}
    assert len(app.tabs) == 4


def test_maps_of_few_classes_are_sent_whole_and_of_many_some():
    reader = np.random.default_rng(0).normal(size=(3, 1000)).astype(np.float32)
    best = np.full((3, 196), 7)
    some = wire_tokens.mapped_classes(reader, best)
    assert len(some) == wire_tokens.LENS_CLASSES + 5
    assert {7, int(reader[-1].argmax())} <= set(some)
    assert wire_tokens.mapped_classes(reader[:, :32], best) == list(range(32))


def test_scores_and_guesses_by_hand():
    logits = np.array([[1.0, 4.0, 2.0], [0.0, 0.5, 3.0]])
    np.testing.assert_array_equal(wire.scores(logits, Target(1)), [4.0, 0.5])
    np.testing.assert_array_equal(wire.scores(logits, Target(1, against=2)), [2.0, -2.5])
    names = [name for name, _ in wire.guesses(logits[0], ["a", "b", "c"])]
    assert names == ["b", "c", "a"]


def test_messages_that_do_not_fit_are_refused():
    subject = cached.subject(VIT, *PICTURE)
    looks = cached.looks(VIT, *PICTURE)
    with pytest.raises(ValueError, match="6 layers"):
        wire_heads.ablate(
            subject, effects=((), np.zeros((6, 2, 32))), looks=looks, by="zero", target=Target(0)
        )  # fmt: skip
    with pytest.raises(ValueError, match="one more depth"):
        wire_tokens.norms(subject, target=Target(0), depths=[], prefix=1)
    with pytest.raises(ValueError, match="finite"):
        wire_tokens.edges(subject, target=Target(0), first=0, changes=np.array([np.nan]))
    curve = wire_heads.Curve([(0, 0)], np.zeros((1, 32)))
    with pytest.raises(ValueError, match="rows of logits"):
        wire_heads.together(
            subject, target=Target(0), by="zero", counts=[0, 1], curves={"helpful": curve},
            random=[], sparse=[], layer=0, beyond=np.zeros((1, 1)), alone=np.zeros(1),
        )  # fmt: skip


def test_the_script_of_the_map_computes_its_numbers(tmp_path, monkeypatch):
    taken = []

    def offer(_place, make):
        one = make()
        taken.append((one, one.source))

    monkeypatch.setattr(take, "offer", offer)
    monkeypatch.setattr(take, "seen", lambda _name: {"mode": "map"})
    start("heads", model=CCT, step="Knockout")
    one, source = taken[-1]
    assert one.script == "heads_map"
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    (tmp_path / "script.py").write_text(source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = runpy.run_path("script.py")["numbers"]
    np.testing.assert_allclose(found["logits"], one.numbers["logits"], rtol=1e-5, atol=1e-7)
    assert found["logits"].shape == (64, 10)


def test_all_patches_leave_no_other_place(app):
    everybody = tuple(range(197))
    given = VIT, *cached_picture("butterfly")
    assert tokens.cut(*given, everybody[1:], everybody, 0, 5).shape == (1, 32)


def test_a_link_to_no_step_says_so_once_and_shows_the_first():
    other = start("heads", model=CCT, step="Nonsense")
    (toast,) = other.toast
    assert toast.value == "This link asks for a step “Nonsense”; you see Ablate instead."
    other.run()
    assert not other.toast
    assert not start("heads", model=CCT, step="Lens").toast


def test_text_is_short_and_has_its_sources(app):
    text = explain.sections("heads")
    assert set(text) == {"See", "Maths", "Sources"}
    assert len(text["See"].split()) <= 60
    for link in ("1905.10650", "2310.18969", "2309.16588", "2304.14767", "logit-lens"):
        assert link in text["Sources"]
    assert "@{" not in " ".join(one.value for one in app.markdown)
