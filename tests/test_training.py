import contextlib
import copy
import io
import json
import math
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from models.swin import Swin, SwinConfig
from models.training import augment, data, evaluate, journal, loop, mimetic, optimise
from models.training.augment import Augment
from models.training.recipes import RECIPES, Phase, Recipe
from models.training.state import Run, start
from models.vit import ViT, ViTConfig

SEEDS = st.integers(0, 2**31)
OFF = Augment(smallest_crop=1, colour=0)
ALL = Augment(smallest_crop=0.3, rotation=20, shear=0.2, colour=0.4, erasing=0.5, mixup=0.8)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Threads only wait for each other in networks this small."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def build(classes):
    return ViT(ViTConfig(image_size=16, patch_size=4, width=16, depth=2, heads=2, classes=classes))


TINY = Recipe(
    build=build,
    phases=(Phase(epochs=1, size=8, keep=0.5), Phase(epochs=2, size=16, keep=0.75)),
    stored=16,
    batch=8,
    augment=ALL,
    prepare=mimetic.prepare,
)


def noise(count, side, seed=0):
    return torch.rand(count, 3, side, side, generator=loop.generator("cpu", seed)) * 2 - 1


def two_colours(count, seed, side=16):
    """Reddish pictures are class 0, bluish ones class 1, both under noise."""
    labels = torch.arange(count) % 2
    images = torch.rand(count, 3, side, side, generator=loop.generator("cpu", seed)) * 120
    images[labels == 0, 0] += 100
    images[labels == 1, 2] += 100
    return data.Split(images.to(torch.uint8), labels)


def toy(train=26, val=10):
    return data.Dataset("toy", ("red", "blue"), two_colours(train, 1), two_colours(val, 2))


# --- Augmentation


@settings(max_examples=40, deadline=None)
@given(
    seed=SEEDS,
    size=st.sampled_from([8, 12, 16, 28]),
    crop=st.floats(0.05, 1),
    rotation=st.floats(0, 180),
    shear=st.floats(0, 1),
    colour=st.floats(0, 1),
    erasing=st.floats(0, 1),
)
def test_augmented_pictures_stay_in_range_and_depend_on_the_seed_only(seed, size, crop, **parts):
    how, images = Augment(smallest_crop=crop, **parts), noise(3, 16)
    one, two = (augment.augment(images, size, how, loop.generator("cpu", seed)) for _ in range(2))
    assert one.shape == (3, 3, size, size)
    assert one.abs().max() <= 1 + 1e-5
    assert torch.equal(one, two)


@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_with_all_parts_off_a_picture_is_itself_or_its_mirror_image(seed):
    images = noise(8, 16)
    out = augment.augment(images, 16, OFF, loop.generator("cpu", seed))
    for picture, result in zip(images, out, strict=True):
        error = min((result - p).abs().max() for p in (picture, picture.flip(-1)))
        assert error < 1e-5


def test_half_of_the_pictures_are_mirrored():
    ramp = torch.linspace(-1, 1, 16).expand(400, 3, 16, 16)
    out = augment.augment(ramp, 16, OFF, loop.generator("cpu", 3))
    mirrored = (out[:, 0, 0, 0] > 0).sum()
    assert 150 < mirrored < 250


def test_crops_stay_inside_the_picture_reach_its_corners_and_keep_their_least_area():
    matrices = augment._affine(2000, Augment(smallest_crop=0.25), loop.generator("cpu", 0))
    half = matrices[:, [0, 1], [0, 1]].abs()  # half width and half height of each crop
    low, high = matrices[:, :, 2] - half, matrices[:, :, 2] + half
    assert low.min() >= -1 - 1e-5
    assert high.max() <= 1 + 1e-5
    for corner in (low.sum(1), -high.sum(1), low[:, 0] - high[:, 1], low[:, 1] - high[:, 0]):
        assert corner.min() < -1.9
    area = half.prod(dim=1)
    assert 0.249 < area.min() < 0.26
    assert area.max() > 0.9
    assert (half[:, 0] / half[:, 1]).log().abs().max() <= 0.25 + 1e-5


def test_a_quarter_turn_turns_the_picture(monkeypatch):
    monkeypatch.setattr(augment, "_uniform", lambda shape, low, high, g: torch.full(shape, high))
    image = noise(1, 16)
    turned = augment.augment(image, 16, replace(OFF, rotation=90), torch.Generator())
    torch.testing.assert_close(turned, image.rot90(dims=(-2, -1)), atol=1e-5, rtol=0)


def test_a_small_input_is_averaged_down():
    stripes = torch.ones(1, 3, 16, 16)
    stripes[..., ::2] = -1
    out = augment.augment(stripes, 8, OFF, loop.generator("cpu", 0))
    torch.testing.assert_close(out, torch.zeros(1, 3, 8, 8), atol=1e-5, rtol=0)


def test_colour_shifts_a_grey_picture_by_brightness_only():
    grey = torch.zeros(200, 3, 4, 4)
    out = augment.augment(grey, 4, replace(OFF, colour=0.3), loop.generator("cpu", 0))
    assert (out - out[:, :1, :1, :1]).abs().max() < 1e-6
    assert 0.25 < out.max() <= 0.3
    assert -0.3 <= out.min() < -0.25


@given(seed=SEEDS)
@settings(max_examples=20, deadline=None)
def test_an_erased_area_is_a_rectangle_of_at_most_a_fifth(seed):
    out = augment._erase(
        torch.ones(4, 3, 32, 32), replace(OFF, erasing=1), loop.generator("cpu", seed)
    )
    for gone in (out == 0).all(dim=1):
        rows, columns = gone.any(dim=1), gone.any(dim=0)
        assert torch.equal(gone, rows[:, None] & columns)
        # A centre between two pixels adds less than a pixel to either side.
        assert (rows.sum() - 1).clamp(min=0) * (columns.sum() - 1).clamp(min=0) <= 0.2 * 32**2


def test_erasing_strikes_as_often_as_it_says():
    out = augment._erase(
        torch.ones(1000, 3, 16, 16), replace(OFF, erasing=0.3), loop.generator("cpu", 0)
    )
    struck = (out == 0).flatten(1).any(dim=1).float().mean()
    assert 0.25 < struck < 0.35


@given(seed=SEEDS, alpha=st.floats(0.1, 2))
@settings(max_examples=20, deadline=None)
def test_mixup_mixes_pictures_as_it_mixes_targets(seed, alpha):
    targets = torch.eye(4)
    images = torch.eye(4)[:, :, None, None].expand(4, 4, 2, 2)
    mixed, shares = augment.mix(images, targets, alpha, loop.generator("cpu", seed))
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(4))
    torch.testing.assert_close(mixed[:, :, 0, 0], shares)
    again = augment.mix(images, targets, alpha, loop.generator("cpu", seed))
    assert torch.equal(again[1], shares)


def test_mixup_of_zero_changes_nothing():
    images, targets = noise(2, 4), torch.eye(2)
    assert augment.mix(images, targets, 0, torch.Generator()) == (images, targets)


def test_inputs_reach_from_minus_one_to_one():
    ends = torch.tensor([0, 255], dtype=torch.uint8)
    assert augment.to_input(ends).tolist() == [-1, 1]
    picture = noise(1, 16)
    assert augment.resize(picture, 16) is picture
    assert augment.resize(picture, 8).shape == (1, 3, 8, 8)


# --- Patches, schedule, decay, average


@given(
    seed=SEEDS,
    patches=st.integers(1, 30),
    prefix=st.integers(0, 3),
    share=st.floats(0, 1),
)
@settings(max_examples=40, deadline=None)
def test_kept_patches_follow_the_whole_prefix_without_repeats(seed, patches, prefix, share):
    numbered = torch.arange(prefix + patches).float()[None, :, None].expand(2, -1, 5)
    kept = loop.keep_patches(numbered, prefix, share, loop.generator("cpu", seed))
    assert kept.shape == (2, prefix + max(1, round(share * patches)), 5)
    for tokens in kept[..., 0].int().tolist():
        assert tokens[:prefix] == list(range(prefix))
        assert len(set(tokens)) == len(tokens)
        assert set(tokens) <= set(range(prefix + patches))


def test_the_order_of_kept_patches_does_not_matter():
    model = build(3).double()
    tokens = model.embed(noise(2, 16).double())
    everything = loop.keep_patches(tokens, 1, 1.0, loop.generator("cpu", 0))
    assert not torch.equal(everything, tokens)
    torch.testing.assert_close(model.classify(everything), model.classify(tokens))


@pytest.mark.parametrize(
    ("share", "rate"),
    [(0, 0), (0.05, 0.5), (0.1, 1), (0.325, 0.5 + 0.5**1.5), (0.55, 0.5), (1, 0), (1.1, 0)],
)
def test_learning_rate_rises_in_a_line_and_falls_in_a_cosine(share, rate):
    recipe = replace(TINY, learning_rate=1.0, warmup=0.1)
    assert optimise.learning_rate(recipe, share) == pytest.approx(rate, abs=1e-12)


def test_without_warm_up_the_rate_starts_at_its_top():
    assert optimise.learning_rate(replace(TINY, learning_rate=2.0, warmup=0), 0) == 2


def test_every_parameter_is_in_one_decay_group():
    model = ViT(ViTConfig(image_size=8, patch_size=4, width=8, depth=1, heads=2, registers=2))
    names = {id(p): name for name, p in model.named_parameters()}
    decayed, free = optimise.decay_groups(model, 0.1)
    assert (decayed["weight_decay"], free["weight_decay"]) == (0.1, 0.0)
    listed = [names[id(p)] for group in (decayed, free) for p in group["params"]]
    assert sorted(listed) == sorted(names.values())
    assert {names[id(p)] for p in decayed["params"]} == {
        "patch_embed.proj.weight",
        "blocks.0.attn.qkv.weight",
        "blocks.0.attn.proj.weight",
        "blocks.0.mlp.fc1.weight",
        "blocks.0.mlp.fc2.weight",
        "head.weight",
    }


def test_bias_tables_of_a_swin_do_not_decay():
    model = Swin(SwinConfig(image_size=8, patch_size=2, width=8, depths=(1,), heads=(2,)))
    names = {id(p): name for name, p in model.named_parameters()}
    decayed, _ = optimise.decay_groups(model, 0.1)
    assert {names[id(p)] for p in decayed["params"]} == {
        "patch_embed.proj.weight",
        "layers.0.blocks.0.attn.qkv.weight",
        "layers.0.blocks.0.attn.proj.weight",
        "layers.0.blocks.0.mlp.fc1.weight",
        "layers.0.blocks.0.mlp.fc2.weight",
        "head.fc.weight",
    }


@pytest.mark.parametrize(("step", "kept"), [(1, 2 / 11), (8, 0.5), (100, 0.9)])
def test_average_keeps_the_lesser_of_the_decay_and_the_young_share(step, kept):
    average, model = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    nn.init.constant_(average.weight, 3.0)
    nn.init.constant_(model.weight, 5.0)
    model.num_batches_tracked.fill_(7)
    optimise.update_average(average, model, 0.9, step)
    torch.testing.assert_close(average.weight, torch.full((2,), 3 * kept + 5 * (1 - kept)))
    assert average.num_batches_tracked == 7
    assert model.weight.tolist() == [5, 5]


# --- Evaluation and batches


class Table(nn.Module):
    """Answers picture i, whose pixels all are i, with row i of a table of logits."""

    def __init__(self, logits):
        super().__init__()
        self.logits = logits

    def forward(self, images):
        assert not self.training
        return self.logits[((images[:, 0, 0, 0] + 1) * 127.5).round().long()]


def test_scores_equal_a_count_by_hand(monkeypatch):
    monkeypatch.setattr(evaluate, "BATCH", 2)
    logits = torch.tensor([[9.0, 8, 7, 6, 5, 4], [0, 1, 2, 3, 4, 5], [2, 0, 0, 0, 0, 0]])
    labels = torch.tensor([5, 5, 0])  # below the top 5, right, right
    images = torch.arange(3, dtype=torch.uint8)[:, None, None, None].expand(3, 3, 4, 4)
    table = Table(logits).train()
    found = evaluate.evaluate(table, data.Split(images, labels), 4)
    nats = [
        math.log(sum(math.exp(x) for x in row)) - row[label]
        for row, label in zip(logits.tolist(), labels.tolist(), strict=True)
    ]
    assert found == pytest.approx({"top1": 200 / 3, "top5": 200 / 3, "nats": sum(nats) / 3})
    assert table.training
    assert evaluate.class_accuracy(logits, labels) == {0: 100, 5: 50}


def test_with_few_classes_every_answer_is_in_the_top_five():
    assert evaluate.scores(torch.eye(2), torch.tensor([1, 0])) | {"nats": 0} == {
        "top1": 0,
        "top5": 100,
        "nats": 0,
    }


@given(count=st.integers(8, 60), batch=st.integers(1, 8), seed=SEEDS, epoch=st.integers(0, 400))
@settings(max_examples=40, deadline=None)
def test_batches_are_full_and_show_no_picture_twice(count, batch, seed, epoch):
    parts = loop.batches(count, replace(TINY, batch=batch), seed, epoch)
    assert len(parts) == count // batch
    assert {len(part) for part in parts} == {batch}
    seen = torch.cat(parts).tolist()
    assert len(set(seen)) == len(seen)
    assert set(seen) <= set(range(count))


def test_every_epoch_and_every_seed_shuffles_anew():
    orders = {
        tuple(torch.cat(loop.batches(40, TINY, seed, epoch)).tolist())
        for seed in range(5)
        for epoch in range(20)
    }
    assert len(orders) == 100


def test_generators_differ_in_every_number():
    numbers = [(a, b, c) for a in range(3) for b in range(3) for c in range(30)]
    seeds = {loop.generator("cpu", *n).initial_seed() for n in numbers}
    assert len(seeds) == len(numbers)


# --- Data


def jpeg(colour, side=16):
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


COLOURS = [(200, 0, 0), (0, 0, 200), (200, 60, 0), (0, 60, 200)]


def shared_start(one, two):
    return one[: next(i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b)]


def write_pack(path, split, headers, classes=("red", "blue"), labels=(0, 1, 0, 1)):
    """Four flat JPEGs back to back, the headers of the first and last two split off if asked."""
    files = [jpeg(c, side) for c, side in zip(COLOURS, (16, 16, 24, 24), strict=True)]
    arrays = {}
    if headers:
        common = [shared_start(*files[:2]), shared_start(*files[2:])]
        arrays = {
            "header": np.frombuffer(common[0], np.uint8),
            "header1": np.frombuffer(common[1], np.uint8),
            "header_id": np.array([0, 0, 1, 1], np.uint8),
        }
        files = [file[len(common[i // 2]) :] for i, file in enumerate(files)]
    np.savez(
        path / f"my_train_pack_{split}.npz",
        data=np.frombuffer(b"".join(files), np.uint8),
        offsets=np.cumsum([0] + [len(file) for file in files]),
        labels=np.array(labels, np.int16),
        classes=np.array(classes),
        **arrays,
    )


@pytest.mark.parametrize("headers", [False, True])
def test_a_pack_gives_its_pictures_and_labels(tmp_path, headers):
    for split in ("train", "val"):
        write_pack(tmp_path, split, headers)
    found = data.load(tmp_path, 16)
    assert found.classes == ("red", "blue")
    assert found.name == tmp_path.name
    for split in (found.train, found.val):
        assert (split.images.shape, split.images.dtype) == ((4, 3, 16, 16), torch.uint8)
        assert (split.labels.tolist(), split.labels.dtype) == ([0, 1, 0, 1], torch.int64)
        colours = split.images.float().mean(dim=(2, 3))
        torch.testing.assert_close(colours, torch.tensor(COLOURS).float(), atol=4, rtol=0)


def write_folder(path, per_class=4, side=16):
    """`train/` and `val/` with pictures of two colours."""
    split = two_colours(2 * per_class, 5, side)
    for part in ("train", "val"):
        for i, (image, label) in enumerate(zip(split.images, split.labels, strict=True)):
            folder = path / part / ("a_red", "b_blue")[label]
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image.permute(1, 2, 0).numpy()).save(folder / f"{i}.png")
    (path / "train" / "a_red" / "notes.txt").write_text("no picture")
    (path / "README.md").write_text("# Toy\n\n- Source: made here\n- Licence: CC0-1.0\n")
    return split


def test_a_folder_gives_its_pictures_squashed_and_what_its_readme_says(tmp_path):
    split = write_folder(tmp_path)
    found = data.load(tmp_path, 16)
    assert found.classes == ("a_red", "b_blue")
    assert found.about == {"Source": "made here", "Licence": "CC0-1.0"}
    by_class = torch.cat([split.images[split.labels == c] for c in (0, 1)])
    assert torch.equal(found.train.images, by_class)
    assert found.val.labels.tolist() == [0] * 4 + [1] * 4
    Image.new("L", (40, 10), 77).save(tmp_path / "val" / "a_red" / "0.png")
    assert data.load(tmp_path, 8).val.images[0].unique().tolist() == [77]


def test_a_limit_is_spread_over_the_classes(tmp_path):
    write_folder(tmp_path)
    found = data.load(tmp_path, 16, limit=4)
    assert found.train.labels.tolist() == [0, 0, 1, 1]
    assert len(data.load(tmp_path, 16, limit=100).train.labels) == 8


def test_unusable_data_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"holds neither \*_train.npz"):
        data.load(tmp_path, 16)
    write_pack(tmp_path, "train", False)
    with pytest.raises(ValueError, match=r"_val.npz is missing"):
        data.load(tmp_path, 16)
    write_pack(tmp_path, "val", False, classes=("red", "green"))
    with pytest.raises(ValueError, match=r"differ: \['blue', 'green'\]"):
        data.load(tmp_path, 16)
    write_pack(tmp_path, "val", False, classes=("blue", "red"))
    with pytest.raises(ValueError, match="differ: their order"):
        data.load(tmp_path, 16)
    np.savez(tmp_path / "other_train.npz")
    with pytest.raises(ValueError, match="several packs"):
        data.load(tmp_path, 16)


def test_a_class_without_validation_and_an_empty_split_are_refused(tmp_path):
    for part in ("train", "val"):
        (tmp_path / part / "cat").mkdir(parents=True)
    with pytest.raises(ValueError, match="holds no pictures"):
        data.load(tmp_path, 16)
    (tmp_path / "train" / "dog").mkdir()
    with pytest.raises(ValueError, match="dog"):
        data.load(tmp_path, 16)


# --- Mimetic initialisation


def test_factors_multiply_back_to_the_product_at_full_rank():
    torch.manual_seed(0)
    product = mimetic.near_identity(12, 0.7, 0.7)
    a, b = mimetic.factor(product, 12)
    torch.testing.assert_close(a @ b.T, product, atol=1e-5, rtol=0)


def test_factors_of_lower_rank_miss_by_the_singular_values_left_out():
    torch.manual_seed(0)
    product = mimetic.near_identity(12, 0.7, 0.7)
    a, b = mimetic.factor(product, 5)
    assert (a.shape, b.shape) == ((12, 5), (12, 5))
    left_out = torch.linalg.svdvals(product)[5:].norm()
    torch.testing.assert_close((a @ b.T - product).norm(), left_out)


def test_sine_positions_hold_sines_and_cosines_of_x_then_of_y():
    table = mimetic.sine_positions(3, 8)
    assert table.shape == (9, 8)
    y, x = 2, 1
    expected = [
        f(axis * rate) for axis in (x, y) for f in (math.sin, math.cos) for rate in (1, 0.01)
    ]
    torch.testing.assert_close(table[3 * y + x], torch.tensor(expected))
    with pytest.raises(ValueError, match="multiple of 4, got 10"):
        mimetic.sine_positions(3, 10)


def test_mimetic_attention_looks_at_itself_and_takes_its_value_away():
    torch.manual_seed(0)
    cfg = ViTConfig(image_size=16, patch_size=4, width=96, depth=1, heads=2, classes=2)
    model = ViT(cfg)
    mimetic.prepare(model)
    attn = model.blocks[0].attn
    query, key, value = attn.qkv.weight.detach().split(96)
    output = attn.proj.weight.detach() @ value  # what a token adds to those who look at it
    torch.testing.assert_close(output.diag().mean(), torch.tensor(-0.4), atol=0.05, rtol=0)
    for h in range(2):
        rows = slice(48 * h, 48 * h + 48)
        product = query[rows].T @ key[rows]
        assert torch.linalg.matrix_rank(product) == 48
        assert product.diag().mean() > 5 * product.mean().abs()
        assert not torch.allclose(product, product.T, atol=0.01)  # the noise is not symmetric
    torch.testing.assert_close(model.pos_embed[0, 1:], 0.5 * mimetic.sine_positions(4, 96))
    assert model.pos_embed[0, 0].std() < 0.05


# --- The loop


def train(folder, recipe=TINY, dataset=None, **how):
    folder.mkdir(exist_ok=True)
    return list(loop.train(recipe, dataset or toy(), folder, device="cpu", **how))


def read(folder):
    return torch.load(folder / "checkpoint.pt", weights_only=True)


def without_time(rows):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def assert_same(one, two):
    for part in ("model", "ema"):
        for name, value in one[part].items():
            assert torch.equal(value, two[part][name]), f"{part} {name}"
    for index, moments in one["optimizer"]["state"].items():
        for name, value in moments.items():
            assert torch.equal(value, two["optimizer"]["state"][index][name])
    assert one["step"] == two["step"]


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


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_are_sound(name):
    recipe = RECIPES[name]
    model = recipe.build(32)
    assert model.cfg.image_size == recipe.size
    assert model.cfg.grid == (28 if name.startswith("swin") else 14)  # the paper's at 224 / 4
    first = 56 if name == "swin_nano" else 28  # the one that starts from another run
    assert [recipe.phase(e).size for e in (0, recipe.epochs - 1, recipe.epochs)] == [first, 56, 56]
    assert (
        sum(recipe.phase(e) is recipe.phases[0] for e in range(recipe.epochs))
        == recipe.phases[0].epochs
    )
    assert 2 * sum(p.numel() for p in model.parameters()) < 16_000_000
