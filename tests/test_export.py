import hashlib
import json
import logging
import subprocess
import sys
from dataclasses import replace

import pytest
import safetensors.torch
import torch

from models.training import __main__ as command
from models.training import evaluate, export, journal, loop, state
from models.training.card_classify import ClassifierCard
from models.training.recipe import Phase
from models.training.recipes import RECIPES
from tests.training_toys import (
    TINY,
    toy,
    write_folder,
)

pytestmark = pytest.mark.usefixtures("one_thread")

NAME = "tiny.safetensors"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    list(loop.train(TINY, toy(), folder, device="cpu"))
    return folder


@pytest.fixture
def exported(trained, tmp_path):
    target = tmp_path / "assets" / NAME
    about = {"Source": "made here", "Licence": "CC0-1.0, do as you like"}
    export.export("tiny", TINY, replace(toy(), about=about), trained, target)
    return target


def test_the_file_holds_the_average_in_fp16(trained, exported):
    ema = torch.load(trained / "checkpoint.pt", weights_only=True)["ema"]
    file = safetensors.torch.load_file(exported)
    assert set(file) == set(ema)
    for name, value in file.items():
        assert value.dtype == torch.float16
        assert torch.equal(value, ema[name].half())


def test_what_is_measured_is_the_file(trained, exported):
    model = TINY.build(2).float()
    weights = safetensors.torch.load_file(exported)
    model.load_state_dict({name: value.float() for name, value in weights.items()})
    expected = evaluate.evaluate(model, toy().val, 16)
    assert export.export("tiny", TINY, toy(), trained, exported) == expected
    text = exported.with_name(NAME + ".md").read_text()
    assert f"| {expected['top1']:.2f} % |" in text
    assert f"| {expected['nats']:.4f} nats |" in text


def test_the_same_checkpoint_gives_the_same_bytes(trained, exported, tmp_path):
    again = tmp_path / "again" / NAME
    export.export("tiny", TINY, toy(), trained, again)
    assert again.read_bytes() == exported.read_bytes()
    assert sorted(path.name for path in again.parent.iterdir()) == [
        "SHA256SUMS",
        NAME,
        NAME + ".md",
    ]


def test_checksums_are_as_sha256sum_writes_them_and_other_lines_stay(trained, exported):
    sums = exported.with_name("SHA256SUMS")
    digest = hashlib.sha256(exported.read_bytes()).hexdigest()
    assert sums.read_text() == f"{digest}  {NAME}\n"
    sums.write_text(f"{'0' * 64}  {NAME}\n{'1' * 64}  aaa.safetensors\n{'2' * 64}  zzz b.bin\n")
    export.export("tiny", TINY, toy(), trained, exported)
    assert sums.read_text() == (
        f"{'1' * 64}  aaa.safetensors\n{digest}  {NAME}\n{'2' * 64}  zzz b.bin\n"
    )
    sums.write_text(f"{digest}  {NAME}\n")
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=sums.parent, check=True)


def test_the_card_tells_the_run(exported, trained):
    text = exported.with_name(NAME + ".md").read_text()
    row = journal.rows(trained)[-1]
    model = TINY.build(2)
    for part in (
        "# tiny on toy",
        f"| Parameters | {sum(p.numel() for p in model.parameters()):,} |",
        "image_size 16, patch_size 4, width 16, depth 2, heads 2",
        f"`{hashlib.sha256(exported.read_bytes()).hexdigest()}`",
        "| Epochs | 3 of 3 planned |",
        "| Steps | 9 |",
        "| Seed | 0 |",
        f"torch {torch.__version__}",
        "1 epoch at 8 × 8 pixels with 50 % of the patches; then 2 epochs at 16",
        "| learning rate | 0.001 |",
        "| mixup | 0.8 |",
        "| initial weights | mimetic |",
        f"| 3 | 16 | 75 % | {row['loss']:.3f} | {row['top1']:.2f} % |",
        "26 pictures for training (13 to 13 a class), 10 for validation, 2 classes",
        "| Source | made here |",
        "| Licence | CC0-1.0, do as you like |",
        "Classes: 0 red, 1 blue.",
        "Guessing scores 50.0 % top-1",
        "python -m models.training tiny --data toy --out runs/tiny --seed 0 --export " + NAME,
    ):
        assert part in text
    for line in text.splitlines():
        assert line.count("|") in {0, 3, 4, 8}, "a table row that is broken"


def test_the_card_of_a_run_without_settings_says_so(trained, tmp_path):
    (tmp_path / "checkpoint.pt").write_bytes((trained / "checkpoint.pt").read_bytes())
    export.export("tiny", TINY, toy(), tmp_path, tmp_path / NAME)
    text = (tmp_path / (NAME + ".md")).read_text()
    assert "| Machine | not recorded |" in text
    assert "| Seed | not recorded |" in text
    assert "| Licence | not stated beside the data |" in text


def test_a_long_curve_is_thinned_and_keeps_its_end():
    logits = torch.eye(2)
    row = {"size": 8, "keep": 1.0, "loss": 1.0, "seconds": 1.0, "top1": 1, "top5": 1, "nats": 1}
    text = ClassifierCard(
        name="vit_nano",
        recipe=TINY,
        dataset=toy(),
        model=TINY.build(2),
        file=NAME,
        content=b"",
        step=299,
        seconds=3725,
        facts={},
        rows=[{"epoch": epoch} | row for epoch in range(1, 103)],
        found=evaluate.scores(logits, torch.arange(2)),
        by_class=evaluate.class_accuracy(logits, torch.arange(2)),
    ).text()
    epochs = [int(line.split()[1]) for line in text.splitlines() if line.endswith("1.000 |")]
    assert epochs == [
        9,
        18,
        27,
        36,
        45,
        54,
        63,
        72,
        81,
        90,
        99,
    ]  # 3 steps an epoch, the 100th not over
    assert "| Epochs | 99.67 of 3 planned |" in text
    assert "| Time | 1 h 2 min, evaluation left out |" in text
    assert "--out runs/vit_nano --batch 8 --epochs 1 --export" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recipe": RECIPES["vit_nano"]}, "begun with batch 8, not 128"),
        ({"recipe": replace(TINY, build=RECIPES["vit_nano"].build)}, "another network"),
        ({"dataset": toy(34)}, "begun with pictures 26, not 34"),
        ({"dataset": replace(toy(), classes=("a", "b", "c"))}, "other classes"),
    ],
)
def test_what_does_not_fit_the_run_is_refused_and_nothing_written(
    trained, tmp_path, change, message
):
    wanted = {"recipe": TINY, "dataset": toy()} | change
    with pytest.raises(ValueError, match=message):
        export.export("tiny", **wanted, run_folder=trained, target=tmp_path / NAME)
    assert not list(tmp_path.iterdir())


def test_a_run_that_never_saved_is_refused(tmp_path):
    with pytest.raises(ValueError, match="train first"):
        export.export("tiny", TINY, toy(), tmp_path, tmp_path / NAME)


def test_weights_that_cannot_ship_are_refused():
    with pytest.raises(ValueError, match=r"head\.bias holds a number that fp16 cannot hold"):
        export.packed({"head.bias": torch.tensor([70000.0])})
    export.packed({"a": torch.ones(100)})
    with pytest.raises(ValueError, match="bytes of weights; at most 16,000,000 may ship"):
        export.packed({"a": torch.ones(8_000_000)})


def test_whole_numbers_stay_whole():
    content = export.packed({"count": torch.tensor(70001), "w": torch.ones(2, 2).T})
    assert safetensors.torch.load(content)["count"] == 70001


def test_a_failed_write_leaves_the_old_file(exported, trained, monkeypatch):
    before = exported.read_bytes()
    monkeypatch.setattr(export, "predict", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export.export("tiny", TINY, toy(), trained, exported)
    assert exported.read_bytes() == before


# --- The command line


@pytest.fixture
def tiny_command(tmp_path, monkeypatch):
    recipe = replace(TINY, phases=(Phase(epochs=2, size=8, keep=0.5), Phase(epochs=1, size=16)))
    monkeypatch.setitem(RECIPES, "tiny", recipe)
    write_folder(tmp_path / "data", per_class=8)
    return ["tiny", "--data", f"{tmp_path / 'data'}", "--out", f"{tmp_path / 'run'}"]


def test_the_command_trains_resumes_and_exports(tiny_command, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    target = tmp_path / "out" / NAME
    command.main(tiny_command)
    assert caplog.text.count("epoch ") == 3
    step = torch.load(tmp_path / "run" / "checkpoint.pt", weights_only=True)["step"]
    assert step == 6
    caplog.clear()
    command.main([*tiny_command, "--export", str(target)])
    assert "epoch " not in caplog.text
    assert f"{target}: top1 " in caplog.text
    card_text = target.with_name(NAME + ".md").read_text()
    assert "| Licence | CC0-1.0 |" in card_text
    assert "16 pictures for training" in card_text
    assert f"--data data --out runs/tiny --seed 0 --export {NAME}" in card_text


def test_the_last_checkpoint_can_be_exported_without_training(tiny_command, tmp_path):
    command.main([*tiny_command, "--epochs", "1"])
    before = sorted((p.name, p.stat().st_mtime_ns) for p in (tmp_path / "run").iterdir())
    target = tmp_path / NAME
    command.main([*tiny_command, "--epochs", "1", "--export", str(target), "--export-only"])
    assert sorted((p.name, p.stat().st_mtime_ns) for p in (tmp_path / "run").iterdir()) == before
    text = target.with_name(NAME + ".md").read_text()
    assert "| Epochs | 2 of 2 planned |" in text
    assert "--epochs 1" in text


def test_the_command_takes_batch_seed_and_limit(tiny_command, tmp_path):
    options = ["--batch", "4", "--seed", "3", "--limit", "12", "--device", "cpu"]
    command.main([*tiny_command, *options])
    facts = journal.facts(tmp_path / "run")
    assert (facts["batch"], facts["seed"], facts["pictures"]) == (4, 3, 12)


def test_a_run_can_stop_early_and_another_start_from_it(tiny_command, tmp_path):
    command.main([*tiny_command, "--until", "1"])
    assert len(journal.rows(tmp_path / "run")) == 1
    options = ["--start", str(tmp_path / "run"), "--export", str(tmp_path / NAME)]
    command.main([*tiny_command[:-1], str(tmp_path / "next"), *options])
    text = (tmp_path / f"{NAME}.md").read_text()
    assert "| Start | averaged weights of the run run after 1 of 3 planned epochs" in text
    assert "tiny --data data --out runs/tiny --seed 0 --start runs/run --export" in text
    assert "models.training run --data data --out runs/run --until 1 --seed 0\n" in text


def test_a_run_can_start_from_exported_weights(tiny_command, tmp_path):
    shipped = tmp_path / "shipped.safetensors"
    command.main([*tiny_command, "--export", str(shipped)])
    options = ["--start", str(shipped), "--until", "1", "--export", str(tmp_path / NAME)]
    command.main([*tiny_command[:-1], str(tmp_path / "next"), *options])
    digest = hashlib.sha256(shipped.read_bytes()).hexdigest()
    start = json.loads((tmp_path / "next" / "run.json").read_text())["start"]
    assert start == {"file": "shipped.safetensors", "sha256": digest}
    text = (tmp_path / f"{NAME}.md").read_text()
    assert f"| Start | the shipped weights shipped.safetensors (SHA-256 `{digest[:16]}…`)" in text
    assert "--start shipped.safetensors --export" in text
    assert "classifier, fine-tuned from `shipped.safetensors` for Saccade" in text


def test_weights_to_start_from_are_the_first_ones_of_a_run(tmp_path):
    shipped = tmp_path / "shipped.safetensors"
    model = TINY.build(2)
    shipped.write_bytes(export.packed(model.state_dict()))
    run = state.start(TINY, 2, "cpu", 1)
    run.adopt(shipped, "cpu")
    for name, value in run.model.state_dict().items():
        assert torch.equal(value, model.state_dict()[name].half().float())
    with pytest.raises(ValueError, match="holds another network"):
        state.start(replace(TINY, build=RECIPES["vit_nano"].build), 2, "cpu", 1).adopt(
            shipped, "cpu"
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--start", "nowhere.safetensors"], "there is no file nowhere.safetensors to start from"),
        (["--export-only"], "--export-only needs --export"),
        (["--batch", "0"], "argument --batch: invalid positive value: '0'"),
        (["--data", "/nowhere"], "/nowhere holds neither"),
    ],
)
def test_a_wrong_command_is_explained(tiny_command, capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        command.main([*tiny_command, *arguments])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_help_names_every_recipe():
    arguments = [sys.executable, "-m", "models.training", "--help"]
    shown = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    for word in (*RECIPES, "--export-only", "--seed", "--device"):
        assert word in shown
