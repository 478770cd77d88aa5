"""What a compact transformer costs, against torch's own counter and the paper."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from models.compact import VARIANTS, Compact
from viz_core.compact_macs import CompactShape, cost


def shape_of(cfg):
    return CompactShape(
        side=cfg.image_size, kernel=cfg.kernel, stride=cfg.stride, padding=cfg.padding,
        channels=cfg.channels, max_pool=cfg.max_pool, depth=cfg.depth, heads=cfg.heads,
        mlp_ratio=cfg.mlp_ratio, seq_pool=cfg.seq_pool, classes=cfg.classes,
    )  # fmt: skip


SMALL = shape_of(VARIANTS["cct_2_3x2_32"])


@pytest.mark.parametrize("name", [name for name in VARIANTS if "_sine" not in name])
def test_macs_are_those_that_torch_counts(name):
    cfg = VARIANTS[name]
    with torch.device("meta"):
        model, picture = Compact(cfg), torch.zeros(1, 3, cfg.image_size, cfg.image_size)
    with FlopCounterMode(display=False) as counter:
        model(picture)
    found = cost(shape_of(cfg))
    assert counter.get_total_flops() == 2 * found.total
    assert found.tokens == cfg.prefix + cfg.grid**2


@pytest.mark.parametrize(
    ("name", "giga"),
    [("cct_2_3x2_32", 0.033), ("cct_7_3x1_32", 0.947), ("vit_lite_7_4_32", 0.239)],
)
def test_macs_without_those_of_attention_are_the_papers(name, giga):
    found = cost(shape_of(VARIANTS[name]))
    assert found.total / 1e9 > giga
    assert (found.total - found.attention) / 1e9 == pytest.approx(giga, abs=0.0006)


def test_a_small_tokenizer_by_hand():
    found = cost(SMALL)
    assert SMALL.maps == ((32, 16), (16, 8))
    assert SMALL.sees == (5, 13)
    assert found.embedding == 32 * 32 * 9 * 3 * 64 + 16 * 16 * 9 * 64 * 128
    assert found.head == 64 * 128 + 64 * 128 + 1280
    assert found.pattern_bytes == 2 * 2 * 64 * 64 * 4


@settings(max_examples=30, deadline=None)
@given(side=st.integers(4, 64), pool=st.booleans(), stride=st.integers(1, 3), place=st.floats(0, 1))
def test_a_place_sees_as_many_pixels_as_going_back_step_by_step_says(side, pool, stride, place):
    shape = replace(SMALL, side=side, max_pool=pool, stride=stride)
    first = last = round(place * (shape.maps[-1][1] - 1))
    for _ in shape.channels[1:]:
        if pool:
            first, last = 2 * first - 1, 2 * last + 1
        first, last = first * stride - shape.padding, last * stride - shape.padding + 2
    assert last - first + 1 == shape.sees[-1]
    assert first < side
    assert last >= 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"depth": 0}, "must be positive"),
        ({"channels": (3,)}, "must be positive"),
        ({"side": 2, "kernel": 9}, "2 pixels are too few"),
    ],
)
def test_impossible_shapes_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        replace(SMALL, **wrong)
