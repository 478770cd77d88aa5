"""The MAE page as a script: its steps, what the stage is sent, suggestions, odd networks."""

from dataclasses import replace

import numpy as np
import pytest

from models.catalog import CATALOG
from pages._ui import mae_stage, mae_steps, mae_tries, samples
from pages._ui.cached import mae as cache
from pages._ui.cached import mae_more
from tests.test_pages import said, start
from viz_core import images, inpaint, masking, reconstruction
from viz_core.canvas.envelope import unpack_header
from viz_core.unmask import wire

GRID = (14, 14)
HAND = masking.painted(range(60, 75), GRID)
TOLD = {
    "strategy": "hand", "seed": 4, "slot": 3, "baseline": "telea", "hand": wire.code(HAND),
    "serial": 0,
}  # fmt: skip


def frames(app):
    """What the invisible components bring, in the order of the page: header and body."""
    found = [
        one.proto.bytes
        for one in app.get("bidi_component")
        if one.proto.component_name == "saccade_canvas_feeder"
    ]
    return [(header, frame[start:]) for frame in found for header, start in [unpack_header(frame)]]


def view(app):
    (mount,) = [
        one.proto.bytes
        for one in app.get("bidi_component")
        if one.proto.component_name == "saccade_unmask"
    ]
    return unpack_header(mount)[0]["view"]


def entries(header, body):
    """Mask and picture of every slot."""
    size, patches = header["size"], int(np.prod(header["grid"]))
    raw = np.frombuffer(body, np.uint8).reshape(len(header["slots"]), -1)
    for slot, row in zip(header["slots"], raw, strict=True):
        yield slot, row[:patches].reshape(GRID), row[-3 * size**2 :].reshape(size, size, 3)


@pytest.fixture(scope="module")
def app():
    return start("mae")


@pytest.fixture
def few(monkeypatch):
    """Only the ratio on the screen is computed."""
    monkeypatch.setattr(cache, "PIECES", 0)


def given():
    raw = samples.path(samples.DEFAULT).read_bytes()
    return mae_more.given(mae_steps.SHIPPED, images.digest(raw), raw)


def test_the_ratio_on_the_screen_comes_first_then_all_twenty_of_both(app):
    assert said(app) == ""
    masks, *rest = frames(app)
    assert masks[0]["kind"] == "masks"
    first = view(app)["opening"]
    assert [(h["by"], h["slots"]) for h, _ in rest[:2]] == [("network", [15]), ("harmonic", [15])]
    for by in ("network", first["baseline"]):
        slots = [slot for h, _ in rest[2:] if h["by"] == by for slot in h["slots"]]
        assert sorted(slots) == list(range(20))
        assert slots[:5] == [15, 16, 17, 18, 19]  # where one stands before what is far away
    assert len({h["of"] for h, _ in [masks, *rest]}) == 1
    assert {h["run"] for h, _ in rest} == {f"random {first['seed']}"}


def test_what_is_sent_is_what_network_and_baseline_make_of_that_mask(app):
    base = given()
    for header, body in frames(app)[1:]:
        for k, (slot, mask, picture) in enumerate(entries(header, body)):
            seed = view(app)["opening"]["seed"]
            expected = masking.random(GRID, wire.PERCENTS[slot] / 100, seed)
            np.testing.assert_array_equal(mask.astype(bool), expected)
            if slot not in (0, 15):
                continue
            fill = inpaint.BASELINES.get(header["by"])
            whole = (
                fill(base.picture, expected)
                if fill
                else mae_more.predicted(mae_steps.SHIPPED, base, expected[None])[0]
            )
            assert np.abs(picture.astype(int) - whole).max() <= (0 if fill else 1)
            score = reconstruction.score(base.picture, picture, expected)
            assert header["scores"][k] == (None if slot == 0 else pytest.approx(vars(score)))


def test_a_mask_by_hand_is_painted_alone_and_comes_before_the_rest(app):
    app.session_state["mae-hide-told"] = TOLD
    app.run()
    assert not app.exception
    (network, telea, masks) = [header for header, _ in frames(app)]
    assert (network["by"], telea["by"]) == ("network", "telea")
    assert network["run"] == telea["run"] == f"hand {TOLD['hand']}"
    assert network["scores"][0]["mse"] > 0
    assert (masks["kind"], masks["seed"]) == ("masks", 4)


ODD = (
    None, 3, {"strategy": "spiral"}, {"strategy": []}, {"strategy": "hand", "hand": "ff"},
    {"seed": -1, "slot": 99, "baseline": ["x"], "serial": "1"},
    {"strategy": "hand", "hand": "no hex"}, {"strategy": "hand", "hand": None},
)  # fmt: skip


@pytest.mark.parametrize("message", ODD)
def test_a_message_that_makes_no_sense_falls_back_to_the_opening_view(app, few, message):
    app.session_state["mae-hide-told"] = message
    app.run()
    assert not app.exception
    assert frames(app)[1][0]["run"] == f"random {mae_stage.View.seed}"


@pytest.mark.parametrize("item", mae_tries.MAE, ids=lambda item: item.label)
def test_every_suggestion_sets_its_view(app, few, item):
    app.session_state["mae-hide-told"] = None
    before = view(app)["asked"]["serial"]
    app.button(key=f"try-{item.label}").click().run()
    assert not app.exception
    wanted = item.state[mae_stage.ASKED]
    assert view(app)["asked"] == {"strategy": "random", **wanted, "serial": before + 1}
    assert app.selectbox(key="sample").value == item.sample
    runs = [header["run"] for header, _ in frames(app) if header["kind"] == "pictures"]
    assert runs[0].startswith(wanted.get("strategy", "random"))
    if "hand" in wanted:
        assert 0 < wire.decoded(wanted["hand"], GRID).sum() < 196
    app.session_state["mae-hide-told"] = {"strategy": "grid", "serial": before + 1}
    app.run()
    assert frames(app)[1][0]["run"] == "grid 0"  # what was set since is not overruled


def test_next_walks_through_all_steps_and_each_says_what_to_notice(monkeypatch, few):
    for name, step in mae_steps.STEPS.items():
        monkeypatch.setitem(mae_steps.STEPS, name, replace(step, show=lambda network: None))
    app = start("mae", step="Learning")
    for name in [mae_steps.LESSON.names[0], *mae_steps.LESSON.names[1:]]:
        app.button(key="mae-next").click().run()
        assert not app.exception
        assert app.segmented_control(key="step").value == name
        told = [one for one in app.markdown if mae_steps.STEPS[name].notice in one.value]
        assert len(told) == 1
    app.button(key="mae-back").click().run()
    assert app.segmented_control(key="step").value == mae_steps.LESSON.names[-2]


def test_a_network_that_paints_nothing_gives_way_to_one_that_does():
    app = start("mae", model="vit_tiny_patch16_224")
    assert any(mae_steps.LACKS in one.value for one in app.caption)
    assert any(CATALOG[mae_steps.SHIPPED].title in one.value for one in app.caption)


def test_a_run_of_the_grid_has_one_name_for_all_seeds():
    assert cache.run_name("grid", 5) == cache.run_name("grid", 0) != cache.run_name("block", 0)
