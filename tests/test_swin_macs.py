"""Cost of a Swin against PyTorch's own counter, the paper and a small case by hand."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from models import swin, swin_v2
from models.catalog import CATALOG
from pages._ui.cached import pyramid
from viz_core import macs, swin_macs, windows
from viz_core.swin_macs import SwinShape

NANO = swin.SwinConfig(
    image_size=56, patch_size=2, width=64, depths=(2, 4, 2), heads=(2, 4, 8), classes=32
)


@pytest.mark.parametrize(
    ("build", "cfg"),
    [
        (swin.Swin, NANO),
        (swin.Swin, swin.SwinConfig()),
        (
            swin.Swin,
            swin.SwinConfig(
                image_size=60, width=24, depths=(1, 2, 1), heads=(1, 2, 3), window=4, classes=0
            ),
        ),
        (
            swin_v2.SwinV2,
            swin_v2.SwinV2Config(
                image_size=64, width=32, depths=(1, 2), heads=(2, 4), window=8, mlp_ratio=2.0
            ),
        ),
    ],
    ids=["nano", "tiny", "padded", "v2"],
)
def test_macs_and_parameters_are_those_of_the_network(build, cfg):
    with torch.device("meta"):
        model = build(cfg).eval()
        picture = torch.zeros(1, 3, cfg.image_size, cfg.image_size)
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(picture)
    shape = pyramid.shape_of(cfg)
    assert counter.get_total_flops() == 2 * swin_macs.total(shape)
    assert swin_macs.parameters(shape) == sum(p.numel() for p in model.parameters())
    for stage, cost in enumerate(swin_macs.stages(shape)):
        weights = sum(p.numel() for p in model.layers[stage].parameters())
        first = sum(p.numel() for p in model.patch_embed.parameters()) if not stage else 0
        assert cost.parameters == weights + first


@pytest.mark.parametrize(
    ("name", "millions", "billions"),
    [
        ("swin_tiny_patch4_window7_224", 28, 4.5),
        ("swin_small_patch4_window7_224", 50, 8.7),
        ("swin_base_patch4_window7_224", 88, 15.4),
    ],
)
def test_the_papers_networks_cost_what_its_table_says(name, millions, billions):
    shape = pyramid.shape_of(CATALOG[name].config)
    assert round(swin_macs.parameters(shape) / 1e6) == pytest.approx(millions, abs=1)
    assert swin_macs.total(shape) / 1e9 == pytest.approx(billions, abs=0.1)


def test_a_small_case_by_hand():
    # 8 x 8 pixels, patches of 2: maps of 4 x 4 and 2 x 2; windows of 2.
    shape = SwinShape(
        side=8, patch=2, width=3, depths=(1, 1), heads=(1, 1), window=2, mlp_ratio=2, classes=5
    )
    first, second = swin_macs.stages(shape)
    assert (first.grid, second.grid, first.width, second.width) == (4, 2, 3, 6)
    assert first.entering == 16 * 12 * 3
    assert first.inside.projections == 4 * 16 * 9
    assert first.inside.attention == 2 * 4 * 16 * 3
    assert first.inside.mlp == 2 * 16 * 3 * 6
    assert second.entering == 4 * 12 * 6
    assert second.inside.attention == 2 * 4 * 4 * 6
    assert swin_macs.total(shape) == first.total + second.total + 6 * 5
    assert first.parameters == 3 * 13 + 6 + (4 * 3 * 4 + 9 + 6 * 4 + 3 * 7 + 12)


@settings(deadline=None, max_examples=25)
@given(
    grid=st.integers(1, 12), window=st.integers(1, 9), width=st.integers(1, 6),
    depths=st.lists(st.integers(1, 3), min_size=1, max_size=3),
)  # fmt: skip
def test_windows_never_attend_to_more_than_all_pairs_of_whole_windows(grid, window, width, depths):
    shape = SwinShape(
        side=2 * grid, patch=2, width=8 * width, depths=tuple(depths), heads=(1,) * len(depths),
        window=window,
    )  # fmt: skip
    pairs = zip(swin_macs.stages(shape), swin_macs.stages(shape, "full"), strict=True)
    for cut, full in pairs:
        assert cut.inside.mlp == full.inside.mlp
        assert cut.parameters == full.parameters
        if cut.grid % cut.window == 0:
            assert cut.inside.attention <= full.inside.attention
            one = windows.window_msa_macs(cut.grid, cut.grid, cut.width, cut.window)
            assert cut.inside.projections + cut.inside.attention == cut.depth * one
        if cut.window == cut.grid:
            assert cut.inside == full.inside


@pytest.mark.parametrize(
    "wrong",
    [{"side": 57}, {"window": 0}, {"heads": (1,)}, {"depths": (0, 1)}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_no_swin_is_refused(wrong):
    fields = dict(side=56, patch=2, width=8, depths=(1, 1), heads=(1, 1), window=7) | wrong
    with pytest.raises(ValueError, match=r"divide|at least 1|stages"):
        SwinShape(**fields)


def test_another_size_is_another_cost_of_the_same_weights():
    shape = pyramid.shape_of(NANO)
    large = swin_macs.at_side(shape, 112)
    assert swin_macs.parameters(large) == swin_macs.parameters(shape)
    assert swin_macs.stages(large)[0].inside.attention == (
        4 * swin_macs.stages(shape)[0].inside.attention
    )
    assert macs.readable(swin_macs.parameters(shape), "weights")[:4] == "2.65"
