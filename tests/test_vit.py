"""Our ViT against timm's, in float64, for every ViT of the catalog and for the options beyond."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from models.catalog import CATALOG
from models.tap import matching, record, taps
from models.vit import ViT, ViTConfig, resample_positions
from tests.parity import TOLERANCE, distance, shaken, theirs_for, timm_vit

VITS = [name for name, entry in CATALOG.items() if entry.architecture == "vit"]
SMALL = ViTConfig(image_size=32, patch_size=4, width=48, depth=3, heads=3, classes=7)


@pytest.mark.parametrize("name", VITS)
def test_output_equals_timm_at_native_size(name):
    cfg = CATALOG[name].config
    side = cfg.image_size
    assert distance(cfg, theirs_for(name), 1, 3, side, side) <= TOLERANCE


@pytest.mark.parametrize("name", VITS)
def test_output_equals_timm_at_another_size(name):
    cfg = replace(CATALOG[name].config, depth=1)
    theirs = theirs_for(name, depth=1, dynamic_img_size=True)
    rows, columns = 9, 5
    shape = (1, 3, rows * cfg.patch_size, columns * cfg.patch_size)
    assert distance(cfg, theirs, *shape) <= TOLERANCE


@pytest.mark.parametrize("name", [n for n in VITS if CATALOG[n].config.grid == 14])
def test_grid_of_equally_many_patches_is_resampled_as_in_timm(name):
    cfg = replace(CATALOG[name].config, depth=1)
    theirs = theirs_for(name, depth=1, dynamic_img_size=True)
    shape = (1, 3, 7 * cfg.patch_size, 28 * cfg.patch_size)
    assert distance(cfg, theirs, *shape) <= TOLERANCE


def test_dinov2_at_the_size_of_the_catalog_equals_timm():
    entry = CATALOG["vit_small_patch14_reg4_dinov2"]
    theirs = theirs_for(entry.name, dynamic_img_size=True)
    side = entry.preprocessing.size
    assert side != entry.config.image_size
    assert distance(entry.config, theirs, 1, 3, side, side) <= TOLERANCE


@pytest.mark.parametrize(
    "options",
    [
        {"pool": "average"},
        {"pool": "average", "class_token": False},
        {"pool": "average", "registers": 3},
        {"pool": "average", "registers": 2, "position_on_prefix": False},
        {"pool": "average", "class_token": False, "registers": 2},
        {"registers": 4},
        {"registers": 4, "position_on_prefix": False, "layer_scale": True},
        {"layer_scale": True},
        {"mlp_ratio": 2.5},
        {"classes": 0, "pool": "average"},
    ],
    ids=lambda options: " ".join(f"{k}={v}" for k, v in options.items()),
)
@pytest.mark.parametrize("size", [(32, 32), (16, 64), (40, 24)], ids=str)
def test_options_equal_timm(options, size):
    cfg = replace(SMALL, **options)
    assert distance(cfg, timm_vit(cfg, dynamic_img_size=True), 2, 3, *size) <= TOLERANCE


def test_representation_layer_is_linear_then_tanh_before_the_head():
    # timm no longer has it, so its trunk is continued by hand.
    cfg = replace(SMALL, representation=20)
    ours = shaken(ViT(cfg).double().eval())
    trunk = timm_vit(replace(SMALL, classes=0)).double().eval()
    weights = ours.state_dict()
    trunk.load_state_dict({k: v for k, v in weights.items() if k in trunk.state_dict()})
    image = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    with torch.inference_mode():
        hidden = torch.tanh(
            nn.functional.linear(
                trunk(image), weights["pre_logits.fc.weight"], weights["pre_logits.fc.bias"]
            )
        )
        expected = nn.functional.linear(hidden, weights["head.weight"], weights["head.bias"])
        found = ours(image)
    assert hidden.shape == (2, 20)
    torch.testing.assert_close(found, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("registers", [0, 4])
def test_taps_hold_what_timm_computes_inside(registers):
    cfg = replace(SMALL, registers=registers)
    theirs = shaken(timm_vit(cfg).double().eval())
    ours = ViT(cfg).double().eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    seen, image = {}, torch.randn(2, 3, 32, 32, dtype=torch.float64)
    for i, block in enumerate(theirs.blocks):
        block.attn.fused_attn = False
        block.attn.attn_drop.register_forward_hook(
            lambda _module, _args, out, i=i: seen.update({f"blocks.{i}.attn.pattern": out})
        )
        block.register_forward_hook(
            lambda _module, _args, out, i=i: seen.update({f"blocks.{i}.resid_post": out})
        )
    with torch.inference_mode(), record(ours, *ViT.views.values()) as trace:
        ours(image)
        theirs(image)
    assert trace.tensors.keys() == seen.keys()
    assert len(seen) == 2 * cfg.depth
    for name, expected in seen.items():
        torch.testing.assert_close(trace[name], expected, rtol=0, atol=TOLERANCE)


def test_every_view_names_real_taps():
    model = ViT(SMALL)
    for pattern in ViT.views.values():
        assert len(matching(model, pattern)) == SMALL.depth


def test_recording_everything_leaves_the_logits_bit_equal():
    model = ViT(SMALL).eval()
    image = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        plain = model(image)
        with record(model, "*") as trace:
            watched = model(image)
    assert torch.equal(plain, watched)
    assert trace.tensors.keys() == taps(model).keys()


def test_patterns_are_distributions():
    model = shaken(ViT(SMALL)).eval()
    with torch.inference_mode(), record(model, "blocks.*.attn.pattern") as trace:
        model(torch.randn(1, 3, 32, 32))
    for pattern in trace.tensors.values():
        assert pattern.min() >= 0
        torch.testing.assert_close(pattern.sum(-1), torch.ones(1, 3, 65))


def test_embedding_then_classifying_is_the_whole_model():
    model = ViT(SMALL).eval()
    image = torch.randn(1, 3, 32, 32)
    assert torch.equal(model(image), model.classify(model.embed(image)))


def test_resampled_positions_are_untouched_on_their_own_grid():
    table = torch.randn(1, 12, 5)
    assert resample_positions(table, (3, 4), (3, 4)) is table
    assert resample_positions(table, (3, 4), (4, 3)).shape == table.shape
    assert not torch.equal(resample_positions(table, (3, 4), (4, 3)), table)


def test_constant_positions_stay_constant_when_resampled():
    table = torch.tensor([[[2.0, -3.0]]]).expand(1, 16, 2)
    moved = resample_positions(table, (4, 4), (7, 3))
    torch.testing.assert_close(moved, table[:, :1].expand(1, 21, 2))


@pytest.mark.parametrize("size", [(30, 32), (32, 33)])
def test_images_that_do_not_divide_into_patches_are_refused(size):
    with pytest.raises(ValueError, match="4 x 4 pixel patches"):
        ViT(SMALL)(torch.zeros(1, 3, *size))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"image_size": 33}, "multiple"),
        ({"heads": 5}, "heads"),
        ({"class_token": False}, "class token"),
    ],
)
def test_impossible_configs_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        replace(SMALL, **wrong)
