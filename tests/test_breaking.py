"""Broken pictures: where every pixel went, and what a network makes of it."""

from typing import ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.swin import Swin, SwinConfig
from models.tap import record
from models.vit import ViT, ViTConfig
from viz_core import breaking, damage, mosaic
from viz_core.probe import breaking as probe

SIZE, GRID = 56, 14
SMALL = ViTConfig(image_size=56, patch_size=4, width=12, depth=2, heads=2, classes=5)

places = st.lists(st.integers(0, 195), min_size=1, max_size=6)
moving = st.one_of(
    st.permutations(range(4)).map(lambda order: {"kind": "order", "order": order}),
    st.tuples(st.integers(0, 195), st.integers(0, 195)).map(
        lambda ends: {"kind": "swap", "side": 14, "one": ends[0], "other": ends[1]}
    ),
    st.tuples(places, st.integers(-3, 3)).map(
        lambda t: {"kind": "turn", "side": 14, "places": t[0], "quarters": t[1]}
    ),
    st.tuples(st.integers(-56, 56), st.integers(-56, 56)).map(
        lambda by: {"kind": "shift", "down": by[0], "right": by[1], "edge": "wrap"}
    ),
)


def picture(seed=0):
    return np.random.default_rng(seed).normal(size=(1, 3, SIZE, SIZE)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    network = ViT(SMALL).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.4 * torch.randn_like(parameter))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a network only waits for a second one
    yield network
    torch.set_num_threads(threads)


@given(steps=st.lists(moving, max_size=5))
@settings(max_examples=30, deadline=None)
def test_moving_pieces_loses_no_pixel(steps):
    broken = breaking.replay(steps, SIZE)
    np.testing.assert_array_equal(np.sort(broken.source, axis=None), np.arange(SIZE**2))
    assert not broken.holes.any()


@given(steps=st.lists(moving, max_size=4))
@settings(max_examples=20, deadline=None)
def test_a_large_picture_breaks_as_a_small_one(steps):
    # The browser breaks 784 pixels, a network 56: every large pixel's block must agree.
    small, large = breaking.replay(steps, SIZE), breaking.replay(steps, 2 * SIZE)
    rows, columns = np.divmod(large.source, 2 * SIZE)
    blocks = (rows // 2) * SIZE + columns // 2
    np.testing.assert_array_equal(blocks[::2, ::2], small.source)
    np.testing.assert_array_equal(blocks[1::2, 1::2], small.source)


def test_four_pixels_rearranged_turned_and_shifted_by_hand():
    whole = breaking.whole(2)
    assert breaking.swap(whole, 2, 0, 3).source.tolist() == [[3, 1], [2, 0]]
    assert breaking.rearrange(whole, [1, 2, 3, 0]).source.tolist() == [[1, 2], [3, 0]]
    assert breaking.turn(whole, 1, [0], 1).source.tolist() == [[2, 0], [3, 1]]  # clockwise
    assert breaking.turn(whole, 1, [0], -1).source.tolist() == [[1, 3], [0, 2]]
    assert breaking.shift(whole, 0, 1).source.tolist() == [[1, 0], [3, 2]]
    assert breaking.shift(whole, 1, 0, "mirror").source.tolist() == [[0, 1], [0, 1]]
    assert breaking.erase(whole, 2, [1]).holes.tolist() == [[False, True], [False, False]]


def test_erased_pieces_are_the_mean_and_move_with_their_piece():
    steps = [
        {"kind": "erase", "side": 14, "places": [0, 5]},
        {"kind": "restore", "side": 14, "places": [5]},
        {"kind": "swap", "side": 14, "one": 0, "other": 195},
    ]
    broken = breaking.replay(steps, SIZE)
    pixels = breaking.applied(broken, picture() + 10)
    assert (pixels[0, :, -4:, -4:] == 0).all()
    assert (pixels != 0).sum() == 3 * (SIZE**2 - 16)
    again = breaking.replay([*steps, {"kind": "holes", "side": 2, "places": [0]}], SIZE)
    assert again.holes[:28, :28].all()
    assert again.holes.sum() == 28**2


@given(seed=st.integers(0, 999))
@settings(max_examples=15, deadline=None)
def test_a_patch_order_is_found_and_undone(seed):
    order = np.random.default_rng(seed).permutation(GRID**2)
    broken = breaking.rearrange(breaking.whole(SIZE), order)
    np.testing.assert_array_equal(breaking.patch_order(broken, GRID), order)
    values = np.arange(GRID**2, dtype=np.float64)
    np.testing.assert_array_equal(breaking.put_back(values[order], order), values)


@pytest.mark.parametrize(
    "step",
    [
        {"kind": "turn", "side": 14, "places": [3], "quarters": 1},
        {"kind": "erase", "side": 14, "places": [3]},
        {"kind": "shift", "down": 0, "right": 1, "edge": "wrap"},
        {"kind": "shift", "down": 0, "right": 4, "edge": "mirror"},
    ],
)
def test_what_changes_a_patch_is_no_order(step):
    assert breaking.patch_order(breaking.replay([step], SIZE), GRID) is None


def test_a_shift_by_a_whole_patch_is_an_order():
    broken = breaking.replay([{"kind": "shift", "down": 0, "right": 4, "edge": "wrap"}], SIZE)
    order = breaking.patch_order(broken, GRID)
    assert order[:3].tolist() == [13, 0, 1]
    assert breaking.displaced(broken) == 1


@given(seed=st.integers(0, 999))
@settings(max_examples=4, deadline=None)
def test_without_positions_the_class_token_cannot_tell_the_order(model, seed):
    order = np.random.default_rng(seed).permutation(GRID**2)
    broken = breaking.rearrange(breaking.whole(SIZE), order)
    image = picture(seed)
    moved = breaking.applied(broken, image)
    whole, now = (probe.react(model, x, positions=False) for x in (image, moved))
    np.testing.assert_allclose(now.logits, whole.logits, atol=2e-4)
    back = breaking.put_back(now.attention, order)
    np.testing.assert_allclose(back, whole.attention, atol=1e-5)
    assert np.abs(now.attention - whole.attention).max() > 1e-4
    with_positions = [probe.react(model, x).logits for x in (image, moved)]
    assert np.abs(with_positions[0] - with_positions[1]).max() > 1e-2


def test_shares_of_many_pictures_are_those_of_each(model):
    images = np.concatenate([picture(1), picture(2)])
    for positions in (True, False):
        shares = probe.shares(model, images, 3, positions=positions)
        alone = [probe.react(model, x[None], positions=positions).logits for x in images]
        expected = [np.exp(x[3]) / np.exp(x).sum() for x in alone]
        np.testing.assert_allclose(shares, expected, rtol=1e-4)


def test_the_attention_is_the_last_layers_class_row(model):
    from viz_core.probe import attention

    look = attention(model, picture())
    expected = look.patterns[-1].mean(axis=0)[0, 1:]
    np.testing.assert_allclose(probe.react(model, picture()).attention, expected, atol=1e-7)


def test_a_swins_map_is_what_its_head_reads_brought_to_the_first_map():
    torch.manual_seed(0)
    options = {"image_size": SIZE, "patch_size": 4, "width": 8, "classes": 3, "window": SIZE // 4}
    one = Swin(SwinConfig(depths=(1,), heads=(2,), **options)).eval()
    with torch.inference_mode(), record(one, "*.pattern") as trace:
        one(torch.from_numpy(picture()))
    (pattern,) = trace.tensors.values()  # (1, 1 window, head, query, key): the whole map
    flat = 1 / pattern.shape[-1]
    expected = 0.5 * flat + 0.5 * pattern[0, 0].mean(dim=(0, 1)).numpy()
    np.testing.assert_allclose(probe.react(one, picture()).attention, expected, atol=1e-6)
    options |= {"patch_size": 2, "window": 4}
    seen = probe.react(Swin(SwinConfig(depths=(2, 2), heads=(2, 2), **options)), picture())
    assert seen.attention.shape == ((SIZE // 2) ** 2,)
    assert seen.attention.sum() == pytest.approx(1)


def test_a_network_without_attention_answers_without_a_map():
    class Mean(torch.nn.Module):
        views: ClassVar = {}

        def forward(self, image):
            return image.mean(dim=(2, 3))

    plain = Mean()
    assert probe.react(plain, picture()).attention is None
    assert not probe.has_positions(plain)
    with pytest.raises(ValueError, match="adds no positions"):
        probe.react(plain, picture(), positions=False)


@pytest.mark.parametrize(
    "steps",
    [
        [{"kind": "order", "order": [0, 0, 1, 2]}],
        [{"kind": "order", "order": [0, 1, 2]}],
        [{"kind": "order", "order": "abcd"}],
        [{"kind": "swap", "side": 14, "one": 0, "other": 196}],
        [{"kind": "swap", "side": 5, "one": 0, "other": 1}],
        [{"kind": "turn", "side": 14, "places": [-1], "quarters": 1}],
        [{"kind": "erase", "side": 14, "places": [0.5]}],
        [{"kind": "erase", "side": "a", "places": [0]}],
        [{"kind": "shift", "down": 57, "right": 0, "edge": "wrap"}],
        [{"kind": "shift", "down": 1}],
        [{"kind": "burn"}],
        [{"kind": "swap", "side": 14, "one": 0, "other": 1}] * (breaking.MOST_STEPS + 1),
    ],
)
def test_steps_that_cannot_be_are_refused(steps):
    with pytest.raises(ValueError, match=r".+"):
        breaking.replay(steps, SIZE)


def test_sizes_and_shares_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="units"):
        breaking.replay([], 60)
    with pytest.raises(ValueError, match="fit"):
        breaking.applied(breaking.whole(28), picture())
    with pytest.raises(ValueError, match="needs pixels"):
        breaking.whole(0)
    with pytest.raises(ValueError, match="values for"):
        breaking.put_back(np.zeros(3), np.arange(4))
    with pytest.raises(ValueError, match="sum to 1"):
        breaking.total_variation(np.ones(2), np.array([0.5, 0.5]))


def test_total_variation_by_hand():
    before, after = np.array([0.7, 0.2, 0.1]), np.array([0.4, 0.3, 0.3])
    assert breaking.total_variation(before, after) == pytest.approx(0.3)
    assert breaking.total_variation(before, before) == 0


@pytest.mark.parametrize("kind", damage.KINDS)
@given(seed=st.integers(0, 99))
@settings(max_examples=5, deadline=None)
def test_a_dose_of_damage_is_as_large_as_it_says(kind, seed):
    none = damage.damaged(kind, 0, size=SIZE, grid=GRID, seed=seed)
    assert breaking.displaced(none) == none.holes.mean() == 0
    if kind == "shift":
        moved = damage.damaged(kind, 3, size=SIZE, grid=GRID, seed=seed)
        assert breaking.displaced(moved) == 1
        return
    half = damage.damaged(kind, 0.5, size=SIZE, grid=GRID, seed=seed)
    if kind == "erase":
        assert half.holes.mean() == 0.5
    else:
        assert breaking.displaced(half) == 0.5


def test_a_dose_beyond_all_patches_is_refused():
    with pytest.raises(ValueError, match="share"):
        damage.damaged("erase", 1.5, size=SIZE, grid=GRID, seed=0)


def test_the_figure_draws_mean_and_range():
    doses = len(damage.DOSES["erase"])
    shares = np.stack([np.linspace(1, 0, doses), np.linspace(0.5, 0, doses)], axis=1)
    figure = damage.survival_figure("erase", [damage.Curve("one", "#8b7cf6", "dash", shares)])
    band, line = figure.data
    assert line.y[0] == 75
    assert (band.y[0], band.y[-1]) == (100, 50)
    assert line.x[-1] == 90
    with pytest.raises(ValueError, match="rows"):
        damage.survival_figure("erase", [damage.Curve("one", "#8b7cf6", "dash", shares[1:])])


def test_a_frame_comes_back_and_half_of_it_is_refused():
    frame = mosaic.pack({"kind": "board", "n": 1}, b"jpeg")
    assert mosaic.unpack(frame) == ({"kind": "board", "n": 1}, b"jpeg")
    with pytest.raises(ValueError, match="cut short"):
        mosaic.unpack(frame[:6])
    with pytest.raises(ValueError, match="JSON"):
        mosaic.pack({"bad": float("nan")})
