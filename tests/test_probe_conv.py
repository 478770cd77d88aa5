"""Maps of every kind of network: where they are, and that drives are what channels add."""

import numpy as np
import pytest
import torch

from models.convnext import ConvNeXt, ConvNeXtConfig
from models.resnet import ResNet, ResNetConfig
from models.swin import Swin, SwinConfig
from models.tap import record
from models.vit import ViT, ViTConfig
from viz_core.probe import conv

SIDE = 32


def seeded(model):
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.data += 0.2 * torch.randn(parameter.shape, generator=generator)
    return model.eval().requires_grad_(False)


def convnext(**options):
    small = dict(image_size=SIDE, patch_size=2, width=8, depths=(1, 2), classes=5)
    return seeded(ConvNeXt(ConvNeXtConfig(**small | options)))


NETWORKS = {
    "convnext": convnext,
    "resnet": lambda: seeded(
        ResNet(ResNetConfig(image_size=SIDE, width=4, depths=(1, 2), classes=5))
    ),
    "swin": lambda: seeded(
        Swin(
            SwinConfig(
                image_size=SIDE, patch_size=2, width=8, depths=(1, 2), heads=(2, 2), window=4,
                classes=5,
            )
        )
    ),
    "vit": lambda: seeded(
        ViT(ViTConfig(image_size=SIDE, patch_size=4, width=12, depth=2, heads=2, classes=5))
    ),
}  # fmt: skip


@pytest.fixture
def image():
    return np.random.default_rng(0).normal(size=(1, 3, SIDE, SIDE)).astype(np.float32)


@pytest.mark.parametrize("name", NETWORKS)
def test_maps_are_those_of_the_taps_in_the_order_of_the_blocks(name, image):
    model = NETWORKS[name]()
    places = conv.places(model)
    assert places[0].stage == -1
    assert [(p.stage, p.block) for p in places] == sorted((p.stage, p.block) for p in places)
    assert {p.tap for p in places} >= {"output"}
    shapes = conv.sizes(model, SIDE, places)
    look = conv.look(model, image, places)
    summits = conv.summits(model, image, places)
    with torch.inference_mode(), record(model, *[p.name for p in places]) as trace:
        logits = model(torch.from_numpy(image))[0]
    np.testing.assert_allclose(look.logits, logits.numpy(), atol=1e-5)
    for place in places:
        maps = look.maps[place.name]
        assert maps.shape == shapes[place.name]
        assert not maps.flags.writeable
        assert trace[place.name].numel() - maps.size in (0, 12)  # the class token is left out
        flat = maps.reshape(-1, maps.shape[-1])
        found = summits[place.name]
        np.testing.assert_allclose(found.values, flat.max(axis=0), atol=1e-5)
        np.testing.assert_allclose(
            flat[found.places, np.arange(flat.shape[1])], found.values, atol=1e-5
        )


def test_taps_of_a_convnext_block_stand_in_the_order_of_computing():
    taps = [p.tap for p in conv.places(convnext(grn=True)) if (p.stage, p.block) == (1, 1)]
    assert taps == [
        "depthwise", "norm", "expand", "activation", "responses", "project", "output",
    ]  # fmt: skip


def test_drives_of_the_last_map_of_a_linear_reader_are_what_taking_it_away_takes(image):
    model = convnext()
    model.head.norm = torch.nn.Identity()  # now the head is linear in its input's mean
    (last,) = [p for p in conv.places(model) if (p.stage, p.block, p.tap) == (1, 1, "output")]
    look = conv.look(model, image, [last], count=2)
    assert look.classes == tuple(np.argsort(-look.logits)[:2])
    for channel in (0, 7):

        def without(x, channel=channel):
            x = x.clone()
            x[:, channel] = 0
            return x

        with torch.inference_mode(), record(model, last.name, edits={last.name: without}):
            logits = model(torch.from_numpy(image))[0].numpy()
        lost = look.logits[list(look.classes)] - logits[list(look.classes)]
        np.testing.assert_allclose(look.drives[last.name][:, channel], lost, atol=1e-4)


def test_no_parameter_gets_a_gradient_and_no_class_costs_no_drive(image):
    model = convnext()
    places = conv.places(model)
    conv.look(model, image, places)
    assert all(p.grad is None and not p.requires_grad for p in model.parameters())
    look = conv.look(model, image, places, count=0)
    assert look.drives[places[0].name].shape == (0, 8)


def test_fields_follow_the_kernels():
    model = convnext()
    sides = {(p.stage, p.block): conv.field(model, p, SIDE) for p in conv.places(model)}
    assert sides == {(-1, 0): 2, (0, 0): 14, (1, 0): 40, (1, 1): 64}
    resnet = NETWORKS["resnet"]()
    found = {(p.stage, p.block, p.tap): conv.field(resnet, p, SIDE) for p in conv.places(resnet)}
    assert found[-1, 0, "output"] == 11  # 7 x 7 by two, then the maximum of 3 x 3
    assert found[0, 0, "reduce"] == 11
    assert found[0, 0, "output"] == 19
    assert found[1, 0, "output"] == 27
    vit = NETWORKS["vit"]()
    assert conv.field(vit, conv.places(vit)[-1], SIDE) == SIDE


def test_the_measured_field_of_a_first_block_is_the_computed_one(image):
    model = convnext()
    (place,) = [p for p in conv.places(model) if (p.stage, p.block, p.tap) == (0, 0, "output")]
    pixels = torch.tensor(image, requires_grad=True)
    with torch.enable_grad(), record(model, place.name) as trace:
        model(pixels)
    (slope,) = torch.autograd.grad(trace[place.name][0, :, 8, 8].sum(), pixels)
    rows = np.flatnonzero(slope[0].abs().sum(dim=(0, 2)).numpy())
    assert np.ptp(rows) + 1 == conv.field(model, place, SIDE) == 14


def test_a_network_without_maps_is_refused():
    with pytest.raises(KeyError, match="no feature maps"):
        conv.places(torch.nn.Linear(2, 2))
