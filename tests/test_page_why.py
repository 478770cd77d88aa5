"""The page Why as a script: every method and network, links, painted cells, honesty on request."""

import json
import struct

import numpy as np
import pytest

from models.catalog import CATALOG, Shipped
from pages._ui import busy, cached, why_choice, why_honesty, why_stage, why_tries
from pages._ui.cached import attribution, erasing, honesty
from pages._ui.cached import why as kept
from tests.test_pages import said, start
from viz_core.attribution import Settings, Target
from viz_core.attribution.agreement import spearman
from viz_core.attribution.methods import METHODS
from viz_core.why import wire

pytestmark = pytest.mark.usefixtures("one_thread")
FOLLOW = why_stage.follow
SHIPPED = [
    name for name, entry in CATALOG.items() if isinstance(entry.weights, Shipped) and entry.labels
]


@pytest.fixture(autouse=True)
def a_fast_machine(monkeypatch):
    """However busy this one is: what takes long waits for a yes, which has a test of its own."""
    monkeypatch.setattr(kept, "seconds", lambda name: 1e-3)


@pytest.fixture
def quick(monkeypatch):
    """Without the curves, which have a test of their own."""
    monkeypatch.setattr(why_stage, "follow", lambda stage: None)


def messages(app):
    """(header, parts) of what the browser is sent, by kind."""
    found = {}
    for one in app.get("bidi_component"):
        if one.proto.component_name != "saccade_why":
            continue
        data = one.proto.bytes
        (length,) = struct.unpack_from("<I", data)
        header, body = json.loads(data[4 : 4 + length]), data[4 + length :]
        parts = {name: body[at : at + n] for name, (at, n) in header["parts"].items()}
        found[header["kind"]] = header, parts
    return found


def stage(app):
    assert not app.exception
    return messages(app)["stage"]


def follow(app, **link):
    """The page after a link to it was followed in the same visit."""
    for name in list(app.query_params):
        del app.query_params[name]
    for name, value in link.items():
        app.query_params[name.rstrip("_")] = value
    return app.run()


@pytest.fixture(scope="module")
def app():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(why_stage, "follow", lambda stage: None)
        patch.setattr(kept, "seconds", lambda name: 1e-3)
        yield start("why")


def test_the_first_paint_is_a_quick_map_of_the_first_answer():
    app = start("why")
    assert said(app) == ""
    header, parts = stage(app)
    logits = np.frombuffer(parts["logits"], "<f4")
    assert header["method"] == "relevance"
    assert header["target"] == header["top"][0] == logits.argmax()
    assert header["labels"][header["target"]] == "cat"
    assert header["against"] is None
    key, raw = cached.sample("cat")
    asked = "vit_nano_patch4_56", key, raw, "relevance", Target(int(logits.argmax())), Settings()
    found = attribution.attribution(*asked)
    np.testing.assert_array_equal(np.frombuffer(parts["values"], "<f4"), found.values.ravel())
    curves, walks = messages(app)["curves"]
    own = erasing.curves(*asked, "grey")
    assert curves["ask"] == header["ask"]
    assert curves["counts"] == own.deletion.counts.tolist()
    np.testing.assert_array_equal(np.frombuffer(parts["order"], "<u2"), own.deletion.order)
    for name, curve in (("deletion", own.deletion), ("insertion", own.insertion)):
        lines = {line["name"]: line for line in curves["walks"][name]}
        assert lines.keys() == {"own", "random", "centre"}
        assert lines["own"]["auc"] == pytest.approx(curve.auc, abs=1e-4)
        random = lines["random"]
        assert (np.array(random["low"]) <= random["shares"]).all()
        assert (np.array(random["shares"]) <= random["high"]).all()
        sent = np.frombuffer(walks[name], "<f4").reshape(curve.logits.shape)
        np.testing.assert_array_equal(sent, curve.logits)
    np.testing.assert_allclose(np.frombuffer(walks["deletion"], "<f4")[: len(logits)], logits,
                               atol=1e-4)  # fmt: skip


@pytest.mark.parametrize("method", [m for m in METHODS])
def test_every_method_answers_for_the_vit(app, quick, method):
    follow(app, method=method)
    header, parts = stage(app)
    assert header["method"] == method
    row = next(one for one in header["methods"] if one["name"] == method)
    assert row["why"] is None
    assert "pass" in row["cost"]
    rows, columns = header["map"]["rows"], header["map"]["columns"]
    values = np.frombuffer(parts["values"], "<f4")
    assert values.size == rows * columns
    assert rows == {"pixels": 56, "cells": 14, "tokens": 14}[METHODS[method].resolution]
    assert header["map"]["signed"] or values.min() >= 0
    assert app.query_params["method"] == method


@pytest.mark.parametrize("name", SHIPPED[1:])
def test_every_shipped_network_is_asked_by_a_method_that_suits_it(app, quick, name):
    app.selectbox(key="model").set_value(name)
    follow(app)
    header, parts = stage(app)
    assert header["title"] == CATALOG[name].title
    assert METHODS[header["method"]].suits(CATALOG[name].views)
    offered = {one["name"] for one in header["methods"] if one["why"] is None}
    assert offered == set(honesty.methods(name))
    assert len(np.frombuffer(parts["logits"], "<f4")) == len(header["labels"])
    app.selectbox(key="model").set_value(SHIPPED[0]).run()


def test_a_link_brings_the_view_back(quick):
    small = "cct_2_3x2_32"
    app = start("why", sample="cat-and-dog", model=small, method="ablation", against="frog")
    assert stage(app)[0]["labels"][stage(app)[0]["against"]] == "frog"
    follow(app, method="ablation", class_="dog", against="cat", sample="cat-and-dog", model=small)
    header, _ = stage(app)
    labels = header["labels"]
    assert (header["method"], labels[header["target"]], labels[header["against"]]) == (
        "ablation", "dog", "cat",
    )  # fmt: skip
    assert app.selectbox(key="sample").value == "cat-and-dog"
    app.selectbox(key="sample").set_value("butterfly").run()  # the view stays
    header, _ = stage(app)
    assert header["method"] == "ablation"
    assert labels[header["target"]] == "dog"


def test_a_bad_link_says_so_and_shows_what_there_is(quick):
    app = start("why", method="astrology")
    assert "“astrology”" in said(app)
    assert stage(app)[0]["method"] == "relevance"
    follow(app, class_="unicorn", against="cat")
    header, _ = stage(app)
    assert header["target"] == header["top"][0]
    told = " ".join(one.value for one in app.caption)
    assert "knows no class “unicorn”: its first answer is explained" in told
    assert "“cat” cannot be compared with itself" in told
    assert not {"class", "against"} & set(app.query_params)  # a link says what is seen


def test_a_method_that_does_not_suit_gives_way_in_one_sentence(app, quick):
    app.selectbox(key="model").set_value("resnet_nano_56")
    follow(app, method="relevance")
    header, _ = stage(app)
    assert header["method"] == "grad_cam"
    told = " ".join(one.value for one in app.caption)
    assert "Relevance needs attention over the whole picture" in told
    assert "method" not in app.query_params
    row = next(one for one in header["methods"] if one["name"] == "relevance")
    assert row["why"] == "needs attention over the whole picture"
    app.selectbox(key="model").set_value(SHIPPED[0]).run()
    assert stage(app)[0]["method"] == "relevance"  # it was not forgotten


def test_a_network_without_classes_gives_way_to_the_vit(app, quick):
    app.selectbox(key="model").set_value("mae_nano_patch8_112")
    follow(app)
    assert stage(app)[0]["title"] == CATALOG[SHIPPED[0]].title
    assert any("you see" in one.value for one in app.caption)
    app.selectbox(key="model").set_value(SHIPPED[0]).run()


def test_painted_cells_are_answered_beside_the_same_shape_elsewhere(app, quick):
    follow(app, method="relevance")
    header, parts = stage(app)
    mask = np.zeros(196, bool)
    mask[np.frombuffer(parts["order"], "<u2")[:20]] = True
    for keep in (False, True):
        app.session_state[why_stage.KEY] = {
            "hand": {"code": wire.code(mask), "keep": keep, "of": header["of"], "stamp": 1}
        }
        app.run()
        answer, numbers = messages(app)["hand"]
        assert answer["keep"] is keep
        logits = np.frombuffer(numbers["logits"], "<f4")
        key, raw = cached.sample("cat")
        whole = erasing.curves(
            SHIPPED[0], key, raw, "relevance", Target(header["target"]), Settings(), "grey"
        )
        curve = whole.insertion if keep else whole.deletion
        step = curve.counts.tolist().index(20)
        np.testing.assert_allclose(logits, curve.logits[step], atol=1e-3)
        random = np.frombuffer(numbers["random"], "<f4").reshape(answer["draws"], -1)
        assert len({row.tobytes() for row in random}) == kept.DRAWS
    for wrong in ("zz", "00", 7):
        app.session_state[why_stage.KEY] = {"hand": {"code": wrong, "of": header["of"]}}
        app.run()
        assert not app.exception
        assert "hand" not in messages(app)


@pytest.mark.parametrize("item", why_tries.TRIES, ids=lambda item: item.label)
def test_every_suggestion_sets_its_view(app, quick, item):
    app.button(key=f"try-{item.label}").click().run()
    header, _ = stage(app)
    wanted = item.state[why_stage.ASKED]
    assert app.selectbox(key="sample").value == item.sample
    assert header["method"] == wanted["choice"]["method"]
    if item.network:
        assert header["title"] == CATALOG[item.network].title
    if label := wanted["choice"].get("label"):
        assert header["labels"][header["target"]] == label
    assert header["view"]["mode"] == wanted["mode"]
    assert header["view"]["serial"] >= 1


def test_what_costs_much_is_computed_on_request_and_says_what_it_costs(app, quick, monkeypatch):
    asked = []
    for name in ("trust", "sensitivity", "agreement", "cascade"):
        function = getattr(honesty, name)

        def seen(*given, name=name, function=function):
            asked.append(name)
            return function(*given)

        monkeypatch.setattr(honesty, name, seen)
    app.selectbox(key="model").set_value("cct_2_3x2_32")
    follow(app, method="integrated_gradients")
    assert asked == []
    assert sum("passes, " in one.value for one in app.caption) == 4
    for key in ("trust", "sensitivity", "agreement", "cascade"):
        app.button(key=f"why-{key}").click().run()
        assert not app.exception
        assert asked[-1] == key or key in asked
    told = " ".join(one.value for one in app.markdown)
    assert "The map adds up to" in told
    assert "unexplained" in told
    assert "Invisible noise moves it by up to" in told
    assert "Rank correlation with the first map" in told
    sheet, _ = messages(app)["sheet"]
    assert sheet["tiles"]
    follow(app, method="saliency")  # another map: its own numbers are asked for again
    assert app.button(key="why-cascade")
    assert not [one for one in app.button if one.key == "why-agreement"]
    app.selectbox(key="model").set_value(SHIPPED[0]).run()


def test_a_long_computation_waits_for_a_yes(app, quick, monkeypatch):
    follow(app, method="relevance")
    monkeypatch.setattr(kept, "seconds", lambda name: 1.0)
    follow(app, method="occlusion")
    assert stage(app)[0]["method"] == "relevance"
    assert any("takes 145 passes, about 1e+02" in one.value or "145 passes" in one.value
               for one in app.markdown)  # fmt: skip
    app.button(key="why-yes").click().run()
    assert stage(app)[0]["method"] == "occlusion"


def test_stopped_curves_wait_until_they_are_wanted(app, monkeypatch):
    follow(app, method="rollout")
    asked = stage(app)[0]["ask"]
    monkeypatch.setattr(why_stage, "follow", FOLLOW)
    monkeypatch.setattr(why_stage, "_curves", lambda choice, place: place.caption("kept out"))
    app.session_state[why_stage.STOPPED] = {asked}  # what a click on Stop leaves
    app.run()
    assert "curves" not in messages(app)
    app.button(key="why-go-on").click().run()
    assert not [one for one in app.button if one.key == "why-go-on"]


def test_stop_goes_back_to_what_was_shown_or_to_the_quick_method(monkeypatch):
    state = {why_choice.KEPT: why_choice.Wanted(method="occlusion", label="dog")}
    monkeypatch.setattr(why_choice.st, "session_state", state)
    state[why_choice.LAST] = before = why_choice.Wanted(method="relevance", label="dog")
    why_choice.back()
    assert state[why_choice.KEPT] == before
    why_choice.back()  # the same map, of another picture: going back would start it again
    assert state[why_choice.KEPT] == why_choice.Wanted(label="dog")


def test_labels_are_unique_and_the_second_crane_has_its_number():
    labels = kept.labels("imagenet1k")
    assert len(set(labels)) == len(labels) == 1000
    assert (labels[134], labels[517]) == ("crane", "crane (517)")


def test_only_what_a_browser_may_ask_changes_the_choice(app, quick):
    follow(app, method="rollout")
    before = app.session_state[why_choice.KEPT]
    assert before.method == "rollout"
    assert why_choice.lacking("relevance") == "attention over the whole picture"
    assert why_choice.lacking("rollout") == "attention"


def test_busy_says_nothing_while_it_goes_quickly(monkeypatch):
    drawn = []
    now = iter([0.0, 0.1, 0.5, 0.55, 0.9])
    monkeypatch.setattr(busy.time, "monotonic", lambda: next(now))
    working = busy.Busy(None, "Working", "test", lambda: None)
    monkeypatch.setattr(working, "_draw", lambda share, gone: drawn.append(share))
    for done in (1, 2, 3, 4):
        working(done, 4)
    assert drawn == [0.5, 1.0]  # after 0.4 s, and at most ten times a second
    assert busy.took(0.01) == "less than 0.1\u2009s"
    assert busy.took(7.13) == "about 7.1\u2009s"
    assert busy.took(99.7) == "about 1.7\u2009min"
    assert busy.took(180) == "about 3\u2009min"
    assert busy.took(36_000) == "about 10\u2009h"
    assert [busy.counted(count) for count in (1, 1.17, 145, 1600.4)] == [
        "1 pass", "1.17 passes", "145 passes", "1\u2009600 passes",
    ]  # fmt: skip


def test_a_painted_shape_is_moved_to_every_other_place_but_its_own():
    mask = np.zeros((4, 4), bool)
    mask[1:3, 0:2] = True
    moved = kept._moved(mask)
    assert len({one.tobytes() for one in moved}) == len(moved) == 15
    assert (moved.sum(axis=1) == 4).all()
    assert not (moved == mask.ravel()).all(axis=1).any()
    assert kept._moved(np.ones((4, 4), bool)).shape == (0, 16)  # there is no other place
    key, raw = cached.sample("cat")
    small = "cct_2_3x2_32"
    everything = wire.code(np.ones(attribution.shape(small).cells ** 2, bool))
    assert kept.elsewhere(small, key, raw, everything, False, "grey").shape == (0, 10)


@pytest.mark.parametrize("against", [None, 3])
def test_two_methods_are_one_on_resnet_by_construction(against):
    key, raw = cached.sample("dog")
    maps = [
        erasing.on_cells("resnet_nano_56", key, raw, name, Target(5, against), Settings())
        for name in ("grad_cam", "logit_lens")
    ]
    assert spearman(*maps) == pytest.approx(1, abs=1e-3)


def test_the_verdict_on_a_network_that_forgets():
    def verdict(*alike):
        return why_honesty._verdict("It", list(alike))

    assert "hardly changes" in verdict(0.9, 0.9)
    assert "as it should" in verdict(0.2, 0.1)
    assert "about 0.5 now and then" in verdict(0.2, -0.5)
    head = "What the head learned of the classes does not count"
    assert head in verdict(1.0, 0.4)
    assert "Part of it stays" in verdict(1.0, 0.4)
    assert head not in verdict(0.97, 0.4)
    assert "no order left" in verdict(float("nan"))
