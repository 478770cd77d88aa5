"""Tokens, keys and shares of a network's blocks: the very tensors that its taps pass on."""

import numpy as np
import pytest
import torch
from torch import nn

from models import compact, convnext, mae, resnet, swin, vit
from models.compact_config import CompactConfig
from models.tap import record
from viz_core import windows
from viz_core.probe import swin as swin_probe
from viz_core.probe import tokens

pytestmark = pytest.mark.usefixtures("one_thread")
VIT = dict(image_size=16, patch_size=4, width=12, depth=2, heads=3, classes=5)
COMPACT = dict(
    image_size=16, kernel=4, stride=4, padding=0, max_pool=False, conv_bias=True,
    depth=2, width=12, heads=2, mlp_ratio=1.0, classes=5,
)  # fmt: skip


def picture(side=16, count=1):
    return np.random.default_rng(0).normal(size=(count, 3, side, side)).astype(np.float32)


def recorded(model, image, *names):
    with torch.inference_mode(), record(model, *names) as trace:
        model(torch.from_numpy(image))
    return [trace[name] for name in names]


def test_of_a_vit_every_patch_is_a_place_and_the_class_token_says_what_it_takes():
    model, image = vit.ViT(vit.ViTConfig(**VIT, registers=2)).eval(), picture()
    found = tokens.look(model, image)
    resid, key, pattern = recorded(
        model, image, "blocks.1.resid_post", "blocks.1.attn.key", "blocks.1.attn.pattern"
    )
    assert [(one.stage, one.block, one.grid, one.joined) for one in found.levels] == [
        (0, 0, (4, 4), 1), (0, 1, (4, 4), 1),
    ]  # fmt: skip
    level = found.levels[1]
    np.testing.assert_array_equal(level.tokens, resid[0, 3:].numpy())
    np.testing.assert_array_equal(level.keys[:, 4:8], key[0, 1, 3:].numpy())
    assert found.reads == "class token"
    np.testing.assert_array_equal(found.masses[1].heads, pattern[0, :, 0, 3:].double().numpy())
    assert not level.tokens.flags.writeable
    assert not found.masses[0].heads.flags.writeable


def test_without_a_class_token_all_places_together_say_what_they_take():
    cfg = vit.ViTConfig(**VIT, class_token=False, pool="average")
    model, image = vit.ViT(cfg).eval(), picture()
    found = tokens.look(model, image)
    (pattern,) = recorded(model, image, "blocks.0.attn.pattern")
    assert found.reads == "mean of all tokens"
    np.testing.assert_allclose(found.masses[0].heads, pattern[0].mean(dim=1), atol=1e-6)


def test_of_a_masked_autoencoder_only_the_encoder_runs_and_sees_all_patches():
    cfg = mae.MAEConfig(
        image_size=16, patch_size=4, width=12, depth=2, heads=3,
        decoder_width=8, decoder_depth=1, decoder_heads=2,
    )  # fmt: skip
    model, image = mae.MAE(cfg).eval(), picture()
    found = tokens.look(model, image)
    with torch.inference_mode(), record(model, "blocks.1.resid_post") as trace:
        model(torch.from_numpy(image), torch.zeros(1, 16, dtype=torch.bool))
    assert len(found.levels) == 2
    np.testing.assert_array_equal(found.levels[1].tokens, trace["blocks.1.resid_post"][0, 1:])


def test_keys_of_windows_are_back_at_their_places():
    cfg = swin.SwinConfig(
        image_size=32, patch_size=2, window=4, width=8, depths=(2, 2), heads=(2, 4), classes=5
    )
    model, image = swin.Swin(cfg).eval(), picture(32)
    found = tokens.look(model, image)
    shifted = swin_probe.layouts(model, 32, 32)[0][1]
    assert shifted.shift > 0
    resid, key = recorded(
        model, image, "layers.0.blocks.1.resid_post", "layers.0.blocks.1.attn.key"
    )
    level = found.levels[1]
    assert (level.stage, level.block, level.grid) == (0, 1, (16, 16))
    np.testing.assert_array_equal(level.tokens, resid[0].flatten(0, 1).numpy())
    for place, (window, inside) in enumerate(windows.places(shifted)):
        np.testing.assert_array_equal(level.keys[place, 4:], key[0, window, 1, inside].numpy())
    assert found.reads == "window rollout"
    assert [(one.level, one.grid) for one in found.masses] == [(-1, (16, 16))]
    assert found.masses[0].heads.sum() == pytest.approx(1)


@pytest.mark.parametrize("pooled", [True, False])
def test_a_compact_network_says_what_its_head_reads(pooled):
    model = compact.Compact(CompactConfig(**COMPACT, seq_pool=pooled)).eval()
    found = tokens.look(model, picture())
    assert [one.grid for one in found.levels] == [(4, 4), (4, 4)]
    assert found.reads == ("sequence pooling" if pooled else "class token")
    assert [one.heads.shape for one in found.masses] == ([(1, 16)] if pooled else [(2, 16)] * 2)
    if pooled:
        assert found.masses[0].heads.sum() == pytest.approx(1, abs=1e-6)


CONV = dict(image_size=16, width=4, depths=(1, 2), classes=5)
CONVOLUTIONAL = {
    "stages.1.blocks.1.resid_post": lambda: convnext.ConvNeXt(
        convnext.ConvNeXtConfig(**CONV, patch_size=2)
    ),
    "layer2.1.resid_post": lambda: resnet.ResNet(
        resnet.ResNetConfig(**CONV, stem_kernel=3, stem_stride=2, stem_pool=False)
    ),
}


@pytest.mark.parametrize("tap", CONVOLUTIONAL)
def test_a_convolutional_network_has_maps_without_keys_or_shares(tap):
    model, image = CONVOLUTIONAL[tap]().eval(), picture()
    found = tokens.look(model, image)
    assert [(one.stage, one.block, one.grid) for one in found.levels] == [
        (0, 0, (8, 8)), (1, 0, (4, 4)), (1, 1, (4, 4)),
    ]  # fmt: skip
    (resid,) = recorded(model, image, tap)
    np.testing.assert_array_equal(found.levels[2].tokens, resid[0].flatten(1).mT.numpy())
    assert all(one.keys is None for one in found.levels)
    assert (found.masses, found.reads) == ((), "")


def test_a_large_map_is_joined_into_means():
    model, image = vit.ViT(vit.ViTConfig(**VIT)).eval(), picture()
    found = tokens.look(model, image, largest=4)
    level = found.levels[0]
    (resid,) = recorded(model, image, "blocks.0.resid_post")
    assert (level.grid, level.joined) == ((2, 2), 2)
    mean = resid[0, 1:].reshape(4, 4, -1)[:2, :2].mean(dim=(0, 1))
    np.testing.assert_allclose(level.tokens[0], mean, atol=1e-6)
    assert level.keys.shape == (4, 12)
    assert (found.masses[0].grid, found.masses[0].heads.shape) == ((2, 2), (3, 4))


def test_a_network_without_blocks_is_refused():
    with pytest.raises(KeyError, match="no blocks"):
        tokens.look(nn.Linear(2, 2), picture())


def test_logits_do_not_depend_on_the_batch_and_say_how_far_they_are():
    model, images, told = vit.ViT(vit.ViTConfig(**VIT)).eval(), picture(count=5), []
    found = tokens.logits(model, images, 2, lambda *done: told.append(done))
    assert told == [(0, 5), (2, 5), (4, 5)]
    with torch.inference_mode():
        np.testing.assert_allclose(found, model(torch.from_numpy(images)), atol=1e-6)
    with pytest.raises(ValueError, match="0 pictures"):
        tokens.logits(model, images[:0])
