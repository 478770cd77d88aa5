"""Masked pre-training: Muon beside AdamW, crops, films, and a classifier that starts from it."""

import json
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.mae import MAE, MAEConfig, random_mask
from models.training import __main__ as command
from models.training import data, journal, loop, optimise, reconstruct
from models.training.recipe import Phase, Recipe
from models.training.recipes import RECIPES
from models.training.state import Run, start
from models.vit import ViT
from tests.training_toys import (
    TINY,
    assert_same,
    read,
    toy,
    train,
    without_time,
    write_folder,
)

pytestmark = pytest.mark.usefixtures("one_thread")

CFG = MAEConfig(
    image_size=16, patch_size=4, width=16, depth=2, heads=2,
    decoder_width=8, decoder_depth=1, decoder_heads=2,
)  # fmt: skip
PRE = Recipe(
    build=lambda _: MAE(CFG),
    phases=(Phase(epochs=3, size=16, keep=0.25),),
    stored=20,
    batch=8,
    learning_rate=1e-3,
    muon=1e-2,
    ema=0.9,
    task="reconstruct",
    snapshots=(0.0, 0.1, 0.5, 1.0),
)
STEPS = 9  # 3 epochs of 26 pictures in batches of 8


def pictures(train=26, val=10):
    split = toy(train, val)
    wide = torch.nn.functional.interpolate
    return replace(
        split,
        train=data.Split(wide(split.train.images, 20), split.train.labels),
        val=data.Split(wide(split.val.images, 20), split.val.labels),
    )


def pretrain(folder, recipe=PRE, **how):
    return train(folder, recipe, pictures(), **how)


def frames(folder):
    return {int(p.stem): p for p in (folder / "snapshots").glob("*.pt")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    pretrain(folder)
    return folder


class Killed(Exception):
    """Stands for the power cut."""


def assert_same_run(one, two):
    assert_same(one | {"optimizer": {"state": {}}}, two | {"optimizer": {"state": {}}})
    for mine, theirs in zip(one["optimizer"]["parts"], two["optimizer"]["parts"], strict=True):
        assert mine["param_groups"] == theirs["param_groups"]
        assert mine["state"].keys() == theirs["state"].keys()
        for index, moments in mine["state"].items():
            for name, value in moments.items():
                assert torch.equal(value, theirs["state"][index][name])


@pytest.mark.parametrize("kill", [0, 2, 3, 6, 11])
def test_a_run_with_two_optimisers_killed_and_resumed_ends_bit_equal(
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
        pretrain(tmp_path)
    monkeypatch.setattr(Run, "save", save)
    pretrain(tmp_path)
    assert_same_run(read(tmp_path), read(whole))
    assert without_time(journal.rows(tmp_path)) == without_time(journal.rows(whole))
    for step, path in frames(whole).items():
        mine = torch.load(frames(tmp_path)[step], weights_only=True)
        assert all(torch.equal(v, mine[k]) for k, v in torch.load(path, weights_only=True).items())
    assert frames(tmp_path).keys() == frames(whole).keys()


def test_a_film_has_its_frames_at_their_shares_of_all_steps(whole):
    assert set(frames(whole)) == {round(s * STEPS) for s in PRE.snapshots} == {0, 1, 4, 9}
    first, last = (torch.load(frames(whole)[step], weights_only=True) for step in (0, STEPS))
    initial = start(PRE, 2, "cpu", 0).ema.state_dict()
    final = read(whole)["ema"]
    for name in final:
        assert first[name].dtype == last[name].dtype == torch.float16
        assert torch.equal(first[name], initial[name].half())
        assert torch.equal(last[name], final[name].half())
    assert not list((whole / "snapshots").glob("*.part"))


def test_a_run_without_a_film_keeps_no_frames(tmp_path):
    pretrain(tmp_path, replace(PRE, snapshots=(), phases=(Phase(epochs=1, size=16, keep=0.25),)))
    assert not (tmp_path / "snapshots").exists()


def test_whole_numbers_in_a_frame_stay_whole(tmp_path):
    run = start(PRE, 2, "cpu", 0)
    run.ema.register_buffer("seen", torch.tensor(70001))
    run.keep_frame(tmp_path / "snapshots" / "0.pt")
    assert torch.load(tmp_path / "snapshots" / "0.pt", weights_only=True)["seen"] == 70001


def test_muon_takes_the_matrices_of_the_blocks_and_nothing_else():
    model = MAE(CFG)
    names = {id(p): name for name, p in model.named_parameters()}
    pair = optimise.optimizer(model, PRE)
    muon, adamw = pair.parts
    mine = {names[id(p)] for p in muon.parameters}
    layers = ("attn.qkv", "attn.proj", "mlp.fc1", "mlp.fc2")
    stems = ["blocks.0", "blocks.1", "decoder_blocks.0"]
    assert mine == {f"{stem}.{layer}.weight" for stem in stems for layer in layers}
    others = {names[id(p)] for group in adamw.param_groups for p in group["params"]}
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert mine | others == trained
    assert not mine & others
    assert "pos_embed" not in trained
    assert [group["weight_decay"] for group in adamw.param_groups] == [0.05, 0.0]
    assert muon.param_groups[0]["weight_decay"] == 0.05


def test_both_rates_follow_one_schedule_at_their_own_heights(tmp_path, monkeypatch):
    seen, step = [], optimise.Together.step

    def watched(pair):
        seen.append([group["lr"] for group in pair.param_groups])
        step(pair)

    monkeypatch.setattr(optimise.Together, "step", watched)
    pretrain(tmp_path)
    assert len(seen) == STEPS
    for i, (muon, decayed, free) in enumerate(seen):
        assert decayed == free == optimise.learning_rate(PRE, i / STEPS)
        assert muon == pytest.approx(10 * decayed, rel=1e-12)
    assert max(muon for muon, *_ in seen) > 9e-3


def test_an_update_by_muon_is_orthogonal_and_as_large_as_adamws():
    torch.manual_seed(0)
    weight = torch.nn.Parameter(torch.zeros(24, 16))
    pair = optimise.Together(
        torch.optim.Muon([weight], lr=1.0, weight_decay=0, adjust_lr_fn="match_rms_adamw")
    )
    weight.grad = torch.randn(24, 16)
    pair.step()
    assert 0.1 < weight.detach().square().mean().sqrt() < 0.3
    values = torch.linalg.svdvals(weight.detach())
    assert values.max() / values.min() < 2


def test_the_first_versions_checkpoint_has_one_optimiser_and_another_ones_is_refused(
    tmp_path, whole
):
    train(tmp_path / "adamw", replace(TINY, phases=TINY.phases[:1]))
    assert set(read(tmp_path / "adamw")["optimizer"]) == {"state", "param_groups"}
    alone = replace(PRE, muon=0.0)
    with pytest.raises(ValueError, match="another network than this recipe's"):
        start(alone, 2, "cpu", 0).restore(whole / "checkpoint.pt", "cpu")
    pretrain(tmp_path / "alone", alone)
    with pytest.raises(ValueError, match="another network than this recipe's"):
        start(PRE, 2, "cpu", 0).restore(tmp_path / "alone" / "checkpoint.pt", "cpu")


def test_a_rate_for_muon_needs_one_to_follow():
    with pytest.raises(ValueError, match="multiple of the learning rate, which is 0"):
        replace(PRE, learning_rate=0.0)


# --- What is learned from


@given(seed=st.integers(0, 2**31), size=st.integers(1, 9))
@settings(max_examples=20, deadline=None)
def test_a_crop_is_a_square_of_the_picture_or_its_mirror_image(seed, size):
    images = torch.arange(4 * 3 * 81).reshape(4, 3, 9, 9)
    out = reconstruct.crop(images, size, loop.generator("cpu", seed))
    again = reconstruct.crop(images, size, loop.generator("cpu", seed))
    assert torch.equal(out, again)
    for picture, cut in zip(images, out, strict=True):
        starts = range(10 - size)
        squares = [picture[:, y : y + size, x : x + size] for y in starts for x in starts]
        assert any(torch.equal(cut, s) or torch.equal(cut, s.flip(-1)) for s in squares)


def test_crops_reach_every_corner_and_mirror_half_of_the_pictures():
    images = torch.arange(16).reshape(1, 1, 4, 4).expand(600, 3, 4, 4)
    out = reconstruct.crop(images, 3, loop.generator("cpu", 1))[:, 0]
    mirrored = out[:, 0, 0] > out[:, 0, 2]
    assert 240 < mirrored.sum() < 360
    assert set(out.amin(dim=(1, 2)).tolist()) == {0, 1, 4, 5}
    whole = reconstruct.crop(images, 4, loop.generator("cpu", 1))
    assert torch.equal(whole.sort(dim=-1).values, images.sort(dim=-1).values)


def test_a_picture_smaller_than_the_crop_is_refused():
    with pytest.raises(ValueError, match="pictures of 8 pixels hold no square of 9"):
        reconstruct.crop(torch.zeros(1, 3, 8, 8), 9, torch.Generator())


class Grey(MAE):
    """Paints one value everywhere."""

    value = 0.5

    def forward(self, image, mask):
        return torch.full((len(image), 16, 48), self.value)


def test_errors_are_of_hidden_patches_on_pixels_from_zero_to_one(monkeypatch):
    monkeypatch.setattr(reconstruct, "BATCH", 3)
    images = torch.randint(256, (7, 3, 16, 16), dtype=torch.uint8)
    split = data.Split(images, torch.zeros(7))
    g = torch.Generator().manual_seed(0)
    noise = torch.cat([torch.rand(n, 16, generator=g) for n in (3, 3, 1)])
    hidden = random_mask(noise, 0.75).view(7, 1, 4, 4)
    hidden = hidden.repeat_interleave(4, 2).repeat_interleave(4, 3).expand(-1, 3, -1, -1)
    error = float((images / 255.0 - 0.75)[hidden].square().mean())
    grey = Grey(CFG).train()
    found = reconstruct.evaluate(grey, split, 16, 0.75)
    assert found["mse"] == pytest.approx(error, rel=1e-5)
    assert found["psnr"] == pytest.approx(-10 * torch.tensor(error).log10().item(), rel=1e-4)
    assert grey.training
    other = Grey(CFG)
    other.value = 0.7
    assert reconstruct.difference(grey, other, split, 16, 0.75) == pytest.approx(0.1, rel=1e-5)
    assert reconstruct.difference(grey, grey, split, 16, 0.75) == 0


def test_pretraining_learns_to_paint(tmp_path):
    recipe = replace(PRE, phases=(Phase(epochs=8, size=16, keep=0.25),), learning_rate=3e-3)
    rows = pretrain(tmp_path, recipe)
    assert set(rows[0]) == {"epoch", "size", "keep", "loss", "seconds", "mse", "psnr"}
    assert rows[-1]["mse"] < 0.6 * rows[0]["mse"]


def test_joined_sets_train_together_and_are_judged_on_the_first():
    one, two = pictures(8, 4), replace(pictures(6, 2), name="other", about={"Licence": "CC0"})
    both = data.joined(one, [two, two])
    assert both.name == "toy + other + other"
    assert both.folders == ("toy", "other", "other")
    assert torch.equal(both.train.images, torch.cat([s.train.images for s in (one, two, two)]))
    assert both.train.labels.tolist() == [*one.train.labels.tolist(), *[-1] * 12]
    assert (both.classes, both.val) == (one.classes, one.val)
    assert both.about["Licence"] == "toy: not stated; other: CC0; other: CC0"


# --- A classifier that starts from it


def tuned(folder, origin, **change):
    still = {"learning_rate": 0.0, "weight_decay": 0.0, "prepare": None, "stored": 20} | change
    recipe = replace(TINY, phases=(Phase(epochs=1, size=16),), **still)
    return train(folder, recipe, pictures(), seed=5, origin=origin)


@pytest.mark.parametrize("pool", ["class", "average"])
def test_a_vit_takes_over_the_encoder_and_keeps_its_own_head(tmp_path, whole, pool):
    cfg = replace(CFG.encoder, classes=2, pool=pool)
    tuned(tmp_path, whole, build=lambda _: ViT(cfg))
    mine, theirs = read(tmp_path)["model"], read(whole)["ema"]
    taken = {name for name in mine if name in theirs and torch.equal(mine[name], theirs[name])}
    own = {"head.weight", "head.bias"}
    own |= {"fc_norm.weight", "fc_norm.bias"} if pool == "average" else set()
    assert taken == mine.keys() - own
    told = json.loads((tmp_path / "run.json").read_text())["start"]
    assert told["mse"] == pytest.approx(journal.rows(whole)[-1]["mse"], abs=1e-5)
    assert (told["run"], told["epoch"]) == (whole.name, 3)
    assert "top1" not in told


def test_an_encoder_of_another_width_is_refused(tmp_path, whole):
    wide = replace(CFG.encoder, width=24, classes=2)
    with pytest.raises(ValueError, match="another network than this recipe's"):
        tuned(tmp_path, whole, build=lambda _: ViT(wide))


def test_fine_tuning_and_its_control_differ_in_their_first_weights_only():
    one, two = RECIPES["mae_nano_tuned"], RECIPES["mae_nano_scratch"]
    assert one is two
    mae, vit = RECIPES["mae_nano"].build(10).cfg, one.build(10).cfg
    assert vit == replace(mae.encoder, classes=10, pool="average")


# --- The command line


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setitem(RECIPES, "tiny", TINY)
    monkeypatch.setitem(RECIPES, "mae_tiny", PRE)
    for name in ("one", "two"):
        write_folder(tmp_path / name, per_class=8, side=20)
    return tmp_path


def test_the_command_trains_on_several_folders(folders):
    paths = [str(folders / name) for name in ("one", "two")]
    out = folders / "run"
    command.main(["mae_tiny", "--data", *paths, "--out", str(out), "--epochs", "1"])
    assert journal.facts(out)["data"] == "one + two"
    assert journal.facts(out)["pictures"] == 32
    assert read(out)["step"] == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tiny"], "tiny learns classes from one folder, so --data takes one"),
        (["mae_tiny", "--batch", "99"], "fewer than 99 training pictures; lower the batch size"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_sentence(folders, capsys, arguments, message):
    paths = [str(folders / name) for name in ("one", "two")]
    with pytest.raises(SystemExit):
        command.main([*arguments, "--data", *paths, "--out", str(folders / "run")])
    assert f"error: {message}\n" in capsys.readouterr().err
