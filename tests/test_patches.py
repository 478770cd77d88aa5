import json
import struct

import numpy as np
import pytest
import torch
from einops import rearrange
from hypothesis import given, settings
from hypothesis import strategies as st

from models.vit import ViT, ViTConfig
from viz_core import patch_figures, patch_frames, patches
from viz_core.macs import Shape, cost
from viz_core.probe import patches as probe

CFG = ViTConfig(image_size=24, patch_size=6, width=20, depth=2, heads=2, classes=5, registers=1)
RNG = np.random.default_rng


def shaken(cfg, seed=0):
    torch.manual_seed(seed)
    model = ViT(cfg).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.2 * torch.randn_like(parameter)
    return model


def picture(seed=0, side=24):
    return RNG(seed).normal(size=(1, 3, side, side)).astype(np.float32)


# Cutting


@settings(max_examples=30)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_what_is_cut_can_be_put_together_again(patch, rows, columns, channels):
    image = RNG(patch).normal(size=(channels, rows * patch, columns * patch))
    tokens = patches.cut(image, patch)
    assert tokens.shape == (rows * columns, channels * patch**2)
    back = rearrange(tokens, "(r c) (k y x) -> k (r y) (c x)", r=rows, k=channels, y=patch, x=patch)
    np.testing.assert_array_equal(back, image)


def test_a_cut_by_hand():
    image = np.arange(2 * 2 * 4.0).reshape(2, 2, 4)
    np.testing.assert_array_equal(
        patches.cut(image, 2), [[0, 1, 4, 5, 8, 9, 12, 13], [2, 3, 6, 7, 10, 11, 14, 15]]
    )


def test_what_does_not_divide_is_refused():
    for patch in (0, 3):
        with pytest.raises(ValueError, match="do not divide"):
            patches.cut(np.zeros((3, 4, 4)), patch)


def test_sizes_are_the_divisors():
    assert patches.sizes(56) == (1, 2, 4, 7, 8, 14, 28, 56)
    assert patches.sizes(1) == (1,)
    with pytest.raises(ValueError, match="at least one pixel"):
        patches.sizes(0)


# The embedding


@pytest.mark.parametrize(("double", "most"), [(False, 5e-6), (True, 1e-13)])
def test_both_ways_give_the_networks_own_tokens(double, most):
    model, image = shaken(CFG), picture()
    both = probe.both_ways(model, image, double=double)
    assert both.linear.dtype == (np.float64 if double else np.float32)
    assert patches.largest_difference(both.convolution, both.linear) <= most
    seen = probe.look(model, image)
    assert patches.largest_difference(both.linear, seen.patches) < 5e-6
    kernels = probe.kernels(model)
    by_numpy = patches.cut(image[0], 6) @ kernels.reshape(20, -1).T
    by_numpy = by_numpy + model.patch_embed.proj.bias.detach().numpy()
    assert patches.largest_difference(both.linear, by_numpy.astype(both.linear.dtype)) < 5e-6


def test_the_largest_difference_is_found_wherever_it_is():
    one = np.zeros((3, 2))
    other = one.copy()
    other[2, 1] = -0.5
    assert patches.largest_difference(one, other) == 0.5
    with pytest.raises(ValueError, match="finite"):
        patches.largest_difference(one, np.full((3, 2), np.nan))


def test_a_look_holds_every_station():
    model, image = shaken(CFG), picture()
    seen = probe.look(model, image)
    assert seen.patches.shape == (16, 20)
    assert seen.prefix.shape == (2, 20)
    assert seen.blocks.shape == (2, 18, 20)
    positions = model.positions((4, 4))[0].detach().numpy()
    together = np.concatenate([seen.prefix, seen.patches])
    np.testing.assert_allclose(seen.embedded, together + positions, atol=1e-6)
    np.testing.assert_allclose(seen.pattern.sum(axis=-1), 1, atol=1e-5)
    with torch.inference_mode():
        np.testing.assert_array_equal(seen.logits, model(torch.from_numpy(image))[0].numpy())
    with pytest.raises(ValueError, match="read-only"):
        seen.blocks[0, 0, 0] = 1


def test_a_picture_that_does_not_divide_is_refused_by_the_network():
    with pytest.raises(ValueError, match="does not divide"):
        probe.look(shaken(CFG), picture(side=25))


# Readings


@pytest.mark.parametrize("pool", ["class", "average"])
@pytest.mark.parametrize("representation", [0, 7])
def test_one_of_the_readings_is_the_networks_own_answer(pool, representation):
    cfg = ViTConfig(
        image_size=24, patch_size=6, width=20, depth=2, heads=2, classes=5, pool=pool,
        representation=representation,
    )  # fmt: skip
    model = shaken(cfg)
    seen = probe.look(model, picture())
    read = probe.readings(model, seen.blocks[-1])
    own, other = read.of_class_token, read.of_average
    if pool == "average":
        own, other = other, own
    np.testing.assert_allclose(own, seen.logits, atol=1e-5)
    assert not np.allclose(other, seen.logits, atol=1e-3)
    assert read.of_patches.shape == (16, 5)


def test_the_mean_is_that_of_the_patches_alone():
    model = shaken(CFG)
    read = probe.readings(model, probe.look(model, picture()).blocks[-1])
    np.testing.assert_allclose(read.average, read.patches.mean(axis=0), atol=1e-6)
    linear = read.patches @ model.head.weight.detach().numpy().T
    np.testing.assert_allclose(
        read.of_patches, linear + model.head.bias.detach().numpy(), atol=1e-5
    )


def test_networks_without_head_or_class_token_have_empty_readings():
    headless = ViTConfig(image_size=24, patch_size=6, width=20, depth=1, heads=2, classes=0)
    model = shaken(headless)
    read = probe.readings(model, probe.look(model, picture()).blocks[-1])
    assert read.of_class_token.shape == (0,)
    assert read.of_patches.shape == (16, 0)
    plain = ViTConfig(
        image_size=24, patch_size=6, width=20, depth=1, heads=2, class_token=False, pool="average"
    )
    model = shaken(plain)
    seen = probe.look(model, picture())
    read = probe.readings(model, seen.blocks[-1])
    assert read.class_token.shape == read.of_class_token.shape == (0,)
    np.testing.assert_allclose(read.of_average, seen.logits, atol=1e-5)


# Components


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 12), st.integers(1, 3))
def test_components_are_orthonormal_and_their_shares_fall(seed, width, patch):
    kernels = RNG(seed).normal(size=(width, 3, patch, patch))
    found = patches.components(kernels, 99)
    flat = found.tiles.reshape(len(found.tiles), -1)
    np.testing.assert_allclose(flat @ flat.T, np.eye(len(flat)), atol=1e-9)
    assert (np.diff(found.shares) <= 1e-12).all()
    assert found.shares.sum() == pytest.approx(1)
    centred = kernels.reshape(width, -1)
    centred = centred - centred.mean(axis=0)
    variances = ((centred @ flat.T) ** 2).sum(axis=0)
    np.testing.assert_allclose(variances / (centred**2).sum(), found.shares, atol=1e-9)


def test_a_component_by_hand():
    kernels = np.zeros((4, 1, 1, 2))
    kernels[:, 0, 0, 0] = [3, -3, 3, -3]
    kernels[:, 0, 0, 1] = [1, 1, -1, -1]
    found = patches.components(kernels + 5, 1)
    np.testing.assert_allclose(found.tiles, [[[[1, 0]]]], atol=1e-12)
    np.testing.assert_allclose(found.shares, [36 / 40])


def test_kernels_without_variance_are_refused():
    with pytest.raises(ValueError, match="all alike"):
        patches.components(np.full((5, 3, 2, 2), 0.3), 4)
    with pytest.raises(ValueError, match="at least 1"):
        patches.components(RNG(0).normal(size=(5, 3, 2, 2)), 0)


def test_answers_by_hand():
    tokens = np.array([[2.0, 0, 0], [0, 1, 1], [0, 0, 0]])
    tiles = np.array([[0.0, 3, 0], [-1, 0, 0]]).reshape(2, 3, 1, 1)
    np.testing.assert_allclose(patches.answers(tokens, tiles), [[0, -2], [3, 0], [0, 0]])
    alike = patches.answers(tokens, tiles, alike=True)
    np.testing.assert_allclose(alike, [[0, -1], [0.5**0.5, 0], [0, 0]], atol=1e-12)
    with pytest.raises(ValueError, match="tiles of 12"):
        patches.answers(tokens, np.zeros((1, 3, 2, 2)))


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 50))
def test_likeness_ignores_contrast_and_stays_within_one(seed, contrast):
    tokens, tiles = RNG(seed).normal(size=(6, 12)), RNG(seed + 1).normal(size=(3, 3, 2, 2))
    alike = patches.answers(tokens, tiles, alike=True)
    np.testing.assert_allclose(patches.answers(contrast * tokens, tiles, alike=True), alike)
    assert np.abs(alike).max() <= 1 + 1e-12


def test_cosine_knows_directions():
    a = np.array([1.0, 0])
    assert patches.cosine(a, 3 * a) == pytest.approx(1)
    assert patches.cosine(a, np.array([0.0, 2])) == 0
    assert patches.cosine(a, -a) == -1
    with pytest.raises(ValueError, match="no direction"):
        patches.cosine(a, 0 * a)


# Messages


def opened(message):
    (length,) = struct.unpack_from("<I", message)
    header, body = json.loads(message[4 : 4 + length]), message[4 + length :]
    return header, {k: body[at : at + n] for k, (at, n) in header["parts"].items()}


def test_a_message_holds_its_parts_and_another_view_keeps_its_id():
    message = patch_frames.pack({"side": 3}, one=b"abc", two=b"defgh")
    header, parts = opened(message)
    assert parts == {"one": b"abc", "two": b"defgh"}
    assert all(at % 4 == 0 for at, _ in header["parts"].values())
    other, same = opened(patch_frames.with_view(message, {"serial": 2}))
    assert other["id"] == header["id"]
    assert other["view"] == {"serial": 2}
    assert same == parts
    assert opened(patch_frames.pack({"side": 4}, one=b"abc"))[0]["id"] != header["id"]
    with pytest.raises(ValueError, match="parts and id"):
        patch_frames.pack({"id": 1})


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 1))
def test_levels_are_within_half_a_step_unless_they_are_the_few_largest(seed, within):
    values = RNG(seed).normal(size=(5, 7)).astype(np.float32)
    level, top = patch_frames.levels(values, within)
    kept = np.abs(values) <= top
    assert kept.mean() >= within - 1 / values.size
    assert np.abs(level * top / 127 - values)[kept].max() <= top / 254 + 1e-6
    assert (np.abs(level[~kept]) == 127).all()


def test_levels_refuse_what_is_not_finite():
    with pytest.raises(ValueError, match="finite"):
        patch_frames.levels(np.array([np.inf]))
    level, top = patch_frames.levels(np.zeros(3))
    assert top == 0
    assert not level.any()


def test_a_thumbnail_leaves_rows_out_but_keeps_the_first():
    matrix = np.arange(200.0 * 300).reshape(200, 300)
    small = patch_frames.thinned(matrix)
    assert small.shape == (67, 100)
    np.testing.assert_array_equal(small[:, 0], matrix[::3, 0])
    with pytest.raises(ValueError, match="without numbers"):
        patch_frames.thinned(np.zeros((0, 3)))


def test_the_inputs_bytes_come_back():
    pixels = RNG(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    image = ((pixels / 255 - mean) / std).transpose(2, 0, 1).astype(np.float32)
    np.testing.assert_array_equal(patch_frames.input_bytes(image, tuple(mean), tuple(std)), pixels)
    with pytest.raises(ValueError, match="three numbers"):
        patch_frames.input_bytes(image, (0.5,), (0.5,))


def test_the_stage_gets_every_size_and_every_token():
    pixels, tokens = np.zeros((8, 8, 3), np.uint8), RNG(0).normal(size=(5, 6))
    message = patch_frames.cutter(
        picture_jpeg=b"jpeg", pixels=pixels, native=4, prefix=["class token"], tokens=tokens
    )
    header, parts = opened(message)
    assert header["sizes"] == [1, 2, 4, 8]
    assert np.frombuffer(parts["tokens"], np.int8).size == 30
    with pytest.raises(ValueError, match="do not fit"):
        patch_frames.cutter(picture_jpeg=b"", pixels=pixels, native=4, prefix=[], tokens=tokens)


def test_the_filters_need_an_answer_of_every_patch():
    found = patches.components(RNG(0).normal(size=(6, 3, 2, 2)), 2)
    answers = RNG(1).normal(size=(4, 2))
    message = patch_frames.filters(
        found, picture_jpeg=b"", grid=2, answers=answers, cosines=answers
    )
    header, parts = opened(message)
    np.testing.assert_allclose(np.frombuffer(parts["answers"], "<f4"), answers.T.ravel(), rtol=1e-6)
    tiles = np.frombuffer(parts["tiles"], np.uint8).reshape(2, 2, 2, 3)
    assert tiles.max(axis=(1, 2, 3)).tolist() == [255, 255]
    assert header["count"] == 2
    with pytest.raises(ValueError, match="must be"):
        patch_frames.filters(found, picture_jpeg=b"", grid=3, answers=answers, cosines=answers)


def test_the_ribbon_scales_each_matrix_on_its_own():
    message = patch_frames.ribbon(
        {"title": "x"}, picture_jpeg=b"", matrices={"a": np.eye(3), "b": 100 * np.eye(2)}
    )
    header, parts = opened(message)
    assert header["matrices"]["b"]["rows"] == 2
    assert header["matrices"]["b"]["top"] > 50 > header["matrices"]["a"]["top"]
    assert max(np.frombuffer(parts["a"], np.int8)) == 127


# Figures


def test_a_heat_map_has_one_rectangle_a_number():
    values = np.array([[-1.0, 0, 1], [2, -2, 0]])
    drawn = patch_figures.heat(values, 1.0, pixels=30)
    assert drawn.shape == (20, 30, 3)
    low, high = drawn[0, 0], drawn[0, -1]
    np.testing.assert_array_equal(drawn[-1, 0], high)
    np.testing.assert_array_equal(drawn[-1, 15], low)
    assert drawn[0, 15].min() > 235
    assert patch_figures.heat(np.zeros((500, 900)), 0.0, most=100).shape == (600, 600, 3)
    with pytest.raises(ValueError, match="finite"):
        patch_figures.heat(np.array([[np.nan]]), 1.0)


def test_a_signed_map_leaves_zero_clear():
    grey = np.full((4, 4, 3), 90, np.uint8)
    drawn = patch_figures.signed_overlay(grey, np.array([[0.0, 3], [-3, 0]]))
    np.testing.assert_array_equal(drawn[:2, :2], grey[:2, :2])
    assert drawn[0, 3, 2] > drawn[0, 3, 1]
    assert drawn[3, 0, 0] > drawn[3, 0, 2]
    np.testing.assert_array_equal(patch_figures.signed_overlay(grey, np.zeros((2, 2))), grey)
    with pytest.raises(ValueError, match="finite"):
        patch_figures.signed_overlay(grey, np.full((2, 2), np.inf))


@settings(max_examples=20)
@given(st.integers(1, 512))
def test_every_side_of_the_axis_divides_into_patches(patch):
    sides = patch_figures.sides(patch)
    assert all(side % patch == 0 for side in sides)
    assert sides == sorted(sides)
    assert sides[-1] <= patch_figures.LARGEST_SIDE
    assert len(sides) > 2


def test_a_patch_larger_than_half_the_axis_is_refused():
    with pytest.raises(ValueError, match="patch must be"):
        patch_figures.sides(1025)


def test_the_curves_are_the_costs():
    base = {"patch": 4, "width": 32, "depth": 2, "heads": 2}
    shapes = {side: Shape(side=side, **base) for side in (28, 56, 112)}
    figure = patch_figures.cost_curves(
        shapes, along="picture size", chosen=56, window=7, quantity="pattern_bytes"
    )
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [line.name for line in lines] == ["full attention", "windows of 7 × 7", "axial"]
    assert list(lines[0].y) == [cost(shapes[side]).pattern_bytes for side in (28, 56, 112)]
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    with pytest.raises(KeyError):
        patch_figures.cost_curves(shapes, along="", chosen=5, window=7, quantity="total")


def test_the_parts_add_up_to_the_total():
    shape = Shape(side=56, patch=4, width=32, depth=2, heads=2)
    figure = patch_figures.cost_parts(shape, 7)
    assert sum(bar.x[0] for bar in figure.data) == cost(shape).total
    assert sum(bar.x[2] for bar in figure.data) == cost(shape, "axial").total
    with pytest.raises(ValueError, match="do not divide"):
        patch_figures.cost_parts(Shape(side=5, patch=4, width=32, depth=2, heads=2), 7)
