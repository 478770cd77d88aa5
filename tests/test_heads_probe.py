"""Heads, pairs and branches taken away: batches against single passes and code written out."""

import copy

import numpy as np
import pytest
import torch
from einops import rearrange
from hypothesis import given, settings
from hypothesis import strategies as st

from models.convnext import ConvNeXt, ConvNeXtConfig
from models.tap import record, taps
from tests.heads_toys import IMAGE, MAKERS, logits, made
from viz_core.attribution import Target
from viz_core.probe import ablate, fork

pytestmark = pytest.mark.usefixtures("one_thread")
EXACT = dict(rtol=0, atol=1e-10)


@pytest.fixture(scope="module")
def networks():
    return {name: made(name) for name in MAKERS}


def without_columns(model, layer, heads):
    """A copy of the network whose projection does not read some heads."""
    other = copy.deepcopy(model)
    attention = other.get_submodule(fork.layers(other)[layer].attention)
    width = attention.proj.weight.shape[1] // attention.heads
    for head in heads:
        attention.proj.weight[:, head * width : (head + 1) * width] = 0
    return other


@pytest.mark.parametrize("name", MAKERS)
def test_layers_are_in_order_and_their_taps_exist(networks, name):
    found = fork.layers(networks[name])
    known = taps(networks[name])
    for layer in found:
        assert {
            layer.before, layer.mixed, layer.scores, layer.pattern, layer.middle, layer.skip,
            layer.after,
        } <= known.keys()  # fmt: skip
    assert [layer.before for layer in found[1:]] == [layer.after for layer in found[:-1]]
    assert [layer.heads for layer in found] == ([2, 2, 4, 4] if "swin" in name else [3] * 3)
    assert [bool(layer.merging) for layer in found] == (
        [False, False, True, False] if "swin" in name else [False] * 3
    )


@pytest.mark.parametrize("name", MAKERS)
def test_a_head_taken_away_is_a_projection_that_does_not_read_it(networks, name):
    model = networks[name]
    for k, layer in enumerate(ablate.heads(model, IMAGE)):
        for head, found in enumerate(layer):
            expected = logits(without_columns(model, k, [head]))
            np.testing.assert_allclose(found, expected, **EXACT)
            assert np.abs(found - logits(model)).max() > 1e-6


@pytest.mark.parametrize("name", ["class token", "swin", "cct"])
def test_a_head_by_its_mean_says_the_same_to_every_token(networks, name):
    model = networks[name]
    for k, layer in enumerate(fork.layers(model)):
        axis = taps(model)[layer.mixed].axes.index("head")
        for head in range(layer.heads):

            def evened(x, axis=axis, head=head):
                x = x.movedim(axis, 0).clone()  # (h, 1, ..., k)
                x[head] = x[head].reshape(-1, x.shape[-1]).mean(dim=0)
                return x.movedim(0, axis)

            with torch.inference_mode(), record(model, edits={layer.mixed: evened}):
                expected = model(torch.tensor(IMAGE))[0].numpy()
            found = ablate.heads(model, IMAGE, "mean")[k][head]
            np.testing.assert_allclose(found, expected, **EXACT)


@pytest.mark.parametrize("name", ["class token", "swin v2", "vit lite"])
def test_batches_of_any_size_equal_single_passes(networks, name, monkeypatch):
    model = networks[name]
    together = ablate.heads(model, IMAGE)
    monkeypatch.setattr(fork, "BATCH", 1)
    for one, other in zip(together, ablate.heads(model, IMAGE), strict=True):
        np.testing.assert_allclose(one, other, **EXACT)


@pytest.mark.parametrize("name", ["average", "swin", "cct"])
def test_pairs_have_single_heads_on_their_diagonal(networks, name):
    model, layer = networks[name], 1
    table = ablate.pairs(model, IMAGE, layer)
    singles = ablate.heads(model, IMAGE)[layer]
    np.testing.assert_allclose(table.diagonal().T, singles, **EXACT)
    np.testing.assert_array_equal(table, table.swapaxes(0, 1))
    expected = logits(without_columns(model, layer, [0, 1]))
    np.testing.assert_allclose(table[0, 1], expected, **EXACT)


def test_heads_are_removed_one_after_another(networks):
    model, order = networks["registers"], [(2, 1), (0, 0), (2, 0)]
    found, other = ablate.removed(model, IMAGE, order, range(4)), model
    np.testing.assert_allclose(found[0], logits(model), **EXACT)
    for count, (layer, head) in enumerate(order, start=1):
        other = without_columns(other, layer, [head])
        np.testing.assert_allclose(found[count], logits(other), **EXACT)
    with pytest.raises(ValueError, match="only once"):
        ablate.removed(model, IMAGE, [(0, 0), (0, 0)], [1])
    with pytest.raises(ValueError, match="0 to 3"):
        ablate.removed(model, IMAGE, order, [4])


def test_vit_without_a_branch_is_the_sum_without_it(networks):
    model = networks["registers"]
    for gone in range(3):
        for branch in range(2):
            with torch.inference_mode():
                x = model.embed(torch.tensor(IMAGE))
                for k, block in enumerate(model.blocks):
                    if (k, 0) != (gone, branch):
                        x = x + block.ls1(block.attn(block.norm1(x)))
                    if (k, 1) != (gone, branch):
                        x = x + block.ls2(block.mlp(block.norm2(x)))
                expected = model.head(model.norm(x)[:, 0])[0].numpy()
            found = ablate.branches(model, IMAGE)[gone, branch]
            np.testing.assert_allclose(found, expected, **EXACT)


@pytest.mark.parametrize("name", ["swin", "swin v2"])
def test_swin_without_a_branch_is_the_sum_without_it(networks, name):
    model = networks[name]
    found = ablate.branches(model, IMAGE)
    for gone in range(4):
        for branch in range(2):
            with torch.inference_mode():
                x, k = model.embed(torch.tensor(IMAGE)), 0
                for stage in model.layers:
                    x = stage.downsample(x)
                    for block in stage.blocks:
                        post = name == "swin v2"
                        if (k, 0) != (gone, branch):
                            x = x + (
                                block.norm1(block.attend(x))
                                if post
                                else block.attend(block.norm1(x))
                            )
                        if (k, 1) != (gone, branch):
                            x = x + (
                                block.norm2(block.mlp(x)) if post else block.mlp(block.norm2(x))
                            )
                        k += 1
                expected = model.head(model.norm(x).mean(dim=(1, 2)))[0].numpy()
            np.testing.assert_allclose(found[gone, branch], expected, **EXACT)


def test_a_compact_network_keeps_its_norm_where_a_branch_is_gone(networks):
    model = networks["cct"]
    classifier = model.classifier
    for gone in range(3):
        for branch in range(2):
            with torch.inference_mode():
                x = model.embed(torch.tensor(IMAGE))
                for k, block in enumerate(classifier.blocks):
                    if (k, 0) != (gone, branch):
                        x = x + block.self_attn(block.pre_norm(x))
                    x = block.norm1(x)
                    if (k, 1) != (gone, branch):
                        hidden = torch.nn.functional.gelu(block.linear1(x))
                        x = x + block.linear2(hidden)
                normed = classifier.norm(x)
                weights = classifier.attention_pool(normed).softmax(dim=1)
                expected = classifier.fc((weights * normed).sum(dim=1))[0].numpy()
            found = ablate.branches(model, IMAGE)[gone, branch]
            np.testing.assert_allclose(found, expected, **EXACT)


@pytest.mark.parametrize("name", MAKERS)
def test_the_shared_network_is_left_as_it_was(networks, name):
    model = networks[name]
    state = {key: value.clone() for key, value in model.state_dict().items()}
    before, attributes = logits(model), {n: set(vars(m)) for n, m in model.named_modules()}
    ablate.heads(model, IMAGE, "mean")
    ablate.branches(model, IMAGE)
    assert all(torch.equal(state[key], value) for key, value in model.state_dict().items())
    assert {n: set(vars(m)) for n, m in model.named_modules()} == attributes
    np.testing.assert_array_equal(logits(model), before)


def test_progress_counts_to_the_end_and_what_it_raises_stops(networks):
    told = []
    ablate.heads(networks["swin"], IMAGE, progress=lambda *done: told.append(done))
    assert told[-1] == (12, 12)
    assert [done for done, _ in told] == sorted({done for done, _ in told})

    def stop(*_):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        ablate.pairs(networks["swin"], IMAGE, 0, progress=stop)


def test_a_network_without_heads_says_so():
    cfg = ConvNeXtConfig(image_size=16, patch_size=2, width=8, depths=(1, 1), classes=3)
    with pytest.raises(ValueError, match="no attention heads"):
        ablate.heads(ConvNeXt(cfg), IMAGE)


def test_change_and_interaction_by_hand():
    whole = np.array([1.0, 4.0])
    gone = np.array([[0.5, 4.0], [2.0, 1.0]])
    np.testing.assert_array_equal(ablate.change(gone, whole, Target(0)), [-0.5, 1.0])
    np.testing.assert_array_equal(ablate.change(gone, whole, Target(0, against=1)), [-0.5, 4.0])
    beyond = ablate.interaction(np.array([[-1.0, -1.0], [-1.0, -0.75]]))
    np.testing.assert_array_equal(beyond, [[0, 0.75], [0.75, 0]])  # each stands in for the other
    with pytest.raises(ValueError, match="symmetric"):
        ablate.interaction(np.array([[0.0, 1.0], [2.0, 0.0]]))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 6))
def test_heads_that_add_up_have_no_interaction(seed, count):
    alone = np.random.default_rng(seed).normal(size=count)
    together = alone[:, None] + alone
    np.fill_diagonal(together, alone)
    np.testing.assert_allclose(ablate.interaction(together), 0, atol=1e-12)


def test_the_written_out_attention_without_a_head_agrees(networks):
    """A few independent lines: layer 2 of a ViT computed head by head, the last one left out."""
    model, gone = networks["class token"], 2
    with torch.inference_mode():
        x = model.blocks[0](model.embed(torch.tensor(IMAGE)))
        block = model.blocks[1]
        q, k, v = block.attn.qkv(block.norm1(x))[0].chunk(3, dim=-1)  # (n, d)
        total = block.attn.proj.bias.expand(x.shape[1], -1)
        for head in range(3):
            part = slice(4 * head, 4 * head + 4)
            weights = (q[:, part] @ k[:, part].T / 2).softmax(dim=-1)
            if head != gone:
                total = total + weights @ v[:, part] @ block.attn.proj.weight[:, part].T
        x = x + rearrange(total, "n d -> 1 n d")
        x = model.blocks[2](x + block.mlp(block.norm2(x)))
        expected = model.head(model.norm(x)[:, 0])[0].numpy()
    np.testing.assert_allclose(ablate.heads(model, IMAGE)[1][gone], expected, **EXACT)
