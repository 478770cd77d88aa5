"""Our ConvNeXt against timm's in float64, and the traps of layer scale, GRN and odd maps."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from models.catalog import CATALOG
from models.convnext import ChannelNorm, ConvNeXt, ConvNeXtConfig, GlobalResponseNorm, Pointwise
from models.published import renamed
from models.tap import matching, record, taps
from tests.parity import TOLERANCE, distance, shaken, theirs_for, timm

pytestmark = pytest.mark.usefixtures("one_thread")

reference = timm.models.convnext
ROOT = Path(__file__).parent.parent
PUBLISHED = {"convnext_atto": 224, "convnext_tiny": 128, "convnextv2_atto": 224}  # pixels
SMALL = ConvNeXtConfig(
    image_size=56, patch_size=2, width=8, depths=(1, 2, 1), layer_scale=0.5, classes=5
)
FOUR = ConvNeXtConfig(width=8, depths=(1, 1, 2, 1), classes=7)


def timm_convnext(cfg):
    """timm's network for any of our configs of four stages."""
    return reference.ConvNeXt(
        num_classes=cfg.classes,
        depths=cfg.depths,
        dims=[cfg.width_of(stage) for stage in range(4)],
        kernel_sizes=cfg.kernel,
        ls_init_value=cfg.layer_scale,
        patch_size=cfg.patch_size,
        conv_mlp=cfg.conv_mlp,
        use_grn=cfg.grn,
    )


def noise(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("name", "size"), PUBLISHED.items())
def test_output_equals_timm(name, size):
    cfg, theirs = CATALOG[name].config, theirs_for(name)
    assert distance(cfg, theirs, 1, 3, size, size, network=ConvNeXt) <= TOLERANCE


@pytest.mark.parametrize(
    "options",
    [
        {"conv_mlp": True},
        {"grn": True},
        {"grn": True, "conv_mlp": True, "layer_scale": None},
        {"kernel": 3},
        {"kernel": 11},
        {"classes": 0},
    ],
    ids=str,
)
def test_options_equal_timm(options):
    cfg = replace(FOUR, **options)
    assert distance(cfg, timm_convnext(cfg), 2, 3, 96, 96, network=ConvNeXt) <= TOLERANCE


@pytest.mark.parametrize("size", [(32, 32), (61, 47), (129, 64)], ids=str)
def test_any_input_size_equals_timm(size):
    assert distance(FOUR, timm_convnext(FOUR), 1, 3, *size, network=ConvNeXt) <= TOLERANCE


def test_small_patches_equal_timm_without_its_extra_halving():
    # With patches of 2 timm halves the map once more before the first stage; we do not.
    cfg = replace(FOUR, patch_size=2)
    theirs = timm_convnext(cfg)
    theirs.stages[0].downsample = nn.Identity()
    assert distance(cfg, theirs, 1, 3, 56, 56, network=ConvNeXt) <= TOLERANCE


def test_taps_hold_what_timm_computes_inside():
    cfg = replace(FOUR, grn=True)
    theirs = shaken(timm_convnext(cfg).double().eval())
    ours = ConvNeXt(cfg).double().eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    seen = {}
    for name, module in theirs.named_modules():
        module.register_forward_hook(lambda _m, _a, out, name=name: seen.update({name: out}))
    with torch.inference_mode(), record(ours, "*") as trace:
        ours(noise(1, 3, 64, 64))
        theirs(noise(1, 3, 64, 64))

    def same(tap, module, last=False):
        expected = seen[module].permute(0, 3, 1, 2) if last else seen[module]
        torch.testing.assert_close(trace[tap], expected, rtol=0, atol=TOLERANCE)

    same("embedded", "stem")
    for stage in range(4):
        at = f"stages.{stage}"
        same(f"{at}.output", at)
        if stage:
            same(f"{at}.downsampled", f"{at}.downsample")
        block = f"{at}.blocks.0"
        same(f"{block}.depthwise", f"{block}.conv_dw")
        same(f"{block}.resid_post", block)
        for tap, module in {
            "normed": "norm", "mlp.expanded": "mlp.fc1", "mlp.activated": "mlp.act",
            "mlp.responses": "mlp.grn", "mlp.projected": "mlp.fc2",
        }.items():  # fmt: skip
            same(f"{block}.{tap}", f"{block}.{module}", last=True)
    torch.testing.assert_close(trace["pooled"], seen["head.global_pool"][:, :, 0, 0])


def test_a_branch_is_what_layer_scale_leaves_of_the_projection():
    model = shaken(ConvNeXt(SMALL).double()).eval().requires_grad_(False)
    with record(model, "stages.1.blocks.*") as trace:
        model(noise(1, 3, 56, 56))
    block = model.stages[1].blocks[1]
    branch = trace["stages.1.blocks.1.branch"]
    scaled = trace["stages.1.blocks.1.mlp.projected"] * block.gamma[:, None, None]
    assert torch.equal(branch, scaled)
    assert torch.equal(
        trace["stages.1.blocks.1.resid_post"], trace["stages.1.blocks.0.resid_post"] + branch
    )


def test_a_fresh_network_hardly_leaves_its_shortcuts():
    # Layer scale starts at 1e-6: unshaken, nine wrong blocks would pass for right ones.
    model = ConvNeXt(replace(SMALL, layer_scale=1e-6)).eval()
    with torch.inference_mode(), record(model, "*.resid_post") as trace:
        model(torch.randn(1, 3, 56, 56))
    first, second = trace["stages.1.blocks.0.resid_post"], trace["stages.1.blocks.1.resid_post"]
    torch.testing.assert_close(first, second, rtol=0, atol=1e-4)


def test_a_hand_computed_normalised_response():
    # Two channels on a 1 x 2 map: strengths 5 and 0 over their mean 2.5, so 2 and 0.
    grn = GlobalResponseNorm(2).double()
    with torch.no_grad():
        grn.weight.copy_(torch.tensor([1.0, 1.0]))
        grn.bias.copy_(torch.tensor([0.0, 0.5]))
    x = torch.tensor([[[[3.0, 4.0]], [[0.0, 0.0]]]], dtype=torch.float64)
    expected = torch.tensor([[[[9.0, 12.0]], [[0.5, 0.5]]]], dtype=torch.float64)
    torch.testing.assert_close(grn(x), expected, rtol=0, atol=1e-5)


def test_strengths_of_responses_average_to_one():
    model = shaken(ConvNeXt(replace(SMALL, grn=True)).double()).eval()
    with torch.inference_mode(), record(model, "*.grn.strength") as trace:
        model(noise(2, 3, 56, 56))
    assert len(trace.tensors) == sum(SMALL.depths)
    for strength in trace.tensors.values():
        assert strength.min() >= 0
        ones = torch.ones(2, 1, 1, dtype=torch.float64)
        torch.testing.assert_close(strength.mean(dim=1), ones, rtol=0, atol=1e-3)


def test_each_place_is_normalised_by_itself():
    norm, x = ChannelNorm(6).double(), noise(2, 6, 3, 4)
    found = norm(x)
    alone = nn.functional.layer_norm(x[1, :, 2, 3], (6,), eps=1e-6)
    torch.testing.assert_close(found[1, :, 2, 3], alone, rtol=0, atol=1e-12)
    torch.testing.assert_close(found.mean(dim=1), torch.zeros(2, 3, 4, dtype=torch.float64))


def test_a_linear_layer_at_each_place_is_a_convolution_of_one_pixel():
    linear, conv = Pointwise(3, 5).double(), nn.Conv2d(3, 5, 1).double()
    with torch.no_grad():
        conv.weight.copy_(linear.weight[:, :, None, None])
        conv.bias.copy_(linear.bias)
    x = noise(2, 3, 4, 5)
    torch.testing.assert_close(linear(x), conv(x), rtol=0, atol=1e-12)


def test_a_depthwise_convolution_mixes_no_channels():
    conv = shaken(ConvNeXt(SMALL)).stages[0].blocks[0].conv_dw
    x = torch.randn(1, 8, 9, 9)
    other = x.clone()
    other[:, 3] += 1
    moved = (conv(x) - conv(other)).abs().amax(dim=(0, 2, 3))
    assert moved[3] > 0
    assert moved[torch.arange(8) != 3].max() == 0


@pytest.mark.parametrize("name", ["convnext_tiny", "convnextv2_tiny"])
def test_the_authors_files_are_renamed_as_in_timm(name):
    theirs = timm.create_model(name, depths=(1, 1, 2, 1), dims=(8, 16, 32, 64), num_classes=7)
    authors = {}
    for key, tensor in theirs.state_dict().items():
        key = key.replace("stem.", "downsample_layers.0.").replace("head.norm", "norm")
        key = key.replace("head.fc", "head").replace("conv_dw", "dwconv").replace(".blocks.", ".")
        parts = key.split(".")
        if "downsample" in parts:
            key = ".".join(["downsample_layers", parts[1], *parts[3:]])
        key = key.replace("mlp.fc", "pwconv")
        if "mlp.grn" in key:
            key = key.replace("mlp.grn.weight", "grn.gamma").replace("mlp.grn.bias", "grn.beta")
            tensor = tensor.view(1, 1, 1, -1)
        authors[key] = tensor
    found = renamed(authors, "convnext")
    expected = reference.checkpoint_filter_fn(dict(authors), theirs)
    assert found.keys() == expected.keys() == theirs.state_dict().keys()
    assert all(torch.equal(found[key], expected[key]) for key in found)
    assert renamed(found, "convnext").keys() == found.keys()


# --- The network as a whole


def test_every_view_names_real_taps():
    model = ConvNeXt(SMALL)
    counts = {view: len(matching(model, pattern)) for view, pattern in ConvNeXt.views.items()}
    assert counts == {"feature maps": 3, "block maps": 4, "depthwise maps": 4}


def test_recording_everything_leaves_the_logits_bit_equal():
    model = ConvNeXt(replace(SMALL, grn=True)).eval()
    image = torch.randn(2, 3, 56, 56)
    with torch.inference_mode():
        plain = model(image)
        with record(model, "*") as trace:
            watched = model(image)
    assert torch.equal(plain, watched)
    assert trace.tensors.keys() == taps(model).keys()


def test_maps_have_the_sizes_that_the_config_tells():
    with torch.inference_mode(), record(model := ConvNeXt(SMALL), "stages.*.output") as trace:
        model(torch.zeros(1, 3, 56, 56))
    found = [tuple(x.shape[1:]) for x in trace.tensors.values()]
    assert found == [(8, 28, 28), (16, 14, 14), (32, 7, 7)]
    assert found == [(SMALL.width_of(i), SMALL.side_of(i), SMALL.side_of(i)) for i in range(3)]


def test_parts_run_one_after_the_other_are_the_whole_model():
    model, image = ConvNeXt(SMALL).eval(), torch.randn(1, 3, 56, 56)
    assert torch.equal(model(image), model.classify(model.embed(image)))


def test_memory_layout_of_the_image_changes_nothing_but_the_last_digits():
    model, image = shaken(ConvNeXt(SMALL).double()).eval(), noise(2, 3, 56, 56)
    last = image.contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(model(image), model(last), rtol=0, atol=1e-11)


def test_all_weights_learn():
    model = shaken(ConvNeXt(replace(SMALL, grn=True)))
    model(torch.randn(2, 3, 56, 56)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kernel": 4}, "odd side, got 4"),
        ({"depths": (1, 0)}, "at least 1"),
        ({"depths": ()}, "at least 1"),
        ({"image_size": 7}, "7 pixels leave nothing to the last stage"),
    ],
)
def test_impossible_configs_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        replace(SMALL, **wrong)


def test_building_it_on_paper_imports_no_compiler():
    code = (
        "import sys, torch; from models.road import *; from models.convnext import *\n"
        "from models.resnet import *; from models.modernize import *\n"
        "with torch.device('meta'):\n"
        "    ConvNeXt(ConvNeXtConfig()), ResNet(ResNetConfig()), ModernNet(ModernConfig())\n"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
