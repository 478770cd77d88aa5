"""The page Compact as a script: three steps of which one runs, what is missing, suggestions."""

import json
import struct

import pytest

from models import weights
from models.catalog import CATALOG
from models.compact import VARIANTS
from pages._ui import compact_steps, compact_tries, compact_variants, explain
from pages._ui.cached import compact
from pages._ui.cached import compact_variants as counted
from pages._ui.compact_steps import SHIPPED
from tests.test_pages import said, start
from viz_core import compact_paper
from viz_core.probe.clock import Paired

TRIO = compact.TRIOS[0]


def messages(app):
    """Headers of the page's own components, by kind."""
    found = {}
    for one in app.get("bidi_component"):
        name, data = one.proto.component_name, one.proto.bytes
        if name == "saccade_tokenizers":
            (length,) = struct.unpack_from("<I", data)
            header = json.loads(data[4 : 4 + length])
            found[header["kind"]] = header
        elif name == "saccade_variants":
            header = json.loads(data)
            found[header["kind"]] = header
        elif name == "saccade_canvas":
            found["canvas"] = data
    return found


@pytest.fixture(scope="module")
def app():
    return start("compact")


def test_the_first_paint_is_the_three_tokenizers(app):
    assert said(app) == ""
    assert app.segmented_control(key="step").value == "Tokens"
    found = messages(app)
    assert found.keys() == {"tokens", "shift"}
    families = [one["family"] for one in found["tokens"]["networks"]]
    assert families == ["ViT-Lite", "CVT", "CCT"]
    patches, _, cct = found["tokens"]["networks"]
    assert [step["kind"] for step in patches["steps"]] == ["convolved"]
    assert [step["kind"] for step in cct["steps"]] == ["convolved", "activated", "pooled"] * 2
    assert (patches["window"], cct["window"]) == (4, 13)
    for one in found["tokens"]["networks"]:
        shares = [share for _, share in one["guesses"]]
        assert len(shares) == 3
        assert shares == sorted(shares, reverse=True)
    ways = (2 * compact.REACH + 1) ** 2
    for one in found["shift"]["networks"]:
        assert len(one["mean"]) == ways
        assert one["mean"][ways // 2] == 0
        assert min(one["mean"][: ways // 2]) > 0


def test_next_walks_through_all_steps_and_only_the_chosen_one_runs(app):
    kinds = {
        "Tokens": {"tokens", "shift"},
        "Pooling": {"pooling", "canvas"},
        "Variants": {"calculator", "table"},
    }
    for name in [*compact_steps.LESSON.names[1:], compact_steps.LESSON.names[0]]:
        app.button(key="compact-next").click().run()
        assert not app.exception, name
        assert app.segmented_control(key="step").value == name
        assert messages(app).keys() == kinds[name]
        told = [one.value for one in app.markdown if compact_steps.STEPS[name].notice in one.value]
        assert len(told) == 1


def test_heads_are_read_in_the_way_of_each_network(app):
    app.segmented_control(key="step").set_value("Pooling").run()
    pooling = messages(app)["pooling"]
    readings = [one["reading"] for one in pooling["networks"]]
    assert readings == ["class token", "pool", "pool"]
    assert pooling["labels"] == list(compact.labels(SHIPPED))
    for one in pooling["networks"]:
        assert sum(one["shares"]) == pytest.approx(1, abs=1e-3)
        assert (one["mean"] is None) == (one["reading"] == "class token")
    assert any("Measured share of the skip connection" in one.value for one in app.caption)


def test_the_table_counts_every_variant_and_cites_the_paper(app):
    app.segmented_control(key="step").set_value("Variants").run()
    table = messages(app)["table"]
    rows = {row["name"]: row for row in table["rows"]}
    assert rows.keys() == VARIANTS.keys()
    # Hand counts of the reference code, and the paper's own rounding of parameters.
    assert rows["cct_7_3x1_32"]["parameters"] == 3_760_139
    assert rows["cct_2_3x2_32"]["parameters"] == 283_723
    assert rows["vit_lite_7_4_32"]["parameters"] == 3_716_874
    for row in compact_paper.PAPER:
        assert rows[row.name]["parameters"] / 1e6 == pytest.approx(row.parameters, abs=0.0011)
        assert rows[row.name]["cifar10"] == row.cifar10
    assert sum(row["cifar10"] is not None for row in rows.values()) == len(compact_paper.PAPER)
    assert table["times"] == {}
    assert len(app.get("plotly_chart")) == 1


def test_our_accuracy_is_read_from_the_card_beside_the_weights(app, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    assert counted.ours() == {}
    card = "| top-1 | top-5 |\n| --- | --- |\n| 80.50 % | 99.0 % |\n"
    (tmp_path / f"{SHIPPED}.safetensors.md").write_text(card, encoding="utf-8")
    assert counted.ours() == {SHIPPED: 80.5}
    points = compact_variants.plotted(counted.rows(), "cifar10", counted.ours())
    assert [(one.title, one.accuracy) for one in points if one.ours] == [("CCT-2/3×2", 80.5)]
    assert len(points) == len(compact_paper.PAPER) + 1


def test_times_are_measured_on_request_only_and_once_each(app, monkeypatch):
    asked = []

    def seconds(name):
        asked.append(name)
        return Paired(seconds=1e-3 * len(asked), ratio=1.0)

    monkeypatch.setattr(counted, "seconds", seconds)
    app.segmented_control(key="step").set_value("Variants").run()
    assert asked == []
    app.session_state[f"{compact_variants.KEY}-measuring"] = True  # what a click leaves
    app.run()
    assert not app.exception
    wanted = [name for name in VARIANTS if "_sine" not in name]
    assert asked == wanted
    assert messages(app)["table"]["times"].keys() == set(wanted)
    app.run()
    assert len(asked) == len(wanted)


@pytest.mark.parametrize("item", compact_tries.COMPACT, ids=lambda item: item.label)
def test_every_suggestion_sets_its_view(app, item):
    app.button(key=f"try-{item.label}").click().run()
    assert not app.exception
    assert app.segmented_control(key="step").value == item.state["step"]
    assert item.sample is None or app.selectbox(key="sample").value == item.sample
    views = [one.get("view", {}) for kind, one in messages(app).items() if kind != "canvas"]
    (wanted,) = (value for key, value in item.state.items() if key.endswith("-view"))
    assert any(wanted.items() <= view.items() and view["serial"] >= 1 for view in views)


def test_missing_weights_are_one_line_and_the_rest_is_shown(monkeypatch):
    monkeypatch.setattr(compact, "here", lambda name: name != "cvt_2_4_32")
    app = start("compact")
    lines = [one.value for one in app.caption if "missing from assets/weights" in one.value]
    assert lines == [
        f"The weights of {compact.title('cvt_2_4_32')} are missing from assets/weights."
    ]
    assert len(messages(app)["tokens"]["networks"]) == 2


def test_without_any_weights_the_table_and_the_text_are_still_there(monkeypatch):
    monkeypatch.setattr(compact, "here", lambda name: False)
    app = start("compact")
    assert len(app.info) == 1
    assert messages(app) == {}
    assert len(app.tabs) == 4
    app.segmented_control(key="step").set_value("Variants").run()
    assert not app.exception
    assert messages(app).keys() == {"calculator", "table"}


def test_a_network_of_another_kind_gives_way(app):
    other = start("compact", model="deit_small_patch16_224")
    assert any(
        f"{compact_steps.LACKS}: you see {CATALOG[SHIPPED].title}" in one.value
        for one in other.caption
    )


def test_text_is_short_has_its_sources_and_live_values(app):
    text = explain.sections("compact")
    assert set(text) == {"See", "Maths", "Sources"}
    assert len(text["See"].split()) <= 60
    for link in ("arxiv.org/abs/2104.05704", "SHI-Labs/Compact-Transformers", "30-minutes"):
        assert link in text["Sources"]
    live = " ".join(one.value for one in app.markdown)
    assert "@{" not in live
    assert "32 → 16 → 8" in live
    assert "13 × 13 = 169 pixels" in live
    ran = [one.value for one in app.markdown]
    assert "`models.compact.Block`" in ran
