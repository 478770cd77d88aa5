"""The network beside interpolation: the same masks for all, margins, and the card's section."""

import json

import numpy as np
import pytest
import torch

from benchmarks import mae_baselines, mae_finetune
from models.mae import MAE
from models.training import data, journal
from models.weights import FOLDER
from tests.test_pretraining import CFG, pictures
from viz_core import inpaint, masking, reconstruction

pytestmark = pytest.mark.usefixtures("one_thread")


def test_every_method_fills_the_same_holes_and_is_scored_as_on_the_page():
    split = data.Split(pictures().val.images[:4], pictures().val.labels[:4])
    ((shown, masks),) = mae_baselines.batches(split, 4, 0.5, 16)
    assert [m.tolist() for m in masks] == [
        masking.random((4, 4), 0.5, seed).ravel().tolist() for seed in range(4)
    ]
    found = mae_baselines.interpolated({"telea": (3, 8)}, 4, shown, masks)
    assert set(found) == {"nearest", "harmonic", "telea 3", "telea 8"}
    picture, mask = shown[2].permute(1, 2, 0).contiguous().numpy(), masks[2].view(4, 4).numpy()
    theirs = reconstruction.score(picture, inpaint.nearest(picture, mask), mask)
    assert found["nearest"][2].tolist() == pytest.approx([theirs.mse, theirs.ssim], abs=1e-5)
    ours = mae_baselines.of_network(MAE(CFG).eval(), shown, masks)
    assert {name: scores.shape for name, scores in ours.items()} == {
        "network": (4, 2),
        "leak": (4, 2),
    }


def test_margins_are_paired_over_pictures():
    errors = {"network": [0.01, 0.02], "leak": [0.0, 0.0], "nearest": [0.1, 0.01]}
    found = {name: torch.tensor([row, [0.5, 0.5]]).T.double() for name, row in errors.items()}
    (margin,) = mae_baselines.margins(found).values()
    assert margin["mse"] == pytest.approx(0.04)
    assert margin["psnr"] == pytest.approx((10 - 10 * np.log10(2)) / 2, abs=1e-3)
    assert margin["mse_se"] == pytest.approx(0.05, abs=1e-6)
    assert margin["won"] == 50


def test_a_section_replaces_its_older_self_and_nothing_else():
    card = "# a\n\n## Measured\n\nx\n\n## Training\n\ny\n"
    once = mae_baselines.with_section(card, f"{mae_baselines.TITLE}\n\nold\n")
    assert once == "# a\n\n## Measured\n\nx\n\n## Beside interpolation\n\nold\n\n## Training\n\ny\n"
    twice = mae_baselines.with_section(once, f"{mae_baselines.TITLE}\n\nnew\n")
    assert twice == once.replace("old", "new")
    assert mae_baselines.with_section(twice, f"{mae_baselines.TITLE}\n\nnew\n") == twice
    assert mae_baselines.with_section("# a\n", "## b\n").endswith("## b\n\n")


def test_a_run_that_goes_on_is_not_compared(tmp_path):
    journal.begin(tmp_path, {"epochs": 2}, [])
    journal.add(tmp_path, {"epoch": 1})
    with pytest.raises(ValueError, match="is not finished"):
        mae_finetune.tuned(tmp_path, pictures(), torch.zeros(10, dtype=torch.bool))


def test_the_shipped_record_is_of_the_shipped_file_and_its_card_says_the_same():
    record = json.loads((FOLDER / "mae_nano_patch8_112.json").read_text(encoding="utf-8"))
    assert record["sha256"] in (FOLDER / "SHA256SUMS").read_text(encoding="utf-8")
    card = (FOLDER / "mae_nano_patch8_112.safetensors.md").read_text(encoding="utf-8")
    assert mae_baselines.section(record) in card
    count = len(record["ratios"])
    assert all(len(m["mse"]) == count for m in record["methods"].values())
    margins = record["usual"]["margins"]
    assert all(margins[name]["mse"] > 3 * margins[name]["mse_se"] for name in mae_baselines.OPENCV)
