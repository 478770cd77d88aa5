"""The command that measures live training, and its record on the page."""

import json

import pytest

from benchmarks import live_training
from models.training import live
from pages._ui.cached import train as cached
from tests.training_toys import write_folder

pytestmark = pytest.mark.usefixtures("one_thread")


def test_a_measured_run_is_printed_and_becomes_the_pages_example(tmp_path, monkeypatch, capsys):
    write_folder(tmp_path / "toy", per_class=16, side=32)
    monkeypatch.setattr(live_training, "ASSETS", tmp_path)
    monkeypatch.setattr(live, "CHUNK_SECONDS", 0.0)  # a step a piece
    monkeypatch.setattr(live_training, "MOST_POINTS", 3)
    monkeypatch.setattr(live_training, "use_one_core", lambda: None)
    toy = str(tmp_path / "toy")
    settings = ["--variant", "vit_lite_2_4_32", "--epochs", "4", "--batch", "8", "--record"]
    live_training.main([*settings, "--data", toy, "--exam", toy])
    *_, line, target = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["steps"], found["pictures"], found["held_out_pictures"]) == (16, 128, 32)
    assert found["exam_percent"] == pytest.approx(found["held_out_percent"], abs=4)
    assert "one core" in found["machine"]
    assert target.endswith("vit_lite_2_4_32.json")

    monkeypatch.setattr(cached, "RECORDS", tmp_path / "live")
    cached.example.clear()
    curves, called = cached.example("vit_lite_2_4_32")
    assert called.startswith("ViT-Lite-2/4, ")
    assert len(curves.pictures) == len(curves.loss) == 3
    assert curves.pictures[-1] == curves.asked[-1] == 128
    assert curves.held_out[-1] == pytest.approx(found["held_out_percent"], abs=0.01)
    assert cached.example("cvt_2_4_32") is None
    cached.example.clear()
