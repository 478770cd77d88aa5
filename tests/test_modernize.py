"""The road: its ends are the two networks, its steps cost what the paper's table says."""

from dataclasses import asdict, fields, replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from models.convnext import ConvNeXt, ConvNeXtConfig
from models.modernize import ModernConfig, ModernNet, from_convnext, from_resnet
from models.resnet import ResNet, ResNetConfig
from models.road import ROAD, as_step, at_small_scale
from models.tap import matching, record, taps
from tests.parity import shaken, timm
from tests.test_resnet import shaken_too
from viz_core import conv_macs

pytestmark = pytest.mark.usefixtures("one_thread")

NAMES = list(ROAD)
SMALL_RESNET = ResNetConfig(
    image_size=56, stem_kernel=3, stem_stride=2, stem_pool=False, width=4, depths=(2, 1, 2),
    classes=5,
)  # fmt: skip
SMALL_CONVNEXT = ConvNeXtConfig(
    image_size=56, patch_size=2, width=8, depths=(1, 2, 1), layer_scale=0.5, classes=5,
    conv_mlp=True,
)  # fmt: skip
# Tiny networks of every step, to run.
TINY = {
    name: replace(at_small_scale(step.config, width=8, classes=5), depths=(2, 1, 2))
    for name, step in ROAD.items()
}


def counted(cfg):
    """Multiply-adds and weights of a step that PyTorch counts."""
    with torch.device("meta"):
        model, image = ModernNet(cfg).eval(), torch.empty(1, 3, cfg.image_size, cfg.image_size)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(image)
    return counter.get_total_flops() / 2, sum(p.numel() for p in model.parameters())


# --- The ends of the road


def same_bits(ours, theirs, renamed, *shape):
    ours.load_state_dict(renamed(theirs.state_dict()), strict=True)
    image = torch.randn(*shape, generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        expected = theirs.eval()(image)
        assert expected.std() > 0.01
        assert torch.equal(ours.eval()(image), expected)


@pytest.mark.parametrize("cfg", [SMALL_RESNET, ResNetConfig(width=8, depths=(1, 1, 2, 1))], ids=str)
def test_the_first_step_is_our_resnet_bit_for_bit(cfg):
    theirs, side = shaken_too(ResNet(cfg)), 56
    same_bits(ModernNet(as_step(cfg)), theirs, from_resnet, 2, 3, side, side)


def test_the_first_step_learns_as_our_resnet_does():
    theirs = shaken_too(ResNet(SMALL_RESNET)).train()
    ours = ModernNet(as_step(SMALL_RESNET)).train()
    ours.load_state_dict(from_resnet(theirs.state_dict()))
    image = torch.randn(4, 3, 56, 56)
    assert torch.equal(ours(image), theirs(image))
    after = from_resnet(theirs.state_dict())
    assert all(torch.equal(value, after[name]) for name, value in ours.state_dict().items())


@pytest.mark.parametrize(
    "cfg", [SMALL_CONVNEXT, replace(SMALL_CONVNEXT, patch_size=4, depths=(1, 1, 2, 1))], ids=str
)
def test_the_last_step_is_our_convnext_bit_for_bit(cfg):
    theirs = shaken(ConvNeXt(cfg))
    same_bits(ModernNet(as_step(cfg)), theirs, from_convnext, 2, 3, 64, 64)


def test_the_last_step_is_timms_convnext_tiny_with_fewer_blocks():
    depths = (1, 1, 2, 1)  # whole, it takes seconds; the configs are compared below
    theirs = shaken(timm.create_model("convnext_tiny", depths=depths).double().eval())
    with torch.device("meta"):
        ours = ModernNet(replace(ROAD["convnext_tiny"].config, depths=depths)).eval()
    ours.load_state_dict(from_convnext(theirs.state_dict()), strict=True, assign=True)
    image = torch.randn(1, 3, 96, 96, dtype=torch.float64)
    with torch.inference_mode():
        torch.testing.assert_close(ours(image), theirs(image), rtol=0, atol=1e-10)


def test_the_ends_are_the_configs_of_the_two_networks():
    assert ROAD["resnet50"].config == as_step(ResNetConfig())
    assert ROAD["convnext_tiny"].config == as_step(ConvNeXtConfig())


# --- The paper's numbers


@pytest.mark.parametrize("name", NAMES)
def test_multiply_adds_are_the_papers_within_rounding(name):
    macs, _ = counted(ROAD[name].config)
    # The two that differ say why in their remark.
    expected = {"layer_norm": 4.15, "convnext_tiny": 4.46}.get(name, ROAD[name].gflops)
    assert round(macs / 1e9, 2) == expected
    assert bool(ROAD[name].remark) == (expected != ROAD[name].gflops)


def test_weights_are_the_papers_within_rounding():
    assert round(counted(ROAD["resnet50"].config)[1] / 1e6, 1) == 25.6
    assert round(counted(ROAD["convnext_tiny"].config)[1] / 1e6, 1) == 28.6


def test_accuracies_are_table_10():
    table = {name: step.top1 for name, step in ROAD.items()}
    assert list(table.values()) == [
        76.13, 78.82, 79.36, 79.51, 78.28, 80.50, 80.64, 79.92, 80.35, 80.57, 80.57, 80.47,
        80.62, 81.27, 81.41, 81.47, 81.97,
    ]  # fmt: skip
    assert [step.name for step in ROAD.values() if step.deviation is None] == ["resnet50"]
    # Figure 2 prints one digit: what its text says of the steps that are kept.
    kept = [f"{step.top1:.1f}" for step in ROAD.values() if step.kept]
    assert kept == [
        "76.1", "78.8", "79.4", "79.5", "78.3", "80.5", "80.6", "79.9", "80.6", "80.6", "81.3",
        "81.4", "81.5", "82.0",
    ]  # fmt: skip


def test_each_step_changes_one_idea_of_the_last_that_was_kept():
    changed, before = {}, ROAD["resnet50"].config
    for name, step in ROAD.items():
        new, old = asdict(step.config), asdict(before)
        changed[name] = {field for field in new if new[field] != old[field]}
        before = step.config if step.kept else before
    assert changed == {
        "resnet50": set(),
        "recipe": {"layer_scale"},
        "stage_ratio": {"depths"},
        "patchify": {"stem_kernel", "stem_stride", "stem_pool"},
        "depthwise": {"depthwise"},
        "width": {"width"},
        "inverted": {"order"},
        "moved_up": {"order"},
        "kernel_5": {"kernel"},
        "kernel_7": {"kernel"},
        "kernel_9": {"kernel"},
        "kernel_11": {"kernel"},
        "gelu": {"activation"},
        "one_activation": {"one_activation"},
        "one_norm": {"one_norm"},
        "layer_norm": {"norm"},
        "convnext_tiny": {"separate_downsampling"},
    }


# --- Every step runs


@pytest.mark.parametrize("name", NAMES)
def test_each_step_runs_small_and_all_its_weights_learn(name):
    torch.manual_seed(0)
    model = shaken(ModernNet(replace(TINY[name], layer_scale=None))).train()
    with record(model, "*") as trace:
        logits = model(torch.randn(4, 3, 56, 56))
    assert logits.shape == (4, 5)
    assert trace.tensors.keys() == taps(model).keys()
    sides = [x.shape[-1] for name, x in trace.tensors.items() if name.endswith(".output")]
    assert sides == [28, 14, 7]
    logits.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_norms_and_activations_are_as_few_as_the_step_says():
    def parts(name, kind):
        block = ModernNet(TINY[name]).stages[0].blocks[1]
        return [n for n, m in block.named_modules() if isinstance(m, kind)]

    norms = (nn.BatchNorm2d, nn.LayerNorm)
    assert len(parts("gelu", nn.GELU)) == len(parts("gelu", norms)) == 3
    assert parts("one_activation", nn.GELU) == ["layers.1.act"]
    assert parts("one_norm", norms) == ["layers.0.norm"]
    assert parts("layer_norm", nn.BatchNorm2d) == []


def test_what_is_followed_by_a_batch_norm_has_no_bias():
    for name, cfg in TINY.items():
        if cfg.norm == "batch":
            for module in ModernNet(cfg).modules():
                if isinstance(getattr(module, "conv", None), nn.Conv2d):
                    normed = isinstance(module.norm, nn.BatchNorm2d)
                    assert (module.conv.bias is None) == normed, name


def test_small_scale_keeps_the_ratio_of_the_blocks_and_of_the_widths():
    first, last = (at_small_scale(ROAD[name].config) for name in ("resnet50", "convnext_tiny"))
    assert (first.depths, last.depths) == ((2, 3, 4), (2, 2, 6))
    assert (first.width, last.width) == (32, 48)
    assert (first.patch_size, last.patch_size) == (2, 2)
    assert (first.patches, last.patches) == (False, True)


def test_every_view_names_real_taps():
    model = ModernNet(TINY["convnext_tiny"])
    counts = {view: len(matching(model, pattern)) for view, pattern in ModernNet.views.items()}
    assert counts == {"feature maps": 3, "block maps": 5}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kernel": 4}, "odd side"),
        ({"stem_kernel": 4}, "odd side"),
        ({"depths": (1, 0)}, "at least 1"),
        ({"depths": ()}, "at least 1"),
        ({"width": 0}, "at least 1"),
    ],
)
def test_impossible_configs_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        replace(ModernConfig(), **wrong)


# --- The formulas of viz_core.conv_macs


def shape_of(cfg, **others):
    return conv_macs.ConvShape(**asdict(cfg), **others)


def test_the_shape_has_the_fields_of_the_config_and_their_defaults():
    ours = {field.name: field.default for field in fields(conv_macs.ConvShape)}
    assert ours.pop("grn") is False
    assert ours == {field.name: field.default for field in fields(ModernConfig)}


@given(
    cfg=st.builds(
        ModernConfig,
        image_size=st.integers(33, 70),
        depths=st.lists(st.integers(1, 2), min_size=1, max_size=4).map(tuple),
        width=st.sampled_from([4, 6]),
        stem_pool=st.booleans(),
        order=st.sampled_from(["bottleneck", "inverted", "spatial first"]),
        depthwise=st.booleans(),
        kernel=st.sampled_from([1, 3, 7]),
        one_activation=st.booleans(),
        one_norm=st.booleans(),
        norm=st.sampled_from(["batch", "layer"]),
        separate_downsampling=st.booleans(),
        layer_scale=st.sampled_from([None, 1e-6]),
        classes=st.sampled_from([0, 5]),
    ),
    stem=st.sampled_from([(7, 2), (3, 1), (3, 2), (2, 2), (4, 4)]),
)
@settings(max_examples=15, deadline=None)
def test_formulas_count_what_pytorch_counts(cfg, stem):
    cfg = replace(cfg, stem_kernel=stem[0], stem_stride=stem[1])
    try:
        shape = shape_of(cfg)
    except ValueError:
        return  # nothing is left for the last stage
    with torch.device("meta"):
        model, image = ModernNet(cfg).eval(), torch.empty(1, 3, cfg.image_size, cfg.image_size)
    with FlopCounterMode(display=False) as counter, record(model, "stages.*.output") as trace:
        model(image)
    assert 2 * conv_macs.total(shape) == counter.get_total_flops()
    assert conv_macs.parameters(shape) == sum(p.numel() for p in model.parameters())
    stages = conv_macs.stages(shape)
    for stage, x in zip(stages, trace.tensors.values(), strict=True):
        assert (stage.width, stage.side, stage.side) == x.shape[1:]
    for stage, module in zip(stages, model.stages, strict=True):
        assert stage.parameters == sum(p.numel() for p in module.parameters())
        for block, part in zip(stage.blocks, module.blocks, strict=True):
            assert block.parameters == sum(p.numel() for p in part.parameters())
            assert [layer.norm != "" for layer in block.layers] == [
                not isinstance(layer.norm, nn.Identity) for layer in part.layers
            ]


@pytest.mark.parametrize("cfg", [SMALL_CONVNEXT, replace(SMALL_CONVNEXT, grn=True)], ids=str)
def test_formulas_hold_for_convnext_in_both_versions(cfg):
    with torch.device("meta"):
        model = ConvNeXt(cfg).eval()
        image = torch.empty(1, 3, cfg.image_size, cfg.image_size)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(image)
    shape = shape_of(as_step(cfg), grn=cfg.grn)
    assert 2 * conv_macs.total(shape) == counter.get_total_flops()
    assert conv_macs.parameters(shape) == sum(p.numel() for p in model.parameters())


def test_a_bottleneck_by_hand():
    shape = conv_macs.ConvShape(image_size=32, depths=(1,), width=2, classes=3)
    assert conv_macs.stem(shape).macs == 16**2 * 49 * 3 * 2
    (stage,) = conv_macs.stages(shape)
    (block,) = stage.blocks
    assert (stage.side, stage.width) == (8, 8)
    assert [layer.macs for layer in block.layers] == [64 * 2 * 2, 64 * 9 * 2 * 2, 64 * 2 * 8]
    assert block.shortcut.macs == 64 * 2 * 8
    assert [layer.parameters for layer in block.layers] == [4 + 4, 36 + 4, 16 + 16]
    assert conv_macs.parameters(shape) == (294 + 4) + (8 + 40 + 32 + 32) + 9 * 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"depths": ()}, "at least 1"),
        ({"width": 0}, "at least 1"),
        (
            {"image_size": 4, "stem_kernel": 2, "stem_stride": 2, "separate_downsampling": True},
            "leave nothing",
        ),
    ],
)
def test_what_is_no_network_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        conv_macs.ConvShape(**wrong)
