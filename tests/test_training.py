"""The loop: exact resume, refusals, what a run writes of itself."""

import contextlib
import copy
import json
import math
import sys
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from models.training import journal, loop, optimise
from models.training.augment import Augment
from models.training.recipe import Phase
from models.training.recipes import RECIPES
from models.training.state import Run, start
from tests.training_toys import (
    ALL,
    TINY,
    assert_same,
    build,
    read,
    toy,
    train,
    without_time,
)

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    train(folder)
    return folder


class Killed(Exception):
    """Stands for the power cut."""


@pytest.mark.parametrize("kill", range(12))  # 3 epochs of 3 steps, each saved, and so is each epoch
def test_a_run_killed_before_any_save_and_resumed_ends_bit_equal(
    tmp_path, monkeypatch, whole, kill
):
    monkeypatch.setattr(loop, "SAVE_EVERY_SECONDS", -1)
    save, saves = Run.save, iter(range(12))

    def fragile(run, path):
        if next(saves) == kill:
            raise Killed
        save(run, path)

    monkeypatch.setattr(Run, "save", fragile)
    with pytest.raises(Killed):
        train(tmp_path)
    monkeypatch.setattr(Run, "save", save)
    train(tmp_path)
    assert_same(read(tmp_path), read(whole))
    rows = journal.rows(tmp_path)
    assert without_time(rows) == without_time(journal.rows(whole))


def test_a_run_killed_in_evaluation_still_reports_that_epoch(tmp_path, monkeypatch, whole):
    with monkeypatch.context() as patch:
        patch.setattr(loop, "SAVE_EVERY_SECONDS", -1)
        patch.setattr(loop, "evaluate", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            train(tmp_path)
    rows = train(tmp_path)
    assert_same(read(tmp_path), read(whole))
    assert without_time(rows) == without_time(journal.rows(whole))


def test_a_checkpoint_of_the_first_version_resumes_bit_equal(tmp_path, monkeypatch, whole):
    """It had no `losses`, so its epoch's loss is the mean of the steps since."""
    monkeypatch.setattr(loop, "SAVE_EVERY_SECONDS", -1)
    step, calls = loop._step, iter(range(99))

    def fragile(*args):
        if next(calls) == 4:
            raise Killed
        return step(*args)

    monkeypatch.setattr(loop, "_step", fragile)
    with pytest.raises(Killed):
        train(tmp_path)
    monkeypatch.setattr(loop, "_step", step)
    old = read(tmp_path) | {"seconds": 1000.0}
    torch.save({k: v for k, v in old.items() if k != "losses"}, tmp_path / "checkpoint.pt")
    (tmp_path / "run.json").unlink()
    rows = train(tmp_path)
    assert_same(read(tmp_path), read(whole))
    assert [row["epoch"] for row in rows] == [2, 3]
    assert rows[0]["loss"] != journal.rows(whole)[1]["loss"]
    assert rows[0]["top1"] == journal.rows(whole)[1]["top1"]
    assert 1000 < rows[0]["seconds"] < 1100


def test_a_finished_run_trains_no_further_and_keeps_its_machines(whole, monkeypatch):
    before = journal.facts(whole)
    monkeypatch.setattr(journal, "machine", lambda *_: "another machine")
    assert train(whole) == []
    assert read(whole)["step"] == 9
    assert journal.facts(whole) == before


def test_a_run_that_moves_names_both_machines(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "evaluate", lambda *_: {})
    for name in ("one", "two", "two"):
        monkeypatch.setattr(journal, "machine", lambda *_, name=name: name)
        next(loop.train(TINY, toy(), tmp_path, device="cpu"))
    assert journal.facts(tmp_path)["machines"] == ["one", "two"]


def test_metrics_are_json_lines_and_the_run_tells_its_settings(whole):
    lines = (whole / "metrics.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    assert [(row["size"], row["keep"]) for row in rows] == [(8, 0.5), (16, 0.75), (16, 0.75)]
    assert set(rows[0]) == {"epoch", "size", "keep", "loss", "seconds", "top1", "top5", "nats"}
    assert rows[0]["seconds"] < rows[1]["seconds"] < rows[2]["seconds"]
    facts = journal.facts(whole)
    assert facts["seed"] == 0
    assert (facts["data"], facts["pictures"], facts["batch"], facts["epochs"]) == ("toy", 26, 8, 3)
    (machine,) = facts["machines"]
    assert machine.startswith("CPU (")
    assert machine.endswith(f"float32, torch {torch.__version__}")
    assert not list(whole.glob("*.part"))


def test_a_run_with_a_cooldown_ends_early_with_its_last_frame(tmp_path):
    short = replace(TINY, cooldown=(1, 1), snapshots=(0.0, 1.0))
    assert [row["epoch"] for row in train(tmp_path, short)] == [1, 2]
    frames = sorted(path.stem for path in (tmp_path / "snapshots").iterdir())
    assert frames == ["0000000", "0000006"]


def test_the_seed_decides_the_weights(tmp_path, whole):
    train(tmp_path, seed=1)
    assert not torch.equal(read(tmp_path)["ema"]["head.weight"], read(whole)["ema"]["head.weight"])


def test_a_resumed_run_must_keep_its_settings_and_network(tmp_path):
    train(tmp_path, replace(TINY, phases=TINY.phases[:1]))
    with pytest.raises(ValueError, match="begun with epochs 1, not 3"):
        train(tmp_path)
    with pytest.raises(ValueError, match="begun with seed 0, not 5"):
        train(tmp_path, replace(TINY, phases=TINY.phases[:1]), seed=5)
    with pytest.raises(ValueError, match="another network"):
        train(tmp_path, RECIPES["vit_nano"], toy(200))


def test_a_run_starts_from_the_average_of_another_and_says_so(tmp_path, whole):
    steps = []
    still = replace(TINY, learning_rate=0.0, weight_decay=0.0)
    steps += train(tmp_path / "next", still, seed=5, origin=whole)
    before, after = read(whole)["ema"], read(tmp_path / "next")["model"]
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    told = journal.facts(tmp_path / "next")["start"]
    assert (told["run"], told["epoch"], told["epochs"], told["seed"]) == (whole.name, 3, 3, 0)
    assert len(steps) == TINY.epochs
    with pytest.raises(ValueError, match="begun with start"):
        train(tmp_path / "next", still, seed=5, origin=tmp_path / "next")


def test_a_start_without_a_finished_epoch_or_of_another_network_is_refused(tmp_path, whole):
    with pytest.raises(ValueError, match="has finished an epoch"):
        train(tmp_path / "run", origin=tmp_path)
    wider = replace(TINY, build=lambda n: TINY.build(n + 1))
    with pytest.raises(ValueError, match="another network"):
        train(tmp_path / "run", wider, origin=whole)


def test_a_batch_larger_than_the_data_is_refused(tmp_path):
    with pytest.raises(ValueError, match="fewer than 8 training pictures"):
        train(tmp_path, dataset=toy(7))


def test_a_loss_that_is_no_number_stops_the_run(tmp_path):
    with pytest.raises(FloatingPointError, match="the loss of epoch 1 is nan"):
        train(tmp_path, replace(TINY, learning_rate=1e30, clip=1e30))
    assert not (tmp_path / "checkpoint.pt").exists()


def test_a_class_without_training_pictures_has_its_output(tmp_path):
    train(tmp_path, dataset=replace(toy(), classes=("red", "blue", "green")))
    assert read(tmp_path)["model"]["head.bias"].shape == (3,)


def test_no_two_steps_draw_the_same(tmp_path, monkeypatch):
    draws, batches, loss = set(), set(), loop.step_loss

    def watched(model, job, phase, index, g):
        draws.add(g.initial_seed())
        batches.add(tuple(index.tolist()))
        return loss(model, job, phase, index, g)

    monkeypatch.setattr(loop, "step_loss", watched)
    train(tmp_path)
    assert len(draws) == len(batches) == 9


def test_a_training_without_tqdm_is_the_same(tmp_path, monkeypatch, whole, capsys):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    train(tmp_path)
    assert_same(read(tmp_path), read(whole))
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_a_bar(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    train(tmp_path)
    assert "epoch 3/3" in capsys.readouterr().err


def test_bfloat16_touches_the_network_only(tmp_path, monkeypatch):
    dtypes, made = set(), loop.augment

    def watched(*args):
        assert not torch.is_autocast_enabled("cpu")
        return made(*args)

    monkeypatch.setattr(loop, "augment", watched)
    monkeypatch.setattr(
        F, "gelu", lambda x, approximate="none", gelu=F.gelu: dtypes.add(x.dtype) or gelu(x)
    )
    row = train(tmp_path, bf16=True)[-1]
    assert torch.bfloat16 in dtypes
    assert math.isfinite(row["loss"])
    assert {v.dtype for v in read(tmp_path)["model"].values()} == {torch.float32}


class Elsewhere(torch.Generator):
    """Says that it is on a device that refuses to work with CPU tensors, as a GPU does."""

    device = torch.device("meta")


@pytest.mark.parametrize("phase", TINY.phases)
def test_a_step_mixes_no_devices(tmp_path, monkeypatch, phase):
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: contextlib.nullcontext())
    recipe = replace(TINY, augment=replace(ALL, mixup=0))
    model, split = build(2).to("meta"), toy().train.to("meta")
    job = loop.Job(
        recipe=recipe,
        train=split,
        val=split,
        classes=2,
        folder=tmp_path,
        device="meta",
        seed=0,
        bf16=True,
    )
    average = copy.deepcopy(model)
    loss = loop.step_loss(model, job, phase, torch.arange(8), Elsewhere())
    loss.backward()
    optimise.update_average(average, model, 0.9, 1)
    assert loss.device.type == model.head.weight.grad.device.type == "meta"


def test_the_start_depends_on_the_seed_only():
    one, two = (start(TINY, 2, "cpu", 7) for _ in range(2))
    torch.rand(3)
    for (name, a), b in zip(
        one.model.state_dict().items(), two.ema.state_dict().values(), strict=True
    ):
        assert torch.equal(a, b), name
    assert not any(p.requires_grad for p in one.ema.parameters())


def test_training_learns_two_colours(tmp_path):
    recipe = replace(
        TINY,
        phases=(Phase(epochs=5, size=8), Phase(epochs=5, size=16, keep=0.5)),
        batch=16,
        learning_rate=3e-3,
        smoothing=0.0,
        ema=0.9,
        augment=Augment(),
    )
    rows = train(tmp_path, recipe, toy(96, 40))
    assert rows[0]["loss"] > 0.5
    assert rows[-1]["loss"] < 0.15
    assert rows[-1]["top1"] == 100


# Side in pixels of the first and the last phase, and of the last one's first map in patches.
SIZES = {
    "vit_micro": (28, 56, 14),
    "vit_nano": (28, 56, 14),
    "swin_nano_28": (28, 56, 28),
    "swin_nano": (56, 56, 28),
    "mae_micro": (112, 112, 14),
    "mae_nano": (112, 112, 14),
    "mae_nano_tuned": (112, 112, 14),
    "mae_nano_scratch": (112, 112, 14),
    "mae_nano_everyday": (112, 112, 14),
    "convnext_nano": (28, 56, 28),
    "resnet_nano": (28, 56, 28),
    "cct_2_3x2_32": (32, 32, 8),
    "cvt_2_4_32": (32, 32, 8),
    "vit_lite_2_4_32": (32, 32, 8),
    "cct_7_3x1_32": (32, 32, 16),
    "cvt_7_4_32": (32, 32, 8),
    "vit_lite_7_4_32": (32, 32, 8),
}


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_sound(name):
    recipe = RECIPES[name]
    model = recipe.build(32)
    first, last, grid = SIZES[name]
    assert model.cfg.image_size == recipe.size == last
    cfg = model.cfg
    assert (cfg.side_of(0) if hasattr(cfg, "side_of") else cfg.grid) == grid
    assert [recipe.phase(e).size for e in (0, recipe.epochs - 1, recipe.epochs)] == [
        first,
        last,
        last,
    ]
    assert (
        sum(recipe.phase(e) is recipe.phases[0] for e in range(recipe.epochs))
        == recipe.phases[0].epochs
    )
    # The encoder was trained at 112 px; the pictures with our 32 classes have 64 and are enlarged.
    assert (recipe.stored < recipe.size) == (name == "mae_nano_everyday")
    assert 2 * sum(p.numel() for p in model.parameters()) < 16_000_000
