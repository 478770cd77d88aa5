"""Merging, feature pictures, message and clock of the Swin page's steps “Pyramid” and “Cost”."""

import itertools
import json
import struct

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import swin, vit
from viz_core import swin_clock, swin_macs
from viz_core.probe import pyramid as probe
from viz_core.pyramid import features, wire
from viz_core.swin_clock import Layer

KINDS = ("global", "window")
some = settings(deadline=None, max_examples=20)
CONFIG = swin.SwinConfig(
    image_size=32, patch_size=2, width=8, depths=(1, 2, 1), heads=(1, 2, 2), window=4, classes=3
)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    made = swin.Swin(CONFIG).eval()
    for parameter in made.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return made


def test_the_four_slices_come_in_the_order_of_the_models_merging():
    # Tokens 0 1 / 2 3 of one number each: top left 0, bottom left 2, top right 1, last 3.
    x = torch.arange(4.0).reshape(1, 2, 2, 1)
    merged = swin.PatchMerging(1).gather(x)[0].numpy()
    np.testing.assert_array_equal(merged.ravel(), [0, 2, 1, 3])
    found = [wire.slices(merged)[k].item() for k in range(4)]
    assert found == [x[0, i::2, j::2].item() for i, j in wire.SLICES] == [0, 2, 1, 3]


@some
@given(rows=st.integers(1, 4), columns=st.integers(1, 4), width=st.integers(1, 3))
def test_a_slice_is_every_second_token_of_the_map(rows, columns, width):
    x = np.random.default_rng(0).normal(size=(2 * rows, 2 * columns, width)).astype(np.float32)
    merged = swin.PatchMerging(width).gather(torch.from_numpy(x)[None])[0].numpy()
    for piece, (i, j) in zip(wire.slices(merged), wire.SLICES, strict=True):
        np.testing.assert_array_equal(piece, x[i::2, j::2])
    with pytest.raises(ValueError, match="four tokens"):
        wire.slices(np.zeros((1, 1, 4 * width + 1)))


def test_a_look_holds_what_enters_and_leaves_every_merging(model):
    image = np.random.default_rng(1).normal(size=(1, 3, 32, 32)).astype(np.float32)
    look = probe.look(model, image)
    assert [one.shape for one in look.maps] == [(16, 16, 8), (8, 8, 16), (4, 4, 32)]
    for before, merged, reduced, layer in zip(
        look.maps, look.merged, look.reduced, model.layers[1:], strict=False
    ):
        np.testing.assert_array_equal(wire.slices(merged)[1], before[1::2, 0::2])
        norm, weight = layer.downsample.norm, layer.downsample.reduction.weight
        by_hand = norm(torch.tensor(merged)) @ weight.T
        np.testing.assert_allclose(reduced, by_hand.detach().numpy(), atol=1e-5)
        assert not merged.flags.writeable
    with pytest.raises(KeyError, match="no stages"):
        probe.look(vit.ViT(vit.ViTConfig(image_size=32, depth=1)), image)


@some
@given(seed=st.integers(0, 2**32 - 1), side=st.integers(1, 6), width=st.integers(1, 8))
def test_colours_do_not_depend_on_where_the_origin_is(seed, side, width):
    tokens = np.random.default_rng(seed).normal(size=(side, side, width))
    colours, held = features.principal_colours(tokens)
    moved, same = features.principal_colours(tokens + 3.0)
    assert np.abs(colours.astype(int) - moved.astype(int)).max() <= 1
    assert held == pytest.approx(same)
    assert 0 <= held <= 1
    if width <= 3:
        assert held == pytest.approx(1)
    np.testing.assert_allclose(features.lengths(2 * tokens), 2 * features.lengths(tokens))


def test_colours_of_a_ramp_by_hand():
    # One direction only: the first component is the ramp, the others are not there.
    tokens = np.zeros((1, 101, 2))
    tokens[0, :, 0] = np.arange(101)
    colours, held = features.principal_colours(tokens)
    assert held == 1
    assert (colours[0, 0, 0], colours[0, 50, 0], colours[0, 100, 0]) == (0, 128, 255)
    assert (colours[..., 2] == 128).all()
    assert features.lengths(np.array([[[3.0, 4.0]]])) == 5
    for refused in (features.principal_colours, features.lengths):
        with pytest.raises(ValueError, match="finite"):
            refused(np.full((1, 1, 2), np.nan))


def test_the_message_holds_every_number_of_the_merging(model):
    image = np.random.default_rng(1).normal(size=(1, 3, 32, 32)).astype(np.float32)
    look = probe.look(model, image)
    shape = swin_macs.SwinShape(
        side=32, patch=2, width=8, depths=(1, 2, 1), heads=(1, 2, 2), window=4, classes=3
    )
    given = dict(
        title="T", patch=2, picture_jpeg=b"j", pixels=np.zeros((32, 32, 3), np.uint8),
        maps=look.maps, merged=look.merged, reduced=look.reduced, totals={},
        costs=swin_macs.stages(shape), peer=wire.Peer("P", 8, 4, 2, 1, 10, 20),
    )  # fmt: skip
    message = wire.pack(**given)
    (length,) = struct.unpack_from("<I", message)
    header, body = json.loads(message[4 : 4 + length]), message[4 + length :]
    assert [stage["grid"] for stage in header["stages"]] == [16, 8, 4]
    at, count = header["parts"]["merged1"]
    levels = np.frombuffer(body[at : at + count], np.int8).reshape(look.merged[1].shape)
    top = header["tops"][1]["merged"]
    inside = np.abs(look.merged[1]) <= top
    worst = np.abs(levels * top / 127 - look.merged[1])[inside].max()
    assert worst <= top / 127 / 2 + 1e-6
    with pytest.raises(ValueError, match="do not fit"):
        wire.pack(**given | {"maps": look.maps[:2]})
    assert wire.short(343_900_000) == "344\u2009M"
    with pytest.raises(ValueError, match="not negative"):
        wire.short(-1)


def test_the_fastest_of_several_runs_is_told():
    calls = itertools.count()
    assert 0 <= probe.fastest(lambda: next(calls), repeats=3) < 1
    assert next(calls) == 4  # once to warm up
    with pytest.raises(ValueError, match="at least one"):
        probe.fastest(lambda: None, repeats=0)


@some
@given(window=st.integers(1, 60), most=st.integers(1, 100), count=st.integers(1, 8))
def test_measured_sides_are_whole_windows(window, most, count):
    if most < window:
        with pytest.raises(ValueError, match="no window"):
            swin_macs.sides_to_measure(window, most, count)
        return
    sides = swin_macs.sides_to_measure(window, most, count)
    assert sides == sorted(set(sides))
    assert 1 <= len(sides) <= count
    assert all(side % window == 0 and side <= most for side in sides)
    assert len(sides) == min(count, most // window - -(-4 // window) + 1) or sides[0] < 4


def test_the_sides_for_swins_window():
    assert swin_macs.sides_to_measure(7) == [7, 14, 21, 28, 35, 56]


def test_the_layer_of_the_paper_costs_what_the_paper_says():
    layer = Layer(side=56, width=96, window=7)
    assert layer.macs("global") / 1e6 == pytest.approx(2003.8, abs=0.1)
    assert layer.macs("window") / 1e6 == pytest.approx(145.1, abs=0.1)
    assert Layer(side=4, width=96, window=7).macs("window") == layer.macs("global", 4)
    with pytest.raises(ValueError, match="at least 1"):
        layer.macs("global", 0)


@some
@given(power=st.floats(0.5, 3), unit=st.floats(1e-6, 1))
def test_a_power_law_has_its_power_as_slope(power, unit):
    sides = [7, 14, 28]
    found = swin_clock.slope(sides, [unit * side ** (2 * power) for side in sides])
    assert found == pytest.approx(power)


def test_the_speed_is_that_of_the_large_maps():
    layer = Layer(side=28, width=64, window=7)
    times = {kind: {s: layer.macs(kind, s) / 2e9 for s in (28, 56)} for kind in KINDS}
    times["global"][7] = 1.0  # starting up is no arithmetic
    assert swin_clock.rate(layer, times) == pytest.approx(2e9)
    assert len(swin_clock.points(times)) == 5
    with pytest.raises(ValueError, match="two sizes"):
        swin_clock.slope([7, 7], [1.0, 2.0])
    with pytest.raises(ValueError, match="nothing"):
        swin_clock.rate(layer, {"global": {}})


def test_rounding_of_equal_tokens_is_no_pattern():
    tokens = np.full((4, 4, 8), 3.0, np.float32)
    tokens += 1e-6 * np.random.default_rng(0).normal(size=tokens.shape).astype(np.float32)
    colours, held = features.principal_colours(tokens)
    assert (colours == 128).all()
    assert held == 1
    assert len(np.unique(features.principal_colours(tokens + 0.1 * np.arange(8))[0])) == 1
    seen = tokens.copy()
    seen[0, 0, 0] += 0.5
    seen[3, 3, 0] -= 0.5
    assert len(np.unique(features.principal_colours(seen)[0])) > 1
