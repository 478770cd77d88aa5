"""Bias tables: read from a network, read back from a bias, replaced, and run with."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

from models.swin import Swin, SwinConfig
from models.swin_v2 import SwinV2, SwinV2Config
from models.tap import record
from models.vit import ViT, ViTConfig
from viz_core import relative_position
from viz_core.probe import bias
from viz_core.relative import figures, tables

SHAPE = {"image_size": 24, "patch_size": 2, "width": 8, "depths": (2, 1), "heads": (2, 4)}
some = settings(deadline=None, max_examples=8)


def shaken(model):
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def model():
    return shaken(Swin(SwinConfig(**SHAPE, window=3, classes=5)))


def image(seed=0):
    return np.random.default_rng(seed).standard_normal((1, 3, 24, 24)).astype(np.float32)


def random_table(window, heads=3, seed=0):
    return np.random.default_rng(seed).normal(size=((2 * window - 1) ** 2, heads))


@some
@given(st.integers(1, 7), st.integers(0, 99))
def test_the_table_comes_back_from_the_bias(window, seed):
    table = random_table(window, seed=seed)
    np.testing.assert_array_equal(tables.table_of(relative_position.bias(table)), table)


def test_a_bias_that_no_table_makes_is_refused():
    made = relative_position.bias(random_table(2))
    made[1, 0, 0] += 1  # its own key, as (1, 1), (2, 2) and (3, 3) are
    with pytest.raises(ValueError, match="one bias"):
        tables.table_of(made)
    with pytest.raises(ValueError, match="square window"):
        tables.table_of(np.zeros((2, 5, 5)))


@some
@given(st.integers(1, 7), st.integers(0, 99))
def test_other_tables_hold_the_same_numbers_and_turn_back(window, seed):
    table = random_table(window, seed=seed)
    for kind in ("shuffled", "mirrored", "turned"):
        made = tables.altered(table, kind, seed)
        np.testing.assert_array_equal(np.sort(made, axis=0), np.sort(table, axis=0))
        if kind != "shuffled":
            np.testing.assert_array_equal(tables.altered(made, kind), table)
    seen = relative_position.key_from_query(table)
    turned = tables.altered(table, "turned").T.reshape(seen.shape)
    np.testing.assert_array_equal(turned, seen)
    np.testing.assert_array_equal(tables.altered(table, "own"), table)


def test_mirrored_and_zero_by_hand():
    table = np.arange(9.0)[:, None]
    assert tables.altered(table, "mirrored").ravel().tolist() == [2, 1, 0, 5, 4, 3, 8, 7, 6]
    assert tables.altered(table, "turned").ravel().tolist() == [8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert not tables.altered(table, "zero").any()


def test_an_unknown_kind_or_a_table_of_no_window_is_refused():
    with pytest.raises((ValueError, TypeCheckError), match=r"no kind|Literal"):
        tables.altered(random_table(2), "flipped")
    with pytest.raises(ValueError, match="is not one of"):
        tables.altered(np.zeros((4, 1)), "zero")


def test_tables_are_what_the_network_adds(model):
    found = bias.learned(model)
    assert [(one.stage, one.block, one.shift) for one in found] == [(0, 0, 0), (0, 1, 1), (1, 0, 0)]
    with torch.inference_mode(), record(model, "*.attn.bias") as trace:
        model(torch.tensor(image()))
    for one, added in zip(found, trace.all("*"), strict=True):
        np.testing.assert_array_equal(relative_position.bias(one.values), added.numpy())
        assert (one.computed, one.window) == (False, 3)
        with pytest.raises(ValueError, match="read-only"):
            one.values[0] = 0


def test_v2_has_a_computed_table_between_0_and_16():
    model = shaken(SwinV2(SwinV2Config(**SHAPE, window=3, classes=5)))
    found = bias.learned(model)
    assert all(one.computed for one in found)
    assert all(one.values.min() > 0 and one.values.max() < 16 for one in found)
    with torch.inference_mode(), record(model, "*.attn.bias") as trace:
        model(torch.tensor(image()))
    added = trace["layers.0.blocks.1.attn.bias"].numpy()
    np.testing.assert_array_equal(relative_position.bias(found[1].values), added)
    assert bias.run(model, image(), "zero").logits.shape == (5,)


@pytest.mark.parametrize("kind", ["zero", "mirrored", "turned"])
def test_a_run_with_another_bias_is_a_network_with_another_table(model, kind):
    other = copy.deepcopy(model)
    for layer in other.layers:
        for block in layer.blocks:
            parameter = block.attn.relative_position_bias_table
            parameter.copy_(torch.tensor(tables.altered(parameter.numpy(), kind)))
    with torch.inference_mode():
        theirs, own = (one(torch.tensor(image()))[0].numpy() for one in (other, model))
    ours = bias.run(model, image(), kind)
    np.testing.assert_allclose(ours.logits, theirs, atol=1e-6)
    assert np.abs(ours.logits - own).max() > 1e-3
    np.testing.assert_array_equal(bias.run(model, image()).logits, own)


def test_one_block_alone_can_lose_its_bias(model):
    before, after = bias.run(model, image()), bias.run(model, image(), "zero", [(0, 1)])
    np.testing.assert_array_equal(before.distance[0], after.distance[0])
    assert np.abs(before.distance[1] - after.distance[1]).max() > 1e-3
    assert after.spread[0] == before.spread[0]
    assert after.spread[1] == (before.spread[1][0], 0)
    assert [len(one) for one in after.distance] == [2, 2, 4]


def test_shuffling_depends_on_the_seed_alone(model):
    first, again, other = (bias.run(model, image(), "shuffled", seed=s).logits for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-4


def test_a_network_without_windows_and_a_block_that_is_not_there_are_refused(model):
    vit = ViT(ViTConfig(image_size=16, patch_size=8, width=8, depth=1, heads=2, classes=2))
    for call in (bias.learned, lambda one: bias.run(one, image())):
        with pytest.raises(KeyError, match="no relative position bias"):
            call(vit)
    with pytest.raises(KeyError, match="no tap matches"):
        bias.run(model, image(), "zero", [(5, 0)])


def test_the_figure_has_a_dot_a_head_and_refuses_other_heads():
    before, after = [np.ones(2), np.full(4, 2.0)], [np.zeros(2), np.full(4, 3.0)]
    figure = figures.distances(["1·1", "2·1"], before, after, even=2.5, names=("own", "zero"))
    assert [len(trace.x) for trace in figure.data] == [6, 2, 6, 2]
    assert list(figure.data[3].y) == [0, 3]
    with pytest.raises(ValueError, match="labels"):
        figures.distances(["1·1"], before, after, even=1, names=("a", "b"))
    with pytest.raises(ValueError, match="heads"):
        figures.distances(["1·1", "2·1"], before, after[::-1], even=1, names=("a", "b"))
