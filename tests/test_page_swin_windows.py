"""Steps 2 and 3 of the Swin page as a script: what the browser is sent, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import samples
from pages._ui.cached import swin
from tests.apps import swin_app
from tests.test_swin_probe import opened
from viz_core import images

APP = Path(__file__).parent / "apps" / "swin_app.py"


@pytest.fixture(scope="module")
def app():
    run = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not run.exception
    return run


def frames(app):
    """Headers and parts of what is mounted, by component."""
    mounted = {}
    for element in app.get("bidi_component"):
        name = element.proto.component_name.removeprefix("saccade_")
        if name in ("shift", "seam"):
            mounted[name] = opened(element.proto.bytes)
    return mounted


def test_the_maps_are_the_networks_stages_and_the_papers_figure(app):
    header, parts = frames(app)["shift"]
    cuts = [(m["grid"], m["window"], m["shift"]) for m in header["maps"]]
    assert cuts == [([28, 28], 7, 3), ([14, 14], 7, 3), ([7, 7], 7, 0), ([8, 8], 4, 2)]
    assert header["view"]["map"] == 1  # 2 x 2 windows: 4 become 9
    assert parts["picture"][:2] == b"\xff\xd8"


def test_the_mask_is_shown_for_the_block_with_four_windows(app):
    outer, parts = frames(app)["seam"]
    header, numbers = opened(parts["frame"])
    assert outer["view"] == {}
    assert (header["stage"], header["block"], header["shift"]) == (1, 1, 3)
    assert header["first"] == 3
    assert max(header["crossing"]["none"]) < 1e-30
    assert header["crossing"]["this"][3] > 0.05
    assert len(header["logits"]) == 5
    assert header["proof"]["difference"]["float64"] < 1e-12
    assert header["proof"]["windows"] == 9
    assert numbers["scores"].shape == (4, 4, 49, 49)
    assert np.array_equal(numbers["scores_all"], numbers["scores"]) is False


def test_another_block_is_another_frame_and_the_windows_stay(app):
    before = frames(app)
    app.segmented_control(key="swin-mask-block-1-4").set_value("4").run()
    assert not app.exception
    after = frames(app)
    assert opened(after["seam"][1]["frame"])[0]["block"] == 3
    assert after["shift"][0] == before["shift"][0]


def test_the_last_stage_says_why_it_has_no_shift(app):
    app.segmented_control(key="swin-mask-stage-3").set_value("3").run()
    assert not app.exception
    assert "shift 0" in app.info[0].value
    assert "seam" not in frames(app)


def test_a_frame_is_computed_once_for_all_visitors(app):
    raw = samples.path(samples.DEFAULT).read_bytes()
    key = images.digest(raw)
    assert swin.seam(swin_app.SWIN, key, raw, 1, 1) is swin.seam(swin_app.SWIN, key, raw, 1, 1)
    assert not swin.prepared(swin_app.SWIN, key, raw).pixels.flags.writeable
