"""The table over the gallery: by hand, resumed, and the shipped one against its own rows."""

import json

import numpy as np
import pytest

from benchmarks import attribution_gallery as gallery
from models.catalog import CATALOG
from pages._ui import samples
from viz_core.attribution.methods import METHODS

TABLES = sorted(gallery.FOLDER.glob("attribution_gallery*.json"))


def test_a_mean_and_its_error_by_hand_leave_out_what_is_not_defined():
    assert gallery.mean([1.0, 2.0, None, 3.0]) == [2.0, round(1 / 3**0.5, gallery.DIGITS)]
    assert gallery.mean([4.0]) == [4.0, None]
    assert gallery.mean([None, None]) == [None, None]


def test_gains_are_paired_and_above_zero_where_a_method_is_better():
    chance = {"deletion": [0.5, 0.3], "insertion": [0.5, 0.3]}
    row = {"deletion": [0.4, 0.1], "insertion": [0.4, 0.4], "gap": [-0.5, 0.1]}
    found = gallery.summary(row | {"relative_gap": [0.2, None]}, chance)
    assert found["deletion_gain"] == [0.15, 0.05]
    assert found["insertion_gain"] == [0.0, 0.1]
    assert found["gap_logits"] == [0.3, 0.2]
    assert found["gap_relative"] == [0.2, None]
    assert "gap_logits" not in gallery.summary({**row, "gap": [None, None]}, chance)


def test_a_list_stands_on_one_line_and_reads_back():
    table = {"a": [1, 2.5, None], "b": {"c": []}, "d": [[1, 2], [3]], "e": ["x y", "z"]}
    text = gallery.written(table)
    assert json.loads(text) == table
    assert '"a": [1, 2.5, null]' in text


def test_a_second_start_measures_only_what_is_missing(tmp_path, monkeypatch, one_thread, capsys):
    monkeypatch.setattr(samples, "SAMPLES", {"cat": "cat", "dog": "dog"})
    monkeypatch.setattr(gallery, "DRAWS", 2)
    some = {name: METHODS[name] for name in ("saliency", "relevance", "integrated_gradients")}
    monkeypatch.setattr(gallery, "METHODS", some)
    path, only = tmp_path / "table.json", ["cvt_2_4_32"]
    first = gallery.fill(path, "grey", only, [])["networks"]["cvt_2_4_32"]
    assert list(first["per_picture"]) == [*gallery.BLIND, *some]
    assert first["summary"]["integrated_gradients"]["gap_logits"][0] > 0
    assert "gap_logits" not in first["summary"]["saliency"]
    capsys.readouterr()
    again = gallery.fill(path, "grey", only, ["relevance"])["networks"]["cvt_2_4_32"]
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in told] == ["relevance"]
    assert again == first
    with pytest.raises(SystemExit, match="other settings"):
        gallery.fill(path, "blur", only, [])


def test_every_shipped_classifier_is_asked_whatever_joins_the_catalog():
    names = [entry.name for entry in gallery.classifiers()]
    assert {"vit_nano_patch4_56", "swin_nano_patch2_window7_56", "cct_2_3x2_32"} <= set(names)
    assert all(CATALOG[name].labels for name in names)


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_the_shipped_table_is_whole_and_its_means_are_its_rows(path):
    table = json.loads(path.read_text("utf-8"))
    assert table["pictures"] == list(samples.SAMPLES)
    for entry in gallery.classifiers():
        there = table["networks"][entry.name]
        suited = [key for key, method in METHODS.items() if method.suits(entry.views)]
        assert set(there["per_picture"]) == {*gallery.BLIND, *suited}
        chance = there["per_picture"][gallery.RANDOM]
        assert len(there["targets"]) == len(samples.SAMPLES)
        for name, row in there["per_picture"].items():
            assert there["summary"][name] == gallery.summary(row, chance)
            if "deletion" in row:
                values = np.array([row["deletion"], row["insertion"]])
                assert values.shape == (2, len(samples.SAMPLES))
                assert ((values >= 0) & (values <= 1)).all()
