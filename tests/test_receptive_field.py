"""Receptive fields: by formula, by gradient, and by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from models.convnext import ConvNeXt, ConvNeXtConfig
from models.resnet import ResNet, ResNetConfig
from models.swin import Swin, SwinConfig
from models.tap import Tap, record
from models.vit import ViT, ViTConfig
from viz_core import receptive_field as rf
from viz_core.probe import field
from viz_core.receptive_field import Convolution, Everywhere, Windows

SIDE = 32
SMALL = dict(image_size=SIDE, classes=2)


class Convolutions(nn.Module):
    """Positive kernels one upon another, so that no gradient cancels."""

    def __init__(self, *layers):
        super().__init__()
        made = [nn.Conv2d(3 if not k else 2, 2, *one) for k, one in enumerate(layers)]
        self.layers = nn.Sequential(*made)
        for part in made:
            nn.init.uniform_(part.weight, 0.1, 1.0)
        self.end = Tap("batch channel row column")

    def forward(self, x):
        return self.end(self.layers(x))


def picture(side=SIDE, seed=0):
    return np.random.default_rng(seed).standard_normal((1, 3, side, side)).astype(np.float32)


def shaken(model):
    torch.manual_seed(1)
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model.eval().requires_grad_(False)


def one(model, name, row, column, side=SIDE, channel="all"):
    return field.gradients(model, picture(side), name, np.array([[row, column]]), channel)[0]


@pytest.mark.parametrize(
    ("layers", "unit", "rows"),
    [
        ([(3, 1, 1)], 10, range(9, 12)),
        ([(3, 1, 1), (3, 1, 1)], 10, range(8, 13)),
        ([(3, 2, 1), (3, 1, 1)], 5, range(7, 14)),  # 2 (5 - 1) - 1 to 2 (5 + 1) + 1
        ([(2, 2, 0), (7, 1, 3)], 8, range(10, 24)),
        ([(3, 1, 1)], 0, range(2)),  # half of it lies beyond the border
    ],
)
def test_convolutions_see_what_one_counts_by_hand(layers, unit, rows):
    model = Convolutions(*layers)
    seen = one(model, "end", unit, unit)
    expected = np.zeros(SIDE, bool)
    expected[list(rows)] = True
    np.testing.assert_array_equal(seen > 0, np.outer(expected, expected))
    sides = [SIDE]
    for _, step, _ in layers:
        sides.append(sides[-1] // step)
    steps = [Convolution(s, *layer) for s, layer in zip(sides, layers, strict=False)]
    np.testing.assert_array_equal(rf.field(steps, unit, sides[-1]), expected)


def test_a_gradient_is_the_slope_that_a_nudge_of_one_pixel_measures():
    model = shaken(
        ConvNeXt(ConvNeXtConfig(image_size=16, patch_size=2, width=4, depths=(1, 1), classes=2))
    )
    model.double()
    image = torch.tensor(picture(16), dtype=torch.float64)

    def value(x):
        with torch.inference_mode(), record(model, "stages.1.output") as trace:
            model(x)
        return float(trace["stages.1.output"][0, :, 2, 1].sum())

    start = image.numpy()
    seen = field.gradients(model, start, "stages.1.output", np.array([[2, 1]]))[0]
    for row, column in [(8, 5), (3, 11), (0, 0)]:
        slope = 0.0
        for colour in range(3):
            nudge = torch.zeros_like(image)
            nudge[0, colour, row, column] = 1e-5
            slope += abs(value(image + nudge) - value(image - nudge)) / 2e-5
        assert seen[row, column] == pytest.approx(slope, rel=1e-5, abs=1e-9)


def test_a_swin_block_before_any_shift_stays_in_its_window_and_a_shift_goes_beyond():
    cfg = SwinConfig(
        image_size=32, patch_size=2, width=8, depths=(2,), heads=(2,), window=4, classes=2
    )
    model = shaken(Swin(cfg))
    first, second = field.depths(model)
    seen = one(model, first.name, 5, 9)
    inside = np.zeros((SIDE, SIDE), bool)
    inside[8:16, 16:24] = True  # window 4-7 of rows, 8-11 of columns, patches of 2 pixels
    assert seen[~inside].max() == 0
    assert seen[inside].min() > 0
    after = one(model, second.name, 5, 9)
    reach = [rf.field(field.layers(model, second, SIDE), k, 16) for k in (5, 9)]
    box = np.outer(*reach)
    np.testing.assert_array_equal(np.flatnonzero(reach[0]), np.arange(0, 16))
    assert after[~box].max() < 1e-12 * after.max()
    assert after[box].min() > 0


@pytest.mark.parametrize(
    "model",
    [
        ConvNeXt(ConvNeXtConfig(**SMALL, patch_size=2, width=4, depths=(1, 2), kernel=3)),
        ResNet(ResNetConfig(**SMALL, stem_kernel=3, stem_pool=False, width=4, depths=(1, 2))),
        ResNet(ResNetConfig(image_size=33, width=4, depths=(1, 1), classes=2)),
        Swin(
            SwinConfig(
                image_size=40, patch_size=2, width=8, depths=(2, 1), heads=(2, 2), window=6,
                classes=2,
            )
        ),
        ViT(ViTConfig(**SMALL, patch_size=8, width=8, depth=2, heads=2)),
    ],
    ids=["convnext", "resnet", "resnet-pool", "swin-padded", "vit"],
)  # fmt: skip
def test_no_gradient_lies_outside_the_theoretical_field_and_some_fills_it(model):
    model, side = shaken(model), model.cfg.image_size
    for place in field.depths(model):
        with torch.inference_mode(), record(model, place.name) as trace:
            model(torch.zeros(1, 3, side, side))
        shape = trace[place.name].shape
        maps = [n for n in shape[1:] if n == shape[1] or n == shape[2]]
        last = round((shape[1] - 1) ** 0.5) if len(shape) == 3 else sorted(maps)[0]
        last = shape[-1] if type(model).__name__ in ("ConvNeXt", "ResNet") else last
        for unit in ((0, last - 1), (last // 2, last // 3)):
            seen = one(model, place.name, *unit, side)
            layers = field.layers(model, place, side)
            box = np.outer(*(rf.field(layers, k, last) for k in unit))
            assert seen[~box].max(initial=0) <= 1e-12 * seen.max()
            assert (seen[box] > 0).mean() > 0.9 or isinstance(model, ResNet)  # ReLU closes some


def test_channels_add_up_and_the_strongest_is_one_of_them():
    model = shaken(
        ConvNeXt(ConvNeXtConfig(image_size=16, patch_size=4, width=3, depths=(1,), classes=2))
    )
    name = field.depths(model)[0].name
    each = [one(model, name, 1, 2, 16, channel) for channel in range(3)]
    strongest = one(model, name, 1, 2, 16, "strongest")
    assert min(np.abs(strongest - mine).max() for mine in each) == 0
    assert (one(model, name, 1, 2, 16) <= np.sum(each, axis=0) * (1 + 1e-4) + 1e-7).all()


def test_units_of_one_batch_are_those_of_single_passes_and_the_model_is_left_alone():
    model = shaken(
        ResNet(
            ResNetConfig(
                image_size=16, stem_kernel=3, stem_pool=False, width=2, depths=(1,), classes=2
            )
        )
    )
    name = field.depths(model)[0].name
    units = np.array([[0, 0], [3, 5], [7, 7]])
    both = field.gradients(model, picture(16), name, units)
    for k, unit in enumerate(units):
        np.testing.assert_allclose(both[k], one(model, name, *unit, 16), rtol=1e-4, atol=1e-7)
    assert all(p.grad is None for p in model.parameters())
    for wrong in ([[0, 8]], [[-1, 0]]):
        with pytest.raises(ValueError, match="outside"):
            field.gradients(model, picture(16), name, np.array(wrong))
    with pytest.raises(ValueError, match="channel 8"):
        field.gradients(model, picture(16), name, units, 8)


def test_sizes_of_the_papers_networks_are_those_of_the_formula():
    last = (3, 2)
    # 4 + 3 x 6 x 4 | 1 x 4 + 3 x 6 x 8 | 1 x 8 + 9 x 6 x 16 | 1 x 16 + 3 x 6 x 32
    assert (
        rf.size(rf.convnext(224, 4, (3, 3, 9, 3), 7, last)) == 4 + 72 + 4 + 144 + 8 + 864 + 16 + 576
    )
    assert rf.size(rf.resnet(224, (7, 2, True), (3, 4, 6, 3), last)) == 427
    assert rf.size(rf.vit(56, 4)) is None


def test_a_field_is_centred_on_its_patch_or_on_the_pixel_that_a_stride_starts_from():
    block = (1, 0)
    assert rf.centre(rf.convnext(56, 2, (1, 1), 7, block), 3) == 4 * 3 + 2
    assert rf.centre(rf.resnet(56, (3, 2, False), (1, 1), block), 3) == 4 * 3 + 0.5
    assert rf.centre(rf.vit(56, 4), 5) == 22
    wide = rf.convnext(56, 2, (1, 1), 3, block)
    reach = np.flatnonzero(rf.field(wide, 6, 14))
    assert rf.centre(wide, 6) == (reach[0] + reach[-1] + 1) / 2


def test_refusals_of_the_formula():
    for layers, place in [([], 0), ([Convolution(4, 3)], 4), ([Everywhere(4)], -1)]:
        with pytest.raises(ValueError, match="nowhere"):
            rf.field(layers, place, 4)
    with pytest.raises(ValueError, match="no layer"):
        rf.size([Convolution(4, 0)])
    with pytest.raises(ValueError, match="no stage"):
        rf.convnext(56, 2, (2, 2), 7, (1, 2))


@given(side=st.integers(2, 20), window=st.integers(1, 8), data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_token_sees_itself_and_is_seen_by_those_it_sees(side, window, data):
    window = min(window, side)
    shift = data.draw(st.integers(0, window - 1)) if window < side else 0
    sees = np.stack([Windows(side, window, shift).seen(np.arange(side) == k) for k in range(side)])
    assert sees.diagonal().all()
    np.testing.assert_array_equal(sees, sees.T)
    assert sees.sum(axis=1).max() <= window


def test_radius_of_a_hand_made_field():
    mass = np.zeros((9, 9))
    mass[4, 4], mass[4, 6], mass[0, 4] = 5, 4, 1
    centre = (4.5, 4.5)
    assert [rf.radius(mass, centre, s) for s in (0.5, 0.9, 1.0)] == [0, 2, 4]
    assert rf.radius(np.zeros((3, 3)), (1.5, 1.5), 0.5) == 0
    with pytest.raises(ValueError, match="share"):
        rf.radius(mass, centre, 0)
    with pytest.raises(ValueError, match="share"):
        rf.radius(-mass, centre, 0.5)


@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.01, 1))
@settings(max_examples=25, deadline=None)
def test_a_radius_holds_its_share_and_nothing_smaller_does(seed, share):
    mass = np.random.default_rng(seed).random((6, 6))
    centre = (2.5, 3.5)
    found = rf.radius(mass, centre, share)
    rows, columns = np.indices(mass.shape) + 0.5
    distance = np.hypot(rows - centre[0], columns - centre[1])
    assert mass[distance <= found + 1e-9].sum() >= share * mass.sum() * (1 - 1e-6)
    assert mass[distance < found - 1e-9].sum() < share * mass.sum()


def test_shares_levels_and_cells():
    raw = np.stack([np.full((4, 4), 2.0), np.zeros((4, 4))])
    mass = rf.shares(raw)
    np.testing.assert_allclose(mass.sum(axis=(1, 2)), [1, 0])
    level, top = rf.levels(np.array([[[1.0, 0.25], [0.0, 0.01]]]))
    np.testing.assert_array_equal(level, [[[255, 128], [0, 26]]])
    assert top == 1
    np.testing.assert_array_equal(rf.pooled(raw, 2)[0], np.full((2, 2), 8))
    assert rf.pooled(raw, 7).shape == raw.shape
    with pytest.raises(ValueError, match="divide"):
        rf.pooled(raw, 3)
    with pytest.raises(ValueError, match="finite"):
        rf.shares(-raw)
