"""The ConvNeXt page as a script: steps of which one runs, the wall, the gallery, suggestions."""

import pytest

from models.catalog import CATALOG, DEFAULT
from pages._ui import convnext_features, convnext_steps, convnext_tries, explain, samples
from pages._ui.cached import convnext
from pages._ui.convnext_steps import SHIPPED
from tests.test_channels_wire import opened
from tests.test_pages import said, start


def mounted(app):
    """Messages of the component `channels` on the page, by their kind."""
    found = [
        opened(one.proto.bytes)[0]
        for one in app.get("bidi_component")
        if one.proto.component_name == "saccade_channels"
    ]
    return {header["kind"]: header for header in found}


@pytest.fixture(scope="module")
def app():
    return start("convnext")


def test_the_first_paint_is_the_wall_of_the_shipped_network(app):
    assert said(app) == ""
    assert app.segmented_control(key="step").value == "Features"
    found = mounted(app)
    wall, gallery = found["wall"], found["gallery"]
    assert wall["title"] == gallery["title"] == CATALOG[SHIPPED].title
    config = CATALOG[SHIPPED].config
    outputs = [one for one in wall["places"] if one["tap"] == "output"]
    assert len(outputs) == 1 + sum(config.depths)  # the stem, then every block
    assert {one["channels"] for one in outputs} == {
        config.width_of(k) for k in range(len(config.depths))
    }
    taps = {one["tap"] for one in wall["places"]}
    assert taps >= {"depthwise", "norm", "expand", "activation", "project", "output"}
    assert all(one["regions"]["counts"] == list(range(2, 13)) for one in outputs)
    shares = [one["share"] for one in wall["classes"]]
    assert len(shares) == 3
    assert shares == sorted(shares, reverse=True)
    assert gallery["names"] == [name.replace("-", " ") for name in samples.SAMPLES]
    assert gallery["places"].keys() == {one["name"] for one in wall["places"]}


def test_another_network_stands_on_the_same_picture(app):
    networks = dict(mounted(app)["wall"]["view"]["networks"])
    assert next(iter(networks)) == SHIPPED
    assert DEFAULT in networks
    app.session_state[convnext_features.KEY] = {"network": DEFAULT}
    app.run()
    assert not app.exception
    found = mounted(app)
    assert found["wall"]["title"] == found["gallery"]["title"] == CATALOG[DEFAULT].title
    app.session_state[convnext_features.KEY] = {"network": "no such network"}
    app.run()
    assert mounted(app)["wall"]["title"] == CATALOG[SHIPPED].title


def test_a_network_too_large_for_one_message_sends_the_inside_of_one_block(app, monkeypatch):
    monkeypatch.setattr(convnext, "BUDGET", 1000)
    convnext.wall.clear()
    app.session_state[convnext_features.KEY] = {"inside": [1, 0]}
    app.run()
    assert not app.exception
    wall = mounted(app)["wall"]
    inner = {(one["stage"], one["block"]) for one in wall["places"] if one["tap"] != "output"}
    assert inner == {(1, 0)}
    assert len(wall["taps"]) == len({(one["stage"], one["block"]) for one in wall["places"]})
    app.session_state[convnext_features.KEY] = {}
    convnext.wall.clear()


@pytest.mark.parametrize("step", convnext_steps.STEPS)
def test_every_suggestion_sets_its_view(app, step):
    for item in convnext_tries.TRIES[step]:
        app.segmented_control(key="step").set_value(step).run()
        offered = [one.key for one in app.button if str(one.key).startswith("try-")]
        assert offered == [f"try-{one.label}" for one in convnext_tries.TRIES[step]]
        follow(app, item)


def follow(app, item):
    app.button(key=f"try-{item.label}").click().run()
    assert not app.exception
    assert app.segmented_control(key="step").value == item.state["step"]
    assert item.sample is None or app.selectbox(key="sample").value == item.sample
    if convnext_features.ASKED in item.state:
        view = mounted(app)["wall"]["view"]
        assert item.state[convnext_features.ASKED].items() <= view.items()
        assert view["serial"] >= 1


def test_a_transformer_in_the_sidebar_gives_way_to_the_shipped_network():
    app = start("convnext", model="deit_small_patch16_224")
    assert any(
        f"{convnext_steps.LACKS}: you see {CATALOG[SHIPPED].title}" in one.value
        for one in app.caption
    )


def test_text_is_short_has_its_sources_and_live_values(app):
    text = explain.sections("convnext")
    assert set(text) == {"See", "Maths", "Sources"}
    assert len(text["See"].split()) <= 60
    for link in ("arxiv.org/abs/2201.03545", "arxiv.org/abs/1512.03385"):
        assert link in text["Sources"]
    live = " ".join(one.value for one in app.markdown)
    assert "@{" not in live
    config = CATALOG[SHIPPED].config
    assert " → ".join(str(config.width_of(k)) for k in range(len(config.depths))) in live
    assert any(one.value == "`models.convnext.Block`" for one in app.markdown)


def test_missing_weights_are_one_sentence_and_the_page_goes_on(monkeypatch):
    monkeypatch.setattr(convnext, "here", lambda name: False)
    app = start("convnext")
    assert [one.value for one in app.info] == [
        f"The weights of {CATALOG[SHIPPED].title} are missing from assets/weights."
    ]
    assert len(app.tabs) == 4


def test_next_walks_through_all_steps_and_only_the_chosen_one_runs(app):
    first, *others = convnext_steps.STEPS
    app.segmented_control(key="step").set_value(first).run()
    for name in [*others, first]:
        app.button(key="convnext-next").click().run()
        assert not app.exception, name
        assert app.segmented_control(key="step").value == name
        assert bool(mounted(app)) == (name == "Features")
        told = [one.value for one in app.markdown if convnext_steps.STEPS[name].notice in one.value]
        assert len(told) == 1
