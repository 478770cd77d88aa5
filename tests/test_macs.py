import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from models.vit import ViT, ViTConfig
from viz_core import macs
from viz_core.macs import Shape, cost, parameters, readable

BASE = Shape(side=224, patch=16, width=768, depth=12, heads=12)


def shape_of(cfg):
    return Shape(
        side=cfg.image_size, patch=cfg.patch_size, width=cfg.width, depth=cfg.depth,
        heads=cfg.heads, prefix=cfg.prefix, mlp_ratio=cfg.mlp_ratio, classes=cfg.classes,
    )  # fmt: skip


@pytest.mark.parametrize(
    "cfg",
    [
        ViTConfig(image_size=56, patch_size=4, width=160, depth=2, heads=5, classes=32),
        ViTConfig(image_size=32, patch_size=16, width=64, depth=3, heads=4, classes=7),
        ViTConfig(image_size=28, patch_size=14, width=48, depth=1, heads=3, registers=4, classes=0),
        ViTConfig(image_size=24, patch_size=1, width=32, depth=2, heads=1, mlp_ratio=2.5),
        ViTConfig(
            image_size=64, patch_size=8, width=96, heads=2, pool="average", class_token=False
        ),
    ],
)
def test_macs_and_parameters_are_those_of_the_network(cfg):
    model = ViT(cfg).eval()
    picture = torch.zeros(1, 3, cfg.image_size, cfg.image_size)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(picture)
    assert counter.get_total_flops() == 2 * cost(shape_of(cfg)).total
    assert parameters(shape_of(cfg)) == sum(p.numel() for p in model.parameters())


def test_vit_base_costs_what_people_say():
    assert parameters(BASE) == 86_567_656
    assert cost(BASE).total == 17_563_828_224
    assert readable(cost(BASE).total, "MACs") == "17.6\u2009G MACs"
    assert cost(BASE).tokens == 197
    assert cost(BASE).pattern_bytes == 12 * 12 * 197**2 * 4


def test_swins_first_stage_is_as_in_its_paper():
    # 56 x 56 tokens of width 96, equations 1 and 2 with M = 7: 2003.8 M against 145.1 M.
    stage = Shape(side=224, patch=4, width=96, depth=1, heads=3, prefix=0, classes=0)
    full, window = cost(stage), cost(stage, "window", 7)
    assert (full.projections + full.attention) / 1e6 == pytest.approx(2003.8, abs=0.1)
    assert (window.projections + window.attention) / 1e6 == pytest.approx(145.1, abs=0.1)


def test_a_small_case_by_hand():
    tiny = Shape(side=4, patch=2, width=3, depth=1, heads=1, prefix=1, mlp_ratio=2, classes=5)
    by_hand = cost(tiny)
    assert by_hand.tokens == 5
    assert by_hand.embedding == 4 * 12 * 3
    assert by_hand.projections == 4 * 5 * 9
    assert by_hand.attention == 2 * 25 * 3
    assert by_hand.mlp == 2 * 5 * 3 * 6
    assert by_hand.head == 15
    axial = cost(tiny, "axial")
    assert (axial.tokens, axial.attention, axial.projections) == (4, 2 * 16 * 3, 2 * 4 * 4 * 9)


def test_a_grid_that_is_no_multiple_of_the_window_is_padded():
    padded = Shape(side=8, patch=1, width=4, depth=1, heads=2, prefix=0)
    assert cost(padded, "window", 7).attention == 2 * 14**2 * 49 * 4
    assert cost(padded, "window", 8).attention == cost(padded).attention


@given(
    grid=st.integers(1, 40), patch=st.integers(1, 16), width=st.integers(1, 8),
    depth=st.integers(1, 4), window=st.integers(1, 50),
)  # fmt: skip
def test_no_kind_attends_to_more_than_all_pairs_of_what_it_holds(grid, patch, width, depth, window):
    shape = Shape(side=grid * patch, patch=patch, width=16 * width, depth=depth, heads=2, prefix=0)
    full, one = cost(shape), cost(shape, "window", grid)
    assert one.attention == full.attention
    assert cost(shape, "window", 1).attention * grid**2 == full.attention
    assert cost(shape, "axial").attention * grid == 2 * full.attention
    assert cost(shape, "window", window).mlp == full.mlp
    assert full.total >= full.attention > 0


@pytest.mark.parametrize(("side", "patch"), [(56, 5), (3, 4), (8, 0)])
def test_a_picture_that_does_not_divide_is_refused(side, patch):
    shape = Shape(side=side, patch=patch, width=8, depth=1, heads=1)
    with pytest.raises(ValueError, match="do not divide"):
        cost(shape)
    with pytest.raises(ValueError, match="do not divide"):
        parameters(shape)


def test_a_window_without_patches_is_refused():
    with pytest.raises(ValueError, match="at least one patch"):
        cost(BASE, "window", 0)


@pytest.mark.parametrize(
    ("count", "unit", "text"),
    [
        (0, "B", "0\u2009B"),
        (999.4, "B", "999\u2009B"),
        (999_999, "B", "1\u2009MB"),
        (438_900_000, "MACs", "439\u2009M MACs"),
        (2.5e15, "MACs", "2.5\u2009P MACs"),
    ],
)
def test_counts_have_three_digits(count, unit, text):
    assert readable(count, unit) == text


@pytest.mark.parametrize("count", [-1, float("nan"), float("inf")])
def test_what_is_no_count_is_refused(count):
    with pytest.raises(ValueError, match="finite and not negative"):
        readable(count, "B")


def test_a_number_takes_four_bytes():
    assert torch.zeros(1).element_size() == macs.BYTES_PER_NUMBER
