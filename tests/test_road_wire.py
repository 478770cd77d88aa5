"""The road's message: its networks cost what the paper says, and each step changes what it says."""

import json
from dataclasses import replace

import pytest

from models.road import ROAD
from pages._ui.cached import road as cached
from viz_core.road import ours, stations, wire


@pytest.fixture(scope="module")
def message():
    return cached.message()


@pytest.fixture(scope="module")
def known(message):
    return {station["key"]: station for station in message["stations"]}


def test_macs_are_the_papers_but_where_its_table_differs_from_itself(known):
    for key, station in known.items():
        if key not in ("layer_norm", "convnext_tiny"):  # see their remarks in models.road
            assert station["macs"] / 1e9 == pytest.approx(station["gflops"], abs=0.006), key
    assert known["convnext_tiny"]["macs"] / 1e9 == pytest.approx(4.46, abs=0.006)
    assert known["layer_norm"]["macs"] == known["one_norm"]["macs"]
    assert known["layer_norm"]["remark"]
    assert round(known["resnet50"]["parameters"] / 1e6, 1) == 25.6
    assert round(known["convnext_tiny"]["parameters"] / 1e6, 1) == 28.6


def test_each_step_changes_what_its_title_says(known):
    changed = {key: station["changed"] for key, station in known.items()}
    assert changed["resnet50"] == []
    assert changed["stage_ratio"] == ["depths"]
    assert changed["patchify"] == ["stem"]
    assert changed["convnext_tiny"] == ["entry", "stem", "head"]
    for key in ("depthwise", "inverted", "moved_up", "kernel_9", "gelu", "one_norm", "layer_norm"):
        assert changed[key][0] == "block", key
    block = known["gelu"]["views"]["block2"]
    assert [row[1] for row in block["main"] if row[7] == "new"] == ["GELU"] * 3
    assert block["was"].count("gone") == 3
    fewer = known["one_activation"]["views"]["block2"]
    assert (fewer["was"].count("gone"), len(fewer["main"])) == (2, 9)


def test_the_road_goes_through_all_stations_and_tries_lead_back(known):
    road = cached.stations()
    keys = [station.key for station in road]
    assert keys == list(ROAD) == list(known)
    assert set(keys) == set(stations.NOTES)
    assert known["gelu"]["before"] == keys.index("kernel_7")
    assert known["kernel_9"]["before"] == keys.index("kernel_7")
    assert known["width"]["gain"] == 2.22
    assert known["moved_up"]["gain"] == -0.72
    total = sum(stations.gain(road, i) for i, one in enumerate(road) if one.kept and i)
    tries = stations.gain(road, keys.index("kernel_5"))
    assert total + tries == pytest.approx(road[-1].top1 - road[0].top1)
    with pytest.raises(IndexError, match="no station"):
        stations.before(road, len(road))


def test_an_entry_holds_the_layer_between_stages_and_the_first_block(known):
    entry = known["convnext_tiny"]["views"]["entry2"]
    assert [row[1] for row in entry["main"][:2]] == ["LN", "2×2 conv, stride 2"]
    assert (entry["start"], entry["around"]) == (2, [])
    old = known["layer_norm"]["views"]["entry2"]
    assert [row[1] for row in old["around"]] == ["1×1 conv, stride 2"]
    assert len(json.dumps(known)) < 250_000


def test_our_own_training_stands_beside_the_papers(message):
    record = {
        "epochs": 5, "classes": 32, "side": 28, "width": 16, "pictures": {"train": 100, "val": 400},
        "stations": {"gelu": {"top1": 50.0}},
    }  # fmt: skip
    found = ours.read(json.dumps(record))
    assert found.stations["gelu"].error == 2.5  # sqrt(50 * 50 / 400)
    sent = wire.with_ours(message, found)
    assert {one["key"]: one["ours"] for one in sent["stations"] if one["ours"]} == {
        "gelu": {"top1": 50.0, "error": 2.5}
    }
    assert "5 epochs of 100 pictures of 32 classes at 28 pixels" in sent["ours"]["told"]
    without = wire.with_ours(message, None)
    assert without["ours"] is None
    assert [one["ours"] for one in without["stations"]] == [None] * len(ROAD)
    del record["pictures"]
    for text, problem in ((json.dumps(record), "pictures"), ("[]", "lacks"), ("no json", "Expect")):
        with pytest.raises(ValueError, match=problem):
            ours.read(text)


def test_a_station_without_a_network_is_refused():
    road = cached.stations()
    with pytest.raises(KeyError):
        wire.message([replace(road[0], key="gelu")], {})
