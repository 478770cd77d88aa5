"""The Swin page as a script: six steps of which one runs, the walk, the suggestions, the cost."""

import json
import struct

import pytest

from models.catalog import CATALOG, DEFAULT
from pages._ui import (
    explain,
    swin_cost,
    swin_mask,
    swin_pyramid,
    swin_relative,
    swin_steps,
    swin_tries,
)
from pages._ui.cached import pyramid
from pages._ui.swin_windows import SHIPPED
from tests.test_pages import said, start
from viz_core import swin_clock

COMPONENTS = {
    "Attention": "canvas", "Pyramid": "pyramid", "Windows": "shift", "Mask": "seam",
    "Bias": "relative", "Cost": "cost",
}  # fmt: skip


def mounted(app):
    """Names of the components of the steps on the page."""
    names = [one.proto.component_name for one in app.get("bidi_component")]
    known = {name.removeprefix("saccade_") for name in names}
    return known & set(COMPONENTS.values())


def header(app, name):
    (message,) = [
        one.proto.bytes
        for one in app.get("bidi_component")
        if one.proto.component_name == f"saccade_{name}"
    ]
    (length,) = struct.unpack_from("<I", message)
    return json.loads(message[4 : 4 + length])


@pytest.fixture(scope="module")
def app():
    return start("swin")


def test_the_first_paint_is_attention_and_nothing_else_runs(app):
    assert said(app) == ""
    assert app.segmented_control(key="step").value == "Attention"
    assert mounted(app) == {"canvas"}
    assert not app.get("plotly_chart")
    assert app.button(key="swin-back").disabled


def test_next_walks_through_all_steps_and_only_the_chosen_one_runs(app):
    for name in [*swin_steps.LESSON.names[1:], swin_steps.LESSON.names[0]]:
        app.button(key="swin-next").click().run()
        assert not app.exception
        assert app.segmented_control(key="step").value == name
        assert mounted(app) == {COMPONENTS[name]}
        told = [one.value for one in app.markdown if swin_steps.STEPS[name].notice in one.value]
        assert len(told) == 1
        assert any(CATALOG[SHIPPED].title in one.value for one in app.caption)
    app.button(key="swin-next").click().run()
    app.button(key="swin-back").click().run()
    assert app.segmented_control(key="step").value == swin_steps.LESSON.names[0]


def test_a_link_opens_its_step_and_the_pyramid_is_this_networks(app):
    app.segmented_control(key="step").set_value("Pyramid").run()
    found = header(app, "pyramid")
    assert found["title"] == CATALOG[SHIPPED].title
    assert [stage["grid"] for stage in found["stages"]] == [28, 14, 7]
    assert [stage["width"] for stage in found["stages"]] == [64, 128, 256]
    assert found["peer"]["title"] == CATALOG[DEFAULT].title
    linked = start("swin", step="Windows")
    assert mounted(linked) == {"shift"}


@pytest.mark.parametrize("item", swin_tries.SWIN, ids=lambda item: item.label)
def test_every_suggestion_sets_its_view(app, item):
    app.button(key=f"try-{item.label}").click().run()
    assert not app.exception
    assert app.segmented_control(key="step").value == item.state["step"]
    assert item.sample is None or app.selectbox(key="sample").value == item.sample
    for key, value in item.state.items():
        if key == swin_steps.LESSON.went:
            assert key not in app.session_state
        elif key in (swin_pyramid.ASKED, swin_cost.ASKED, swin_mask.ASKED):
            name = {swin_pyramid.ASKED: "pyramid", swin_mask.ASKED: "seam"}.get(key)
            view = (header(app, name) if name else cost(app))["view"]
            assert view == value | {"serial": view["serial"]}
        else:
            assert app.session_state[key] == value


def test_a_network_without_windows_gives_way_to_one_with_them(app):
    other = start("swin", model="vit_tiny_patch16_224")
    assert any("no window attention" in one.value for one in other.caption)
    assert any(CATALOG[SHIPPED].title in one.value for one in other.caption)


@pytest.fixture
def clocked(monkeypatch):
    """A clock that obeys the formulas and notes what it was asked."""
    asked = []

    def seconds(kind, side, width, window):
        asked.append((kind, side, width, window))
        return swin_clock.Layer(side=side, width=width, window=window).macs(kind) / 1e10

    monkeypatch.setattr(pyramid, "seconds", seconds)
    return asked


def cost(app):
    """What the browser is given for the last step."""
    (message,) = [
        one.proto.bytes
        for one in app.get("bidi_component")
        if one.proto.component_name == "saccade_cost"
    ]
    return json.loads(message)


def test_times_are_measured_on_request_only(app, clocked):
    app.segmented_control(key="step").set_value("Cost").run()
    assert clocked == []
    assert cost(app)["opening"] == {"side": 56, "window": 7, "width": 96}
    assert cost(app)["clocks"] == []
    app.session_state["swin-cost-measuring"] = (64, 14)  # what a click on the button leaves
    app.run()
    assert not app.exception
    assert {(kind, side) for kind, side, *_ in clocked} == {
        (kind, side) for kind in ("global", "window") for side in (14, 28, 42, 56)
    }
    (clock,) = cost(app)["clocks"]
    assert (clock["width"], clock["window"]) == (64, 14)
    assert clock["rate"] == pytest.approx(1e10)
    assert len(clock["points"]) == 8
    assert "10\u2009G MACs a second" in clock["told"]
    app.run()
    assert len(clocked) == 8


def test_large_global_maps_are_left_out_and_it_says_why(app, clocked):
    app.segmented_control(key="step").set_value("Cost").run()
    app.session_state["swin-cost-measuring"] = (512, 7)
    app.run()
    largest = {kind: max(s for k, s, *_ in clocked if k == kind) for kind in ("global", "window")}
    assert largest == {"global": 35, "window": 56}
    # 16 heads, scores and weights of 35 x 35 tokens in float32; the next size has 56.
    assert swin_cost._bytes(512, 35) == 2 * 16 * 35**4 * 4 <= swin_cost.MOST_BYTES
    assert swin_cost._bytes(512, 56) > swin_cost.MOST_BYTES
    assert "one visitor may use" in cost(app)["clocks"][-1]["told"]


def test_a_measurement_that_was_stopped_keeps_what_it_has(app, monkeypatch):
    def stopped(kind, side, width, window):
        if side > 7:
            raise RuntimeError("stopped")
        return 1e-3

    monkeypatch.setattr(pyramid, "seconds", stopped)
    app.segmented_control(key="step").set_value("Cost").run()
    app.session_state["swin-cost-measuring"] = (32, 7)
    app.run()
    assert app.exception  # here the run ends, as it does by a click on Stop
    swin_cost_state = app.session_state
    del swin_cost_state["swin-cost-measuring"]
    app.run()
    assert not app.exception
    clock = next(one for one in cost(app)["clocks"] if one["width"] == 32)
    assert [point[:2] for point in clock["points"]] == [["global", 7], ["window", 7]]


def test_text_is_short_has_its_sources_and_live_values(app):
    text = explain.sections("swin")
    assert set(text) == {"See", "Maths", "Sources"}
    assert len(text["See"].split()) <= 60
    for link in (
        "arxiv.org/abs/2103.14030",
        "arxiv.org/abs/2111.09883",
        "issues/130",
        "issues/307",
    ):
        assert link in text["Sources"]
    live = " ".join(one.value for one in app.markdown)
    assert "@{" not in live
    assert "169" in live
    ran = [one.value for one in app.markdown if one.value.startswith("`models.swin.")]
    for name in ("Attention", "PatchMerging", "shift_mask", "relative_position_index"):
        assert f"`models.swin.{name}`" in ran


def test_the_step_of_a_bad_link_is_the_first():
    assert mounted(start("swin", step="Nonsense")) == {"canvas"}


def test_the_step_of_the_bias_brings_its_own_suggestions():
    app = start("swin", step="Bias")
    for item in swin_relative.TRIES:
        app.button(key=f"try-{item.label}").click().run()
        assert not app.exception
        asked = item.state["swin-relative-show"]
        assert app.segmented_control(key="swin-relative-show").value == asked
