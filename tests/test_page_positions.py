"""The page on positions runs as a script, whatever is chosen on it."""

import re

import pytest

from models.catalog import CATALOG, DEFAULT
from models.entry import build
from pages._ui import explain, positions_ablate, positions_tries
from pages._ui.cached import positions as cached
from tests.test_pages import said, start
from viz_core.tiles import wire


@pytest.fixture(scope="module")
def app():
    return start("positions")


def frames(app):
    """What the components were sent, by their kind: boards and galleries."""
    found = {}
    for element in app.main:
        raw = getattr(getattr(element, "proto", None), "bytes", b"")
        if raw[4:5] == b"{":
            header, _ = wire.unpack(raw)
            found.setdefault(header["kind"], {})[header["id"]] = header
    return {kind: list(by_id.values()) for kind, by_id in found.items()}


def test_the_first_view_is_the_learned_table_off_the_middle(app):
    (board,) = frames(app)["board"]
    assert [kind["name"] for kind in board["kinds"]] == ["learned", "sinusoid", "sincos", "none"]
    assert board["grid"] == [14, 14]
    assert board["view"]["kind"] == "learned"
    assert said(app) == ""


def test_every_section_has_its_maps(app):
    galleries = frames(app)["maps"]
    assert [len(one["maps"]) for one in galleries] == [12, 4, 12]
    assert [one["grid"] for one in galleries[1]["maps"]] == [[14, 14], [20, 20], [20, 20], [80, 80]]


def test_the_page_says_where_the_order_of_the_shipped_table_comes_from(app):
    told = " ".join(caption.value for caption in app.caption)
    cosine = re.search(r"2-D sin-cos formula to a cosine of (0\.\d+)", told)
    assert float(cosine[1]) == pytest.approx(cached.agreement(DEFAULT), abs=5e-4)
    assert "It started from it" in told


@pytest.mark.parametrize("kind", positions_ablate.LABELS)
def test_every_replacement_can_be_chosen(app, kind):
    app.pills(key="positions-kind").set_value(kind).run()
    assert not app.exception
    assert any(positions_ablate.NOTES[kind] in caption.value for caption in app.caption)
    assert app.slider(key="positions-seed").disabled == (kind != "shuffled")


def test_every_grid_way_and_map_can_be_chosen(app):
    for key in ("positions-rows", "positions-columns"):
        app.slider(key=key).set_value(4)
    app.segmented_control(key="positions-way").set_value("bilinear")
    app.toggle(key="positions-antialias").set_value(False)
    app.selectbox(key="positions-look").select("Component 2").run()
    assert not app.exception
    small = frames(app)["maps"][1]
    assert [one["grid"] for one in small["maps"]] == [[14, 14], [4, 4], [4, 4], [16, 16]]
    assert any("a logit moves by up to" in caption.value for caption in app.caption)
    app.slider(key="positions-source-14").set_value(5).run()
    coarse = frames(app)["maps"][1]
    assert [one["grid"] for one in coarse["maps"]] == [[5, 5], [4, 4], [4, 4], [16, 16]]
    assert not app.exception
    app.slider(key="positions-source-14").set_value(14)
    app.slider(key="positions-rows").set_value(7)
    app.slider(key="positions-columns").set_value(28).run()
    assert any("must be resampled" in caption.value for caption in app.caption)
    app.toggle(key="positions-centred").set_value(False).run()
    assert not app.exception


def test_tries_bring_their_view_also_twice(app):
    for item in positions_tries.BOARD:
        before = frames(app)["board"][0]["view"]["serial"]
        app.button(key=f"try-{item.label}").click().run()
        view = frames(app)["board"][0]["view"]
        asked = item.state["positions-view"]
        assert {name: view[name] for name in asked} == {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asked.items()
        }
        assert view["serial"] == before + 1
        app.button(key=f"try-{item.label}").click().run()
        assert frames(app)["board"][0]["view"]["serial"] == before + 2
    for item in (positions_tries.WAVE, positions_tries.SHAPE, positions_tries.SHUFFLE):
        app.button(key=f"try-{item.label}").click().run()
        assert not app.exception
    assert app.slider(key="positions-columns").value == 28
    assert app.pills(key="positions-kind").value == "shuffled"


@pytest.mark.parametrize(
    ("name", "grid", "words"),
    [
        ("vit_small_patch14_reg4_dinov2", [16, 16], "37 × 37 positions"),
        ("deit3_small_patch16_224", [14, 14], "started from random numbers"),
    ],
)
def test_networks_without_classes_or_on_another_grid_work_too(monkeypatch, name, grid, words):
    import torch

    from models import hub, weights

    def untrained(wanted, on_progress=None):
        torch.manual_seed(0)
        options = {"depth": 2, "width": 48, "heads": 2}
        entry = CATALOG[wanted]
        config = type(entry.config)(**{**entry.options, **options})
        return build(entry, config).eval().requires_grad_(False)

    monkeypatch.setattr(weights, "load", untrained)
    monkeypatch.setattr(hub, "cached", lambda _: "here")
    from pages._ui import cached as shared

    shared.network.clear()
    try:
        app = start("positions", model=name)
        assert frames(app)["board"][0]["grid"] == grid
        told = " ".join(caption.value for caption in app.caption)
        assert words in told
        assert ("no classes" in told) == (CATALOG[name].labels is None)
        assert said(app) == ""
    finally:
        for one in (shared.network, cached.table, cached.running, cached.kinds, cached.board):
            one.clear()
        for one in (cached.components, cached.curves, cached.ablated, cached.regridded):
            one.clear()
        cached.agreement.clear()


def test_the_text_is_short_and_names_its_sources():
    text = explain.sections("positions")
    assert set(text) == {"See", "Maths", "Sources"}
    assert len(text["See"].split()) <= 80
    assert text["Sources"].count("](https://arxiv.org/abs/") >= 4
