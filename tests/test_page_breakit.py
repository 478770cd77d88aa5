"""The section "Break it" as a script: board, cards, proofs, suggestions, what survives."""

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import breakit, variants
from pages._ui.cached import breaking as cached
from viz_core import mosaic


def script():
    import streamlit as st

    from pages._ui import breakit, controls

    st.set_page_config(layout="wide")
    controls.sidebar()
    breakit.show()


@pytest.fixture
def app():
    return AppTest.from_function(script, default_timeout=60).run()


def sent(app):
    """Headers of what the components were sent, by kind."""
    assert not app.exception
    headers = [mosaic.unpack(one.proto.bytes)[0] for one in app.main.get("bidi_component")]
    return {header["kind"]: header for header in headers}


def commit(app, steps, serial=None):
    """What the browser does when somebody lets go of a patch."""
    serial = sent(app)["board"]["serial"] if serial is None else serial
    app.session_state[breakit.BOARD] = {"board": {"serial": serial, "steps": steps}}
    app.run()
    return sent(app)


def by_id(frames):
    return {told["id"]: told for told in frames["cards"]["networks"]}


def test_it_opens_broken_and_only_positions_mind(app):
    frames = sent(app)
    assert frames["board"]["play"]
    told = by_id(frames)
    minds, does_not = told["vit_nano_patch4_56"], told["vit_nano_patch4_56-without"]
    assert minds["delta"] > 0.1
    assert does_not["delta"] < 1e-4
    assert does_not["answer"] == does_not["first"]
    apart = max(
        abs(a - b) for a, b in zip(does_not["maps"]["back"], does_not["maps"]["whole"], strict=True)
    )
    assert apart < 1e-5
    windowed = told["swin_nano_patch2_window7_56"]
    assert len(windowed["maps"]["whole"]) == 28 * 28
    assert "rollout" in windowed["reader"]
    first, *rest, last = [line["sign"] for line in frames["proofs"]["proofs"]]
    assert (first, set(rest), last) == ("same", {"other"}, "note")


def test_what_the_browser_commits_is_answered_and_reset_is_zero(app):
    opening = sent(app)["board"]
    turned = commit(app, [{"kind": "turn", "side": 2, "places": [0], "quarters": 1}])
    assert by_id(turned)["vit_nano_patch4_56-without"]["delta"] > 0.01
    assert by_id(turned)["vit_nano_patch4_56"]["maps"]["back"] is None
    assert turned["board"] == opening, "the board itself is not sent again"
    whole = commit(app, [])
    told = whole["cards"]["networks"]
    assert len(told) >= 3, "the ViT with and without positions, and the Swin"
    assert {one["delta"] for one in told} == {one["moved"] for one in told} == {0}


def test_another_picture_keeps_what_was_done(app):
    steps = [{"kind": "erase", "side": 14, "places": [3, 4, 5]}]
    before = commit(app, steps)
    app.selectbox(key="sample").select("taxis").run()
    after = sent(app)
    assert after["board"]["picture"] != before["board"]["picture"]
    assert "1.53 % of the pixels are erased" in after["proofs"]["proofs"][0]["text"]


def test_coming_back_from_another_page_brings_the_breaking(app):
    steps = [{"kind": "swap", "side": 14, "one": 3, "other": 100}]
    commit(app, steps)
    del app.session_state[breakit.BOARD]
    app.run()
    board = sent(app)["board"]
    assert (board["steps"], board["play"], board["serial"]) == (steps, False, 2)


def test_a_late_answer_to_an_earlier_board_is_not_taken(app):
    app.button(key="try-Confetti").click().run()
    told = by_id(commit(app, [], serial=1))
    assert told["vit_nano_patch4_56"]["delta"] > 0.1


@pytest.mark.parametrize("item", breakit.TRIES, ids=lambda item: item.label)
def test_every_suggestion_breaks_the_picture(app, item):
    app.button(key=f"try-{item.label}").click().run()
    frames = sent(app)
    assert frames["board"]["serial"] == 2
    assert by_id(frames)["vit_nano_patch4_56"]["delta"] > 0.01


@pytest.mark.parametrize("steps", [[{"kind": "burn"}], "x", [{"kind": "order", "order": [1]}]])
def test_steps_from_nobodys_board_get_one_sentence(app, steps):
    app.session_state[breakit.BOARD] = {"board": {"serial": 1, "steps": steps}}
    app.run()
    assert not app.exception
    assert [error.value for error in app.error] == [
        "These changes cannot be read: reset the picture."
    ]


@pytest.fixture
def one_draw(monkeypatch):
    """A quarter of the passes."""
    monkeypatch.setattr(cached, "DRAWS", 1)
    cached.survival.clear()
    yield
    cached.survival.clear()


@pytest.mark.usefixtures("one_draw")
def test_what_survives_is_measured_on_request_and_kept(app):
    assert not app.get("plotly_chart")
    app.button(key="survival-run").click().run()
    assert not app.exception
    assert len(app.get("plotly_chart")) == 4
    said = [line.value for line in app.markdown if "What is left" in line.value]
    assert len(said) == len(sent(app)["cards"]["networks"])
    assert all("least" in line for line in said)
    app.run()
    assert len(app.get("plotly_chart")) == 4


def test_what_a_network_knows_is_said_as_it_is():
    knows = variants.Variant("vit_nano_patch4_56", True, True, "#000")
    neighbours = variants.Variant("swin_nano_patch2_window7_56", True, False, "#000")
    assert "where each patch ought to be" in breakit._other(knows, 1.5)["text"]
    assert "neighbours" in breakit._other(neighbours, 1.5)["text"]
    alike = breakit._other(knows, 0.0)
    assert (alike["sign"], "look alike" in alike["text"]) == ("note", True)


def test_an_answer_that_only_the_missing_positions_changed_is_pointed_out(app):
    whole = {told["id"]: told["first"] for told in sent(app)["cards"]["networks"]}
    said = sent(app)["proofs"]["proofs"][-1]["text"]
    other = whole["vit_nano_patch4_56-without"]
    assert (f"say “{other}”" in said) == (other != whole["vit_nano_patch4_56"])


def test_a_suggestion_may_bring_its_picture(app):
    app.button(key="try-Confetti").click().run()
    assert app.session_state.sample == "butterfly"
    assert sent(app)["board"]["title"] == "butterfly"
