"""Step 4 of the Swin page runs as a script, whatever is chosen in it."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from models.catalog import CATALOG
from models.entry import build
from pages._ui import relative, swin_relative
from pages._ui.cached import swin_relative as cached
from tests.apps import swin_app
from viz_core import breaking, prediction

APP = Path(__file__).parent / "apps" / "swin_relative_app.py"


def start(**query):
    app = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


@pytest.fixture(scope="module")
def app():
    return start()


def header(app):
    """What the component was sent."""
    for element in app.main:
        raw = getattr(getattr(element, "proto", None), "bytes", b"")
        if raw[4:5] == b"{":
            found = json.loads(raw[4 : 4 + struct.unpack_from("<I", raw)[0]])
            if found.get("kind") in ("index", "tables"):
                return found
    raise AssertionError("no component was sent anything")


def show(app, part):
    app.segmented_control(key="swin-relative-show").set_value(part).run()
    assert not app.exception
    return app


def test_the_first_view_is_the_index_with_the_networks_own_numbers(app):
    sent = header(show(app, swin_relative.INDEX))
    assert sent["kind"] == "index"
    assert (sent["window"], sent["largest"], sent["centre"]) == (7, 7, 0)
    assert sent["view"] == {"window": 3, "step": 5, "query": [1, 0], "key": [0, 1]}
    assert sent["from"].startswith("The numbers in table and bias are this network’s own: stage")


def test_the_tables_are_those_of_every_block(app):
    sent = header(show(app, swin_relative.TABLES))
    assert [(one["heads"], one["window"], one["grid"]) for one in sent["blocks"]] == [
        *[(2, 7, [28, 28])] * 2, *[(4, 7, [14, 14])] * 4, *[(8, 7, [7, 7])] * 2
    ]  # fmt: skip
    assert sent["parts"]["table7"]["shape"] == [8, 169]
    assert sent["view"]["block"] < 6, "a window that is not the whole map comes first"


def test_a_view_is_opened_as_asked_also_twice(app):
    show(app, swin_relative.INDEX)
    for serial in (1, 2):
        app.session_state[relative.ASKED] = {"part": "index", "window": 2, "step": 1}
        app.run()
        view = header(app)["view"]
        assert (view["window"], view["step"], view["serial"]) == (2, 1, serial)
        assert view["query"] == [1, 0]
    app.session_state[relative.ASKED] = {"part": "tables", "stored": True}
    app.run()
    assert header(app)["view"]["serial"] == 2
    assert header(show(app, swin_relative.TABLES))["view"]["stored"]


def test_tries_set_what_there_is(app):
    for item in swin_relative.TRIES:
        for key, value in item.state.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception
        part = item.state["swin-relative-show"]
        assert app.segmented_control(key="swin-relative-show").value == part
        asked = dict(item.state.get(relative.ASKED, {}))
        if asked:
            del asked["part"]
            view = header(app)["view"]
            assert {name: view[name] for name in asked} == asked


def test_the_text_gets_this_networks_numbers():
    assert swin_relative.values(swin_app.SWIN) == {
        "relative_window": "7",
        "relative_side": "13",
        "relative_rows": "169",
        "relative_pairs": "2401",
        "relative_learned": str(169 * (2 * 2 + 4 * 4 + 2 * 8)),
    }


def test_what_is_said_about_the_bias_is_what_the_network_does(app):
    show(app, swin_relative.WITHOUT)
    metrics = {metric.label: metric.value for metric in app.metric}
    sample = app.session_state.picture
    run = swin_app.SWIN, sample.key, sample.raw
    before, after = cached.run(*run, "own", None, 0), cached.run(*run, "zero", None, 0)
    moved = breaking.total_variation(*(prediction.softmax(r.logits) for r in (before, after)))
    assert metrics["Answer that moved"] == f"{100 * moved:.3g}\u2009%"
    change = after.logits - before.logits
    told = float(metrics["Largest change"].replace("−", "-"))
    assert told == pytest.approx(change[np.abs(change).argmax()], rel=0.01)
    assert len(app.get("plotly_chart")) == 2


@pytest.mark.parametrize("kind", swin_relative.KINDS)
def test_every_bias_can_be_chosen_for_all_blocks_or_one(app, kind):
    show(app, swin_relative.WITHOUT)
    app.pills(key="swin-relative-kind").set_value(kind)
    for where in (swin_relative.ALL, "Stage 2, block 3"):
        app.selectbox(key="swin-relative-where").select(where).run()
        assert not app.exception
    assert any(swin_relative.NOTES[kind] in caption.value for caption in app.caption)
    assert app.slider(key="swin-relative-seed").disabled == (kind != "shuffled")
    app.selectbox(key="swin-relative-where").select(swin_relative.ALL).run()


def test_swin_v2_shows_what_its_small_network_computes(monkeypatch):
    import torch

    from models import hub, weights
    from pages._ui import cached as shared

    name = "swinv2_tiny_window8_256"

    def untrained(wanted, on_progress=None):
        torch.manual_seed(0)
        entry = CATALOG[wanted]
        small = type(entry.config)(width=24, depths=(2, 1), heads=(2, 4), image_size=64)
        return build(entry, small).eval().requires_grad_(False)

    monkeypatch.setattr(weights, "load", untrained)
    monkeypatch.setattr(hub, "cached", lambda _: "here")
    shared.network.clear()
    try:
        app = start(model=name)
        assert header(app)["largest"] == 8
        assert 0 < header(app)["centre"] < 16
        sent = header(show(app, swin_relative.TABLES))
        assert all(one["computed"] for one in sent["blocks"])
        assert any("between 0 and 16" in caption.value for caption in app.caption)
        show(app, swin_relative.WITHOUT)
    finally:
        for one in (shared.network, cached.tables, cached.strongest, cached.index_frame):
            one.clear()
        for one in (cached.tables_frame, cached.run, cached.swin.layouts):
            one.clear()
