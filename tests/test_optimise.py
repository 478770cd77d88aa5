"""Patches dropped, schedule, decay, average, first weights, evaluation."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from models.convnext import ConvNeXt, ConvNeXtConfig
from models.resnet import ResNet, ResNetConfig
from models.swin import Swin, SwinConfig
from models.training import data, evaluate, loop, mimetic, optimise
from models.training.recipe import Phase, Recipe
from models.vit import ViT, ViTConfig
from tests.training_toys import (
    TINY,
    build,
    noise,
)

pytestmark = pytest.mark.usefixtures("one_thread")

SEEDS = st.integers(0, 2**31)


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


def test_a_cooldown_leaves_the_cosine_for_a_line_to_zero():
    plan = replace(TINY, learning_rate=1.0, warmup=0, phases=(Phase(epochs=4, size=16),))
    early = replace(plan, cooldown=(2, 1))
    assert (plan.last, early.last) == (4, 3)
    at = [optimise.learning_rate(early, share) for share in (0.25, 0.5, 0.625, 0.75, 1)]
    assert at == pytest.approx([optimise.learning_rate(plan, 0.25), 0.5, 0.25, 0, 0])


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


def test_muon_moves_kernels_as_matrices_of_one_row_an_output_channel():
    torch.manual_seed(0)
    start = torch.randn(6, 4, 3, 3)
    push = torch.randn(6, 4, 3, 3)
    kernels, matrix = nn.Parameter(start.clone()), nn.Parameter(start.flatten(1).clone())
    ours = optimise.Kernels([kernels], share=1.0, weight_decay=0.1)
    usual = torch.optim.Muon(
        [matrix], lr=0.0, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"
    )  # fmt: skip
    for step in (1, 2):
        for group in (*ours.param_groups, *usual.param_groups):
            group["lr"] = 0.1 * step
        kernels.grad, matrix.grad = push * step, push.flatten(1) * step
        ours.step()
        usual.step()
        assert torch.equal(kernels.flatten(1), matrix)
    assert not torch.equal(kernels, start)
    ours.zero_grad()
    assert kernels.grad is None


def test_muon_moves_the_kernels_of_a_resnet_but_neither_its_stem_nor_a_depthwise_one():
    recipe = Recipe(build=lambda _: nn.Identity(), phases=(), muon=1e-2)
    resnet = ResNet(ResNetConfig(image_size=32, width=8, depths=(1, 1), classes=3))
    convnext = ConvNeXt(ConvNeXtConfig(image_size=32, width=8, depths=(1, 1), classes=3))
    for model, moved, left in (
        (resnet, "layer1.0.conv2.weight", "conv1.weight"),
        (convnext, "stages.1.downsample.1.weight", "stages.0.blocks.0.conv_dw.weight"),
    ):
        weights = dict(model.named_parameters())
        mine = {id(p) for p in optimise.optimizer(model, recipe).parts[0].parameters}
        assert id(weights[moved]) in mine
        assert id(weights[left]) not in mine
