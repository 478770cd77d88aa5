"""A network run with other positions than its own."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from models.tap import record
from models.vit import ViT, ViTConfig, resample_positions
from viz_core import ablation
from viz_core.probe import positions as probe

SMALL = dict(image_size=32, patch_size=8, width=48, depth=3, heads=2, classes=4)
VARIANTS = {
    "plain": ViTConfig(**SMALL),
    "registers": ViTConfig(**SMALL, registers=4, position_on_prefix=False, layer_scale=True),
    "average": ViTConfig(**SMALL, class_token=False, pool="average"),
}


@pytest.fixture(params=VARIANTS)
def model(request):
    return shaken(VARIANTS[request.param])


def shaken(config):
    torch.manual_seed(0)
    made = ViT(config).eval().requires_grad_(False)
    for parameter in made.parameters():
        parameter.add_(0.1 * torch.randn_like(parameter))
    return made


def picture(rows=4, columns=4, seed=0):
    shape = (1, 3, 8 * rows, 8 * columns)
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_the_learned_table_leaves_the_prefix_out(model):
    table = probe.learned(model)
    assert table.grid == (4, 4)
    skip = model.cfg.prefix * model.cfg.position_on_prefix
    np.testing.assert_array_equal(table.values, model.pos_embed[0, skip:].numpy())
    with pytest.raises(ValueError, match="read-only"):
        table.values[0, 0] = 1


def test_its_own_positions_put_back_change_nothing(model):
    image = picture()
    with torch.inference_mode():
        theirs = model(torch.from_numpy(image))[0].numpy()
    np.testing.assert_array_equal(probe.run(model, image), theirs)
    np.testing.assert_array_equal(probe.run(model, image, probe.learned(model).values), theirs)
    np.testing.assert_array_equal(probe.observe(model, image).logits, theirs)


def test_the_prefix_keeps_its_own_positions(model):
    image, table = picture(), np.zeros((16, 48), np.float32)
    prefix = model.cfg.prefix
    with torch.inference_mode():
        whole = model.embed(torch.from_numpy(image))
        bare = whole - model.positions((4, 4))
        wanted = model.classify(torch.cat([whole[:, :prefix], bare[:, prefix:]], dim=1))[0]
    np.testing.assert_allclose(probe.run(model, image, table), wanted.numpy(), atol=1e-5)


def test_without_positions_the_order_of_the_patches_does_not_matter(model):
    image = picture()
    tiles = image.reshape(1, 3, 4, 8, 4, 8).transpose(0, 1, 2, 4, 3, 5).reshape(1, 3, 16, 8, 8)
    order = np.random.default_rng(1).permutation(16)
    moved = tiles[:, :, order].reshape(1, 3, 4, 4, 8, 8).transpose(0, 1, 2, 4, 3, 5)
    moved = np.ascontiguousarray(moved.reshape(image.shape))
    same = np.tile(np.float32(0.3), (16, 48))
    np.testing.assert_allclose(
        probe.run(model, image, same), probe.run(model, moved, same), atol=2e-4
    )
    own = probe.learned(model).values
    assert np.abs(probe.run(model, image) - probe.run(model, moved)).max() > 1e-3
    np.testing.assert_allclose(  # positions that move along with their patches
        probe.run(model, image), probe.run(model, moved, own[order]), atol=2e-4
    )


def test_what_the_attention_does_is_observed_layer_by_layer(model):
    image = picture(3, 5)
    seen = probe.observe(model, image)
    tokens = 15 + model.cfg.prefix
    assert seen.mean_pattern.shape == (3, tokens, tokens)
    np.testing.assert_allclose(seen.mean_pattern.sum(axis=-1), 1, atol=1e-5)
    with torch.inference_mode(), record(model, "blocks.1.attn.pattern") as trace:
        model(torch.from_numpy(image))
    own = trace["blocks.1.attn.pattern"][0].mean(dim=0).numpy()
    np.testing.assert_allclose(seen.mean_pattern[1], own, atol=1e-6)
    assert seen.distance.shape == (3, 2)
    assert 0 < seen.distance.min() <= seen.distance.max() < np.hypot(2, 4)


@given(
    old=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    new=st.tuples(st.integers(1, 12), st.integers(1, 12)),
)
@settings(max_examples=25, deadline=None)
def test_the_default_is_what_the_network_does_itself(old, new):
    table = np.random.default_rng(0).normal(size=(old[0] * old[1], 6)).astype(np.float32)
    theirs = resample_positions(torch.from_numpy(table)[None], old, new)[0].numpy()
    np.testing.assert_array_equal(probe.resampled(table, old, new), theirs)


@pytest.mark.parametrize("mode", ["bicubic", "bilinear"])
@pytest.mark.parametrize("antialias", [True, False])
def test_what_all_positions_share_survives_any_resampling(mode, antialias):
    table = np.tile(np.arange(5, dtype=np.float32), (12, 1))
    small = probe.resampled(table, (3, 4), (2, 7), mode, antialias)
    np.testing.assert_allclose(small, np.tile(np.arange(5), (14, 1)), atol=1e-5)


def test_bilinear_without_antialias_by_hand():
    table = np.array([[0.0], [1], [2], [3]], np.float32)
    wide = probe.resampled(table, (1, 4), (1, 2), "bilinear", False)
    np.testing.assert_allclose(wide[:, 0], [0.5, 2.5])
    smooth = probe.resampled(table, (1, 4), (1, 2), "bilinear", True)
    assert smooth[0, 0] > 0.5  # more neighbours count


def test_as_many_patches_in_another_shape_are_resampled_too():
    model = shaken(VARIANTS["plain"])
    own = probe.learned(model)
    new = probe.resampled(own.values, own.grid, (2, 8))
    assert np.abs(new - own.values).max() > 0.01
    image = picture(2, 8)
    np.testing.assert_array_equal(probe.run(model, image), probe.run(model, image, new))
    naive = ablation.cut_or_repeated(own.values, (2, 8))
    assert np.abs(probe.run(model, image) - probe.run(model, image, naive)).max() > 1e-3


def test_a_size_is_asked_for_not_a_factor():
    table = np.random.default_rng(0).normal(size=(37 * 37, 2)).astype(np.float32)
    for side in range(4, 33):
        assert len(probe.resampled(table, (37, 37), (side, side))) == side**2


def test_the_model_is_left_as_it_was(model):
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    probe.observe(model, picture(), np.ones((16, 48), np.float32))
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(tensor, before[name], rtol=0, atol=0)


def test_what_cannot_be_run_is_refused():
    model = shaken(VARIANTS["plain"])
    with pytest.raises(ValueError, match="15 positions for 4 x 4 patches"):
        probe.run(model, picture(), np.zeros((15, 48), np.float32))
    with pytest.raises(ValueError, match="cannot become"):
        probe.resampled(np.zeros((5, 2), np.float32), (2, 2), (3, 3))
    with pytest.raises(TypeError, match="Linear has no table"):
        probe.learned(nn.Linear(2, 2))
    with pytest.raises(TypeError, match="Linear has no table"):
        probe.observe(nn.Linear(2, 2), picture())
