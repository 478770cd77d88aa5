"""The steps Road and Blocks as a script: what the browser is sent, and times on request only."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from models.catalog import CATALOG
from models.road import ROAD
from pages._ui import convnext_blocks, convnext_road
from pages._ui.cached import blocks, road
from tests.test_probe_blocks import opened
from viz_core.probe.clock import Paired

APP = Path(__file__).parent / "apps" / "convnext_road_app.py"


def start(step, **state):
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["step"] = step
    for key, value in state.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    return app


def mounted(app, name):
    return [
        one.proto.bytes
        for one in app.get("bidi_component")
        if one.proto.component_name == f"saccade_{name}"
    ]


@pytest.fixture
def clocked(monkeypatch):
    """A clock that says at once how long every station takes, and notes which were asked."""
    asked = []
    monkeypatch.setattr(road, "seconds", lambda key: asked.append(key) or Paired(0.08, 1.25))
    return asked


def test_all_stations_are_sent_at_once_and_nothing_is_timed(clocked):
    app = start("Road")
    (message,) = mounted(app, "road")
    found = json.loads(message)
    assert [station["key"] for station in found["stations"]] == list(ROAD)
    assert (found["times"], found["told"]) == ({}, convnext_road.UNTOLD)
    assert clocked == []


def test_a_suggestion_opens_its_station(clocked):
    app = start("Road", **{convnext_road.ASKED: {"station": "gelu"}})
    (message,) = mounted(app, "road")
    assert json.loads(message)["view"] == {"station": "gelu", "serial": 1}


def test_measuring_begins_with_the_station_on_screen(clocked):
    app = start("Road", **{f"{convnext_road.KEY}-measuring": "kernel_7"})
    assert clocked[0] == "kernel_7"
    assert sorted(clocked) == sorted(ROAD)
    (message,) = mounted(app, "road")
    found = json.loads(message)
    assert found["times"]["kernel_7"] == {"milliseconds": 80.0, "ratio": 1.25}
    assert found["told"] == convnext_road.TOLD
    assert f"{convnext_road.KEY}-measuring" not in app.session_state


def test_three_blocks_two_norms_and_two_activations_are_sent():
    app = start("Blocks", **{convnext_blocks.ASKED: {"side": 7}})
    found = {header["part"]: header for header, _ in map(opened, mounted(app, "blocks"))}
    assert list(found) == ["blocks", "norms", "activations"]
    networks = found["blocks"]["networks"]
    assert [one["title"] for one in networks] == [CATALOG[name].title for name in blocks.NETWORKS]
    assert found["blocks"]["sides"] == [28, 14, 7]
    assert found["blocks"]["view"] == {"side": 7, "serial": 1}
    assert len(found["norms"]["pictures"]) == 8
    shapes = [tensor["shape"] for tensor in found["norms"]["tensors"]]
    wide = CATALOG[blocks.CONVNEXT].config.width_of(1)
    assert shapes == [[wide, 14, 14], [64, 14, 14]]
    assert all(0.2 < layer["relu_zeros"] < 1 for layer in found["activations"]["layers"])


def test_absent_weights_are_named_in_one_line(monkeypatch):
    monkeypatch.setattr(blocks, "here", lambda: ())
    app = AppTest.from_function(_blocks_alone, default_timeout=60).run()
    assert not app.exception
    assert "left out here" in app.caption[0].value
    assert not mounted(app, "blocks")


def _blocks_alone():
    from pages._ui import convnext_blocks

    convnext_blocks.show("")
