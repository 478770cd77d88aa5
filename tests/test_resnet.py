"""Our ResNet against timm's in float64: at rest, while training, and inside."""

from dataclasses import replace

import pytest
import safetensors.torch
import torch
from torch import nn

from models import weights
from models.catalog import CATALOG, build
from models.resnet import ResNet, ResNetConfig
from models.tap import matching, record, taps
from tests.parity import TOLERANCE, shaken, theirs_for, timm

pytestmark = pytest.mark.usefixtures("one_thread")

reference = timm.models.resnet
SMALL = ResNetConfig(
    image_size=56, stem_kernel=3, stem_stride=2, stem_pool=False, width=4, depths=(2, 1, 2),
    classes=5,
)  # fmt: skip
FOUR = ResNetConfig(width=64, depths=(1, 2, 1, 1), classes=7)


def noise(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def shaken_too(model):
    """Running averages leave their start as well: a mean of 0 and a variance of 1 hide much."""
    generator = torch.Generator().manual_seed(3)
    for module in shaken(model).modules():
        if isinstance(module, nn.BatchNorm2d):
            size = module.running_mean.shape
            module.running_mean.add_(0.1 * torch.randn(size, generator=generator))
            module.running_var.mul_(0.5 + torch.rand(size, generator=generator))
    return model


def twins(cfg, theirs):
    """Their network and ours in float64 with the same shaken weights and averages."""
    theirs = shaken_too(theirs.double().eval())
    ours = ResNet(cfg).double().eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return ours, theirs


@pytest.mark.parametrize(("name", "size"), [("resnet50", 160), ("resnet26", 224)])
def test_output_equals_timm(name, size):
    ours, theirs = twins(CATALOG[name].config, theirs_for(name))
    image = noise(1, 3, size, size)
    with torch.inference_mode():
        found, expected = ours(image), theirs(image)
    assert expected.std() > 0.01
    torch.testing.assert_close(found, expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("size", [(64, 64), (33, 50), (97, 41)], ids=str)
def test_any_input_size_equals_timm(size):
    ours, theirs = twins(FOUR, reference.ResNet(reference.Bottleneck, FOUR.depths, 7))
    image = noise(2, 3, *size)
    with torch.inference_mode():
        torch.testing.assert_close(ours(image), theirs(image), rtol=0, atol=TOLERANCE)


def test_a_step_of_training_equals_timm_in_output_gradients_and_averages():
    ours, theirs = twins(FOUR, reference.ResNet(reference.Bottleneck, FOUR.depths, 7))
    ours.train(), theirs.train()
    image = noise(4, 3, 64, 64)
    found, expected = ours(image), theirs(image)
    torch.testing.assert_close(found, expected, rtol=0, atol=TOLERANCE)
    assert (expected - theirs.eval()(image)).abs().max() > 0.01, "batch statistics were not used"
    theirs.train()
    found.square().sum().backward(), expected.square().sum().backward()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-9, atol=1e-9)
    for name, value in theirs.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value, rtol=0, atol=TOLERANCE)
    assert ours.state_dict()["bn1.num_batches_tracked"] == 1


def test_taps_hold_what_timm_computes_inside():
    ours, theirs = twins(FOUR, reference.ResNet(reference.Bottleneck, FOUR.depths, 7))
    seen = {}
    for name, module in theirs.named_modules():
        # A copy: timm's ReLU writes over what it is given.
        module.register_forward_hook(
            lambda _m, _a, out, name=name: seen.update({name: out.clone()})
        )
    with torch.inference_mode(), record(ours, "*") as trace:
        ours(noise(1, 3, 64, 64))
        theirs(noise(1, 3, 64, 64))
    pairs = {
        "stem": "conv1", "stem_normed": "bn1", "stem_active": "act1", "embedded": "maxpool",
        "layer1.output": "layer1", "layer4.output": "layer4", "pooled": "global_pool",
    }  # fmt: skip
    inside = {
        "reduced": "conv1", "reduced_normed": "bn1", "reduced_active": "act1",
        "spatial": "conv2", "spatial_normed": "bn2", "spatial_active": "act2",
        "expanded": "conv3", "branch": "bn3", "resid_post": "act3", "shortcut": "downsample",
    }  # fmt: skip
    pairs |= {f"layer2.0.{tap}": f"layer2.0.{module}" for tap, module in inside.items()}
    for tap, module in pairs.items():
        torch.testing.assert_close(trace[tap], seen[module], rtol=0, atol=TOLERANCE)


def test_what_was_recorded_is_not_written_over():
    model = shaken_too(ResNet(SMALL)).eval()
    with torch.inference_mode(), record(model, "*.summed", "*.resid_post") as trace:
        model(torch.randn(1, 3, 56, 56))
    summed, after = trace["layer1.0.summed"], trace["layer1.0.resid_post"]
    assert summed.min() < 0
    assert torch.equal(after, summed.clamp(min=0))


def test_a_fresh_block_hands_on_what_it_gets():
    # The last norm of a branch starts at zero: a deep network begins as a shallow one.
    model = ResNet(SMALL).eval()
    with torch.inference_mode(), record(model, "layer1.*") as trace:
        model(torch.randn(1, 3, 56, 56))
    assert trace["layer1.1.branch"].abs().max() == 0
    assert torch.equal(trace["layer1.1.resid_post"], trace["layer1.0.resid_post"])


def test_a_batch_mate_is_seen_in_training_only():
    model, images = shaken_too(ResNet(SMALL).double()), noise(4, 3, 56, 56)
    other = torch.cat([images[:1], 3 * images[1:]])
    model.eval()
    with torch.no_grad():
        torch.testing.assert_close(model(images)[0], model(other)[0], rtol=0, atol=1e-12)
        model.train()
        assert (model(images)[0] - model(other)[0]).abs().max() > 1e-3


def test_a_file_with_counts_of_batches_loads_and_gives_the_same_logits(monkeypatch):
    options = dict(width=4, depths=(1, 1), image_size=56, classes=1000)
    entry = replace(CATALOG["resnet26"], name="small", options=options)
    monkeypatch.setitem(CATALOG, "small", entry)
    model, image = shaken_too(build(entry)).train(), torch.randn(2, 3, 56, 56)
    model(image)
    found = weights.load_file("small", safetensors.torch.save(model.state_dict()))
    assert found.bn1.num_batches_tracked.item() == 1
    assert not found.training
    assert torch.equal(found(image), model.eval()(image))


# --- The network as a whole


def test_every_view_names_real_taps():
    model = ResNet(SMALL)
    counts = {view: len(matching(model, pattern)) for view, pattern in ResNet.views.items()}
    assert counts == {"feature maps": 3, "block maps": 5}


def test_recording_everything_leaves_the_logits_bit_equal():
    model, image = ResNet(SMALL).eval(), torch.randn(2, 3, 56, 56)
    with torch.inference_mode():
        plain = model(image)
        with record(model, "*") as trace:
            watched = model(image)
    assert torch.equal(plain, watched)
    assert trace.tensors.keys() == taps(model).keys()


@pytest.mark.parametrize(
    "cfg", [SMALL, replace(SMALL, stem_stride=1), replace(FOUR, image_size=75)], ids=str
)
def test_maps_have_the_sizes_that_the_config_tells(cfg):
    side = cfg.image_size
    with torch.device("meta"):
        model, image = ResNet(cfg), torch.empty(1, 3, side, side)
    with record(model, "layer*.output") as trace:
        model(image)
    found = [tuple(x.shape[1:]) for x in trace.tensors.values()]
    assert found == [(cfg.width_of(i), cfg.side_of(i), cfg.side_of(i)) for i in range(len(found))]


def test_parts_run_one_after_the_other_are_the_whole_model():
    model, image = shaken_too(ResNet(SMALL)).eval(), torch.randn(1, 3, 56, 56)
    assert torch.equal(model(image), model.classify(model.embed(image)))


def test_all_weights_learn():
    model = shaken_too(ResNet(SMALL)).train()
    model(torch.randn(4, 3, 56, 56)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"stem_kernel": 4}, "odd side, got 4"),
        ({"depths": ()}, "at least 1"),
        ({"stem_stride": 0}, "at least 1"),
    ],
)
def test_impossible_configs_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        replace(SMALL, **wrong)
