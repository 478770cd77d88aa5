"""Kernels cut and filled up, the convolution in numpy, and networks with other kernels."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.convnext import ConvNeXt, ConvNeXtConfig
from models.resnet import ResNet, ResNetConfig
from models.tap import record
from viz_core import convolution
from viz_core.probe import kernels

rng = np.random.default_rng(0)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    made = ConvNeXt(ConvNeXtConfig(image_size=32, patch_size=2, width=6, depths=(2, 1), classes=3))
    for parameter in made.parameters():
        parameter.data += 0.2 * torch.randn_like(parameter)
    return made.eval().requires_grad_(False)


IMAGE = rng.standard_normal((1, 3, 32, 32)).astype(np.float32)


def test_a_crop_keeps_the_middle_and_a_larger_size_adds_zeros():
    kernel = np.arange(49.0).reshape(1, 7, 7)
    np.testing.assert_array_equal(
        convolution.resized(kernel, 3)[0], [[16, 17, 18], [23, 24, 25], [30, 31, 32]]
    )
    larger = convolution.resized(kernel, 9)
    np.testing.assert_array_equal(larger[0, 1:8, 1:8], kernel[0])
    assert larger.sum() == kernel.sum()
    for size in (2, 0, -1):
        with pytest.raises(ValueError, match="centre"):
            convolution.resized(kernel, size)
    with pytest.raises(ValueError, match="centre"):
        convolution.resized(np.zeros((1, 4, 4)), 3)


@given(small=st.sampled_from([1, 3, 5, 7]), grow=st.sampled_from([0, 2, 4]))
@settings(max_examples=12, deadline=None)
def test_filled_up_and_cut_back_is_the_same_kernel(small, grow):
    kernel = rng.standard_normal((2, small, small)).astype(np.float32)
    there = convolution.resized(convolution.resized(kernel, small + grow), small)
    np.testing.assert_array_equal(there, kernel)


def test_the_convolution_of_a_hand_made_map():
    maps = np.array([[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]])
    right = np.zeros((1, 3, 3))
    right[0, 1, 2] = 1  # reads what is on the right: not turned round
    out = convolution.depthwise(maps, right, np.array([10.0]))
    np.testing.assert_array_equal(out[0], [[12, 13, 10], [15, 16, 10], [18, 19, 10]])
    with pytest.raises(ValueError, match="2 kernels"):
        convolution.depthwise(maps, np.zeros((2, 3, 3)), np.zeros(2))


def test_a_blocks_map_kernel_and_bias_give_the_networks_own_depthwise_map(model):
    found = kernels.blocks(model)
    assert [(one.stage, one.block) for one in found] == [(0, 0), (0, 1), (1, 0)]
    with torch.inference_mode(), record(model, "stages.*.blocks.*.depthwise") as trace:
        model(torch.tensor(IMAGE))
    for one, given_, theirs in zip(
        found, kernels.inputs(model, IMAGE), trace.tensors.values(), strict=True
    ):
        ours = convolution.depthwise(given_, one.kernels, one.bias)
        np.testing.assert_allclose(ours, theirs[0].numpy(), rtol=0, atol=2e-5)


def test_zeros_around_the_kernels_change_nothing_and_a_crop_does(model):
    found = kernels.outcomes(model, IMAGE, convolution.SIZES)
    with torch.inference_mode():
        own = model(torch.tensor(IMAGE))[0].numpy()
    for size in (7, 9, 11):
        np.testing.assert_allclose(found[size].logits, own, rtol=0, atol=1e-4)
    assert np.abs(found[3].logits - own).max() > 1e-3
    assert kernels.with_kernel(model, 3).stages[0].blocks[0].conv_dw.weight.shape == (6, 1, 3, 3)
    assert model.stages[0].blocks[0].conv_dw.weight.shape == (6, 1, 7, 7)
    likes = [convolution.likeness(found[s].maps[-1], found[7].maps[-1]) for s in (3, 5, 9)]
    assert likes[0] < 0.9999 < likes[2]


def test_stems_and_networks_without_depthwise_kernels(model):
    stem = kernels.stem(model)
    assert (stem.kernels.shape, stem.step, stem.padding) == ((6, 3, 2, 2), 2, 0)
    other = ResNet(ResNetConfig(image_size=32, width=4, depths=(1,), classes=2)).eval()
    stem = kernels.stem(other)
    assert (stem.kernels.shape, stem.step, stem.padding) == ((4, 3, 7, 7), 2, 3)
    assert not stem.bias.any()
    assert kernels.blocks(other) == ()
    with pytest.raises(KeyError, match="depthwise"):
        kernels.inputs(other, IMAGE)
    with pytest.raises(ValueError, match="without"):
        kernels.stem(torch.nn.Identity())


def test_grey_values_and_likeness():
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 255
    np.testing.assert_array_equal(convolution.luminance(red, 2), np.full((2, 2), 76))
    with pytest.raises(ValueError, match="square"):
        convolution.luminance(red[:2], 2)
    a = rng.standard_normal((2, 2, 5))
    assert convolution.likeness(a, 3 * a) == pytest.approx(1)
    assert convolution.likeness(a, -a) == pytest.approx(-1)
    with pytest.raises(ValueError, match="compared"):
        convolution.likeness(a, a[:1])
