"""What a watched forward pass tells: all weights, the flop counter's MACs, true shapes."""

import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from models.catalog import CATALOG, build
from models.convnext import ConvNeXt, ConvNeXtConfig
from models.modernize import ModernNet
from models.resnet import ResNet, ResNetConfig
from models.road import ROAD, at_small_scale
from viz_core import anatomy
from viz_core.probe import ledger, shapes

SMALL = dict(image_size=56, depths=(2, 2, 2), classes=32)


def road(key):
    return ModernNet(at_small_scale(ROAD[key].config, width=16))


NETWORKS = {
    "ResNet": lambda: ResNet(ResNetConfig(**SMALL, width=16)),
    "ConvNeXt": lambda: ConvNeXt(ConvNeXtConfig(**SMALL, patch_size=2, width=16)),
    "ConvNeXt V2": lambda: ConvNeXt(ConvNeXtConfig(**SMALL, patch_size=2, width=16, grn=True)),
    "Swin": lambda: build(CATALOG["swin_nano_patch2_window7_56"]),
    "ViT": lambda: build(CATALOG["vit_nano_patch4_56"]),
    **{key: lambda key=key: road(key) for key in ("resnet50", "inverted", "convnext_tiny")},
}


@pytest.fixture(params=NETWORKS)
def model(request):
    torch.manual_seed(0)
    return NETWORKS[request.param]().eval()


def test_macs_are_the_flop_counters(model):
    image = torch.randn(1, 3, 56, 56)
    ops = ledger.observe(model, image)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(image)
    assert 2 * sum(op.macs for op in ops) == counter.get_total_flops()


@pytest.mark.parametrize("name", ["ResNet", "ConvNeXt", "Swin", "inverted", "convnext_tiny"])
def test_every_weight_belongs_to_one_operation(name):
    model = NETWORKS[name]().eval()
    ops = ledger.observe(model, torch.randn(1, 3, 56, 56))
    assert sum(op.parameters for op in ops) == sum(p.numel() for p in model.parameters())
    parts = anatomy.parts(ops)
    assert sum(len(part.main) + len(part.shortcut) for part in parts) == len(ops)
    assert parts[0].name == "stem"
    assert parts[-1].name == "head"


@pytest.mark.parametrize("key", ["resnet50", "moved_up", "layer_norm", "convnext_tiny"])
def test_without_memory_the_same_operations_run_with_the_same_shapes(key):
    with torch.device("meta"):
        empty = road(key).eval()
    real = ledger.observe(road(key).eval(), torch.randn(1, 3, 56, 56))
    assert ledger.observe(empty, torch.empty(1, 3, 56, 56, device="meta")) == real


def test_watching_changes_no_number_and_leaves_nothing_behind(model):
    image = torch.randn(1, 3, 56, 56)
    with torch.inference_mode():
        before = model(image)
    seen = []
    ledger.observe(model, image, lambda op, entered, out: seen.append(out.shape))
    with torch.inference_mode():
        assert torch.equal(model(image), before)
    assert seen
    assert not any(module._forward_hooks for module in model.modules())


def test_labels_are_what_people_call_them():
    ops = ledger.observe(NETWORKS["Swin"]().eval(), torch.randn(1, 3, 56, 56))
    block = next(part for part in anatomy.parts(ops) if part.name == "stage 1, block 1")
    assert [op.label for op in block.main] == [
        "LN", "linear", "q · k", "position bias", "softmax", "a · v", "linear", "add",
        "LN", "linear", "GELU", "linear", "add",
    ]  # fmt: skip
    grn = ledger.observe(NETWORKS["ConvNeXt V2"]().eval(), torch.randn(1, 3, 56, 56))
    assert "GRN" in {op.label for op in grn}


CALLS = {
    "conv2d": (F.conv2d, lambda x: (x, torch.zeros(5, 4, 3, 3), None, 2, 1)),
    "max_pool2d": (F.max_pool2d, lambda x: (x, 3, 2, 1)),
    "linear": (F.linear, lambda x: (x, torch.zeros(7, 9))),
    "mean": (torch.mean, lambda x: (x, (2, 3))),
    "add": (torch.add, lambda x: (x, torch.zeros(4, 1, 1))),
}


@pytest.mark.parametrize("name", CALLS)
def test_shapes_are_torchs_own(name):
    function, arguments = CALLS[name]
    expected = function(*arguments(torch.zeros(2, 4, 11, 9))).shape
    empty = arguments(torch.zeros(2, 4, 11, 9, device="meta"))
    assert shapes.returned(name, empty, {}).shape == expected


def test_other_functions_and_real_tensors_are_left_to_torch():
    assert shapes.returned("sort", (torch.zeros(2, device="meta"),), {}) is None
    assert shapes.returned("relu", (torch.zeros(2),), {}) is None
    with pytest.raises((TypeError, ValueError)):
        shapes.pair(((), {"stride": (1, 2, 3)}), 3, "stride", 1)


def test_no_compiler_is_imported():
    code = (
        "import sys, torch\nfrom models.modernize import ModernNet\nfrom models.road import ROAD\n"
        "from viz_core.probe import ledger\n"
        "with torch.device('meta'): model = ModernNet(ROAD['resnet50'].config).eval()\n"
        "ledger.observe(model, torch.empty(1, 3, 224, 224, device='meta'))\n"
        "assert 'torch._dynamo' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
