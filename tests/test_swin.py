"""Our Swin against timm's in float64, and the traps of windows, shift, mask and bias."""

import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from models import swin
from models.bias_table import resample_bias_table, resample_bias_tables
from models.catalog import CATALOG
from models.published import renamed
from models.swin import Swin, SwinConfig
from models.tap import matching, record, taps
from tests.parity import TOLERANCE, distance, shaken, theirs_for, timm

pytestmark = pytest.mark.usefixtures("one_thread")

reference = timm.models.swin_transformer
ROOT = Path(__file__).parent.parent
CPU = torch.device("cpu")
# Maps of 16 x 16, 8 x 8 and 4 x 4, so that the last stage is one window.
SMALL = SwinConfig(
    image_size=32, patch_size=2, width=12, depths=(2, 2, 2), heads=(1, 2, 3), window=4, classes=7
)


def timm_swin(cfg, **others):
    """timm's network for any of our configs."""
    return reference.SwinTransformer(
        img_size=cfg.image_size,
        patch_size=cfg.patch_size,
        embed_dim=cfg.width,
        depths=cfg.depths,
        num_heads=cfg.heads,
        window_size=cfg.window,
        mlp_ratio=cfg.mlp_ratio,
        num_classes=cfg.classes,
        **others,
    )


def twins(cfg, theirs=None):
    """Their network and ours in float64 with the same shaken weights."""
    theirs = shaken((theirs or timm_swin(cfg)).double().eval())
    ours = Swin(cfg).double().eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return ours, theirs


def noise(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


# --- Parity


def test_output_of_swin_tiny_equals_timm_at_native_size():
    name = "swin_tiny_patch4_window7_224"
    cfg = CATALOG[name].config
    assert distance(cfg, theirs_for(name), 1, 3, 224, 224, network=Swin) <= TOLERANCE


@pytest.mark.parametrize(
    ("name", "width", "heads"),
    [
        ("swin_small_patch4_window7_224", 48, (3, 6, 12, 24)),
        ("swin_base_patch4_window7_224", 128, (4, 8, 16, 32)),
        ("swin_base_patch4_window12_384", 32, (4, 8, 16, 32)),
    ],
)
def test_output_of_larger_swins_equals_timm_with_fewer_blocks(name, width, heads):
    # Whole, they take seconds; their tensors are compared one by one in test_catalog.py.
    depths = (2, 2, 3, 2) if name.startswith("swin_small") else (1, 2, 1, 1)
    cfg = replace(CATALOG[name].config, depths=depths, width=width, heads=heads)
    theirs = theirs_for(name, depths=depths, embed_dim=width, num_heads=heads)
    side = cfg.image_size
    assert distance(cfg, theirs, 1, 3, side, side, network=Swin) <= TOLERANCE


@pytest.mark.parametrize("window", [1, 2, 3, 4, 5, 7, 8, 16, 20])
@pytest.mark.parametrize("image_size", [32, 30])
def test_any_window_size_equals_timm(window, image_size):
    # Windows that divide the map and windows that do not, even and odd, smaller and larger.
    cfg = replace(SMALL, window=window, image_size=image_size)
    assert distance(cfg, timm_swin(cfg), 2, 3, image_size, image_size, network=Swin) <= TOLERANCE


@pytest.mark.parametrize("size", [(24, 40), (26, 18), (8, 8), (4, 2), (62, 34)], ids=str)
def test_any_input_size_equals_timm(size):
    # 13 x 9 tokens are odd at every merging; 2 x 1 are smaller than a window everywhere.
    theirs = timm_swin(SMALL, strict_img_size=False)
    assert distance(SMALL, theirs, 2, 3, *size, network=Swin) <= TOLERANCE


@pytest.mark.parametrize(
    "options",
    [{"mlp_ratio": 2.5}, {"classes": 0}, {"depths": (1, 3), "heads": (2, 4)}],
    ids=str,
)
def test_options_equal_timm(options):
    cfg = replace(SMALL, **options)
    assert distance(cfg, timm_swin(cfg), 2, 3, 32, 32, network=Swin) <= TOLERANCE


def bicubic(table, window):
    """timm's own bicubic resampling of a bias table."""
    resize = timm.layers.pos_embed_rel.resize_rel_pos_bias_table_simple
    return resize(table, (window, window), ((2 * window - 1) ** 2, table.shape[1]))


@pytest.mark.parametrize(("image_size", "window"), [(32, 5), (64, 8), (40, 6), (32, 2)])
def test_another_window_or_image_size_equals_timm_after_its_set_input_size(
    image_size, window, monkeypatch
):
    def as_in_the_paper(table, new_window_size, **_others):  # timm's usual one is BEiT's
        return bicubic(table, new_window_size[0])

    monkeypatch.setattr(reference, "resize_rel_pos_bias_table", as_in_the_paper)
    cfg = replace(SMALL, image_size=image_size, window=window)
    theirs = shaken(timm_swin(SMALL).double().eval())
    weights = resample_bias_tables(theirs.state_dict(), cfg)
    theirs.set_input_size(img_size=(image_size, image_size), window_size=window)
    ours = Swin(cfg).double().eval()
    ours.load_state_dict(weights, strict=True)
    image = noise(1, 3, image_size, image_size)
    with torch.inference_mode():
        torch.testing.assert_close(ours(image), theirs(image), rtol=0, atol=TOLERANCE)


def test_taps_hold_what_timm_computes_inside():
    ours, theirs = twins(SMALL)
    seen = {}

    def see(name, pick):
        return lambda _module, args, out=None: seen.update({name: pick(args, out)})

    for name, module in theirs.named_modules():
        module.register_forward_hook(see(name, lambda _args, out: out))
        module.register_forward_pre_hook(see(f"{name}<", lambda args, _out: args[0]))
    with torch.inference_mode(), record(ours, "*") as trace:
        ours(noise(2, 3, 32, 32))
        theirs(noise(2, 3, 32, 32))

    def same(found, expected):
        torch.testing.assert_close(found, expected, rtol=0, atol=TOLERANCE)

    for stage, block in itertools.product(range(3), range(2)):
        at = f"layers.{stage}.blocks.{block}"
        offset = trace[f"{at}.attn.bias"]  # (h, n, n)
        if f"{at}.attn.mask" in trace.tensors:
            offset = offset + trace[f"{at}.attn.mask"][:, None]
        masked = (trace[f"{at}.attn.scores"] + offset).flatten(0, 1)  # timm folds b and w
        same(masked, seen[f"{at}.attn.softmax<"])
        same(trace[f"{at}.attn.pattern"].flatten(0, 1), seen[f"{at}.attn.softmax"])
        mixed = trace[f"{at}.attn.mixed"].flatten(0, 1).transpose(1, 2).flatten(2)
        same(mixed, seen[f"{at}.attn.proj<"])
        same(trace[f"{at}.windows"].flatten(0, 1), seen[f"{at}.attn<"])
        same(trace[f"{at}.resid_mid"].flatten(1, 2), seen[f"{at}.norm2<"])
        same(trace[f"{at}.resid_post"], seen[at])
    same(trace["layers.1.downsample.merged"], seen["layers.1.downsample.norm<"])
    same(trace["embedded"], seen["patch_embed"])
    same(trace["pooled"], seen["head.fc<"])


def test_masks_and_indices_are_timms():
    theirs = timm_swin(replace(SMALL, image_size=48, patch_size=2, window=7))
    block = theirs.layers[0].blocks[1]
    assert block.input_resolution == (24, 24)
    ours = swin.shift_mask(28, 28, 7, 3, CPU, torch.float32)  # 24 is filled up to 28
    assert torch.equal(ours, block.attn_mask)
    index = swin.relative_position_index(7, CPU)
    assert torch.equal(index, block.attn.relative_position_index)


def test_the_authors_own_layout_is_converted_as_timm_does():
    theirs = shaken(timm_swin(SMALL))
    published = {
        name.replace("layers.1.down", "layers.0.down")
        .replace("layers.2.down", "layers.1.down")
        .replace("head.fc", "head"): tensor
        for name, tensor in theirs.state_dict().items()
    }
    computed = {
        "layers.0.blocks.1.attn_mask": torch.zeros(16, 16, 16),
        "layers.0.blocks.0.attn.relative_position_index": torch.zeros(16, 16, dtype=torch.long),
    }
    expected = reference.checkpoint_filter_fn(published | computed, theirs)
    found = renamed(published | computed, "swin")
    assert found.keys() == expected.keys() == Swin(SMALL).state_dict().keys()
    assert all(torch.equal(found[k], v) for k, v in expected.items())


# --- Traps: windows and shift


@given(
    rows=st.integers(1, 4),
    columns=st.integers(1, 4),
    window=st.integers(1, 5),
    width=st.integers(1, 3),
)
@settings(max_examples=40, deadline=None)
def test_reversed_partition_is_the_map_itself(rows, columns, window, width):
    x = noise(2, rows * window, columns * window, width)
    windows = swin.window_partition(x, window)
    assert windows.shape == (2, rows * columns, window**2, width)
    theirs = reference.window_partition(x, (window, window))
    assert torch.equal(windows.view(-1, window, window, width), theirs)
    assert torch.equal(swin.window_reverse(windows, window, rows), x)


def test_a_window_as_large_as_the_map_is_not_shifted():
    assert [SMALL.side_of(i) for i in range(3)] == [16, 8, 4]
    assert [[SMALL.shift_of(i, b) for b in range(2)] for i in range(3)] == [[0, 2], [0, 2], [0, 0]]
    tiny = SwinConfig()
    assert [tiny.side_of(i) for i in range(4)] == [56, 28, 14, 7]
    assert [tiny.shift_of(i, 1) for i in range(4)] == [3, 3, 3, 0]
    masks = [name for name in taps(Swin(SMALL)) if name.endswith("attn.mask")]
    assert masks == ["layers.0.blocks.1.attn.mask", "layers.1.blocks.1.attn.mask"]


def test_a_window_larger_than_the_map_shrinks_to_it():
    cfg = replace(SMALL, window=10)
    assert [cfg.window_of(i) for i in range(3)] == [10, 8, 4]
    assert [cfg.shift_of(i, 1) for i in range(3)] == [5, 0, 0]
    table = Swin(cfg).layers[2].blocks[1].attn.relative_position_bias_table
    assert table.shape == (49, 3)


def test_regions_are_counted_in_the_rolled_map():
    expected = [[0] * 4 + [1] * 2 + [2] * 2] * 4
    expected += [[3] * 4 + [4] * 2 + [5] * 2] * 2 + [[6] * 4 + [7] * 2 + [8] * 2] * 2
    assert swin.region_ids(8, 8, 4, 2).tolist() == expected


SHIFTED = st.integers(2, 6).flatmap(
    lambda window: st.tuples(
        st.just(window), st.integers(1, window - 1), st.integers(1, 4), st.integers(1, 4)
    )
)


def ragged_windows(height, width, window, shift):
    """Number of the ragged window that each token of the picture's own map is in."""
    down = (torch.arange(height) - shift).div(window, rounding_mode="floor")
    right = (torch.arange(width) - shift).div(window, rounding_mode="floor")
    return 100 * down[:, None] + right


@given(SHIFTED)
@settings(max_examples=60, deadline=None)
def test_the_mask_opens_what_shares_a_ragged_window_in_the_picture(sizes):
    window, shift, rows, columns = sizes
    height, width = rows * window, columns * window
    ids = ragged_windows(height, width, window, shift).roll((-shift, -shift), (0, 1))
    ids = swin.window_partition(ids[None, :, :, None], window)[0, :, :, 0]  # (w, n)
    mask = swin.shift_mask(height, width, window, shift, CPU, torch.float64)
    assert torch.equal(mask == 0, ids[:, :, None] == ids[:, None, :])
    assert torch.equal(mask, mask.mT)
    assert set(mask.unique().tolist()) == {0.0, -100.0}  # finite: -inf could make a row of 0 / 0
    assert (mask.diagonal(dim1=1, dim2=2) == 0).all()


@pytest.mark.parametrize("sizes", [(4, 2, 2, 3), (3, 1, 2, 2), (5, 2, 1, 2)], ids=str)
def test_masked_cyclic_attention_equals_attention_on_the_ragged_windows(sizes):
    window, shift, rows, columns = sizes
    cfg = replace(SMALL, image_size=8 * window, window=window, heads=(2, 2, 2))
    block = shaken(Swin(cfg).double().eval()).layers[0].blocks[1]
    assert block.shift == window // 2 == shift
    x = noise(1, rows * window, columns * window, 12)
    with torch.inference_mode():
        found = block.attend(x)
        expected = ragged_attention(block.attn, x[0], window, shift)
    torch.testing.assert_close(found[0], expected, rtol=0, atol=1e-12)
    with torch.inference_mode(), record(block, "attn.mask", edits={"attn.mask": torch.zeros_like}):
        leaking = block.attend(x)
    assert (leaking - found).abs().max() > 1e-3, "without its mask attention crosses the seam"


def ragged_attention(attn, x, window, shift):
    """One group of tokens after the other: nothing is rolled, padded or masked."""
    height, width, d = x.shape
    ids = ragged_windows(height, width, window, shift).flatten()
    where = torch.cartesian_prod(torch.arange(height), torch.arange(width))
    table = attn.relative_position_bias_table.view(2 * window - 1, 2 * window - 1, attn.heads)
    tokens, out = x.reshape(-1, d), torch.zeros(height * width, d, dtype=x.dtype)
    for group in ids.unique():
        chosen = (ids == group).nonzero()[:, 0]
        parts = attn.qkv(tokens[chosen]).view(len(chosen), 3, attn.heads, -1)
        mixed = []
        for h in range(attn.heads):
            q, k, v = parts[:, 0, h], parts[:, 1, h], parts[:, 2, h]
            down, right = (where[chosen][:, None] - where[chosen]).unbind(-1)
            bias = table[down + window - 1, right + window - 1, h]
            mixed.append((q @ k.T / q.shape[1] ** 0.5 + bias).softmax(-1) @ v)
        out[chosen] = attn.proj(torch.cat(mixed, dim=1))
    return out.view(height, width, d)


def test_patterns_are_distributions_and_closed_across_the_seam():
    model = shaken(Swin(SMALL).double()).eval()
    with torch.inference_mode(), record(model, "*.attn.pattern", "*.attn.mask") as trace:
        model(noise(2, 3, 32, 32))
    patterns = trace.all("*.pattern")
    assert [tuple(p.shape) for p in patterns[1::2]] == [
        (2, 16, 1, 16, 16),
        (2, 4, 2, 16, 16),
        (2, 1, 3, 16, 16),
    ]
    for pattern in patterns:
        assert pattern.min() >= 0
        torch.testing.assert_close(pattern.sum(-1), torch.ones_like(pattern[..., 0]))
    pattern, mask = trace["layers.1.blocks.1.attn.pattern"], trace["layers.1.blocks.1.attn.mask"]
    closed = (mask < 0)[None, :, None].expand_as(pattern)
    assert pattern[closed].max() < 1e-35
    assert pattern[~closed].min() > 1e-6


# --- Traps: position bias and merging


def test_the_index_of_a_window_of_two_is_query_minus_key():
    # Tokens (0,0) (0,1) (1,0) (1,1); row of the 3 x 3 table = 3 (dy + 1) + dx + 1.
    assert swin.relative_position_index(2, CPU).tolist() == [
        [4, 3, 1, 0],
        [5, 4, 2, 1],
        [7, 6, 4, 3],
        [8, 7, 5, 4],
    ]


@given(window=st.integers(1, 9), seed=st.integers(0, 2**31))
@settings(max_examples=30, deadline=None)
def test_the_table_turned_by_180_degrees_shows_where_the_key_is(window, seed):
    index = swin.relative_position_index(window, CPU)
    g = torch.Generator().manual_seed(seed)
    (qy, qx), (ky, kx) = torch.randint(window, (2, 2), generator=g).tolist()
    table = torch.arange((2 * window - 1) ** 2).view(2 * window - 1, -1)
    centre = window - 1
    turned = table.rot90(2)
    seen = turned[centre + ky - qy, centre + kx - qx]
    assert index[qy * window + qx, ky * window + kx] == seen
    assert index.min() == 0
    assert index.max() == table.numel() - 1


def test_the_bias_of_a_pair_is_its_table_entry():
    attn = shaken(Swin(SMALL)).layers[1].blocks[0].attn
    bias = attn.position_bias()
    assert bias.shape == (2, 16, 16)
    # The query is token (0, 0) and the key (3, 2): offset (-3, -2), so row 7 * 0 + 1.
    assert torch.equal(bias[:, 0, 3 * 4 + 2], attn.relative_position_bias_table[1])


def test_two_by_two_neighbours_are_concatenated_in_the_papers_order():
    x = torch.arange(16.0).view(1, 4, 4, 1)
    merged = Swin(SMALL).layers[1].downsample.gather(x)
    assert merged[0, 0, 0].tolist() == [0, 4, 1, 5]  # x0 x1 x2 x3 of the authors' code
    assert merged[0, 1, 1].tolist() == [10, 14, 11, 15]


def test_odd_maps_are_filled_with_zeros_below_and_right():
    merged = Swin(SMALL).layers[1].downsample.gather(torch.ones(1, 3, 5, 1))
    assert merged.shape == (1, 2, 3, 4)
    assert merged[0, :, :, 0].eq(1).all()
    assert merged[0, 1, 2].tolist() == [1, 0, 0, 0]
    assert merged[0, 0, 2].tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize(("old", "new"), [(7, 12), (7, 8), (8, 3), (2, 7)])
def test_resampled_tables_are_bicubic_as_in_timm(old, new):
    table = noise((2 * old - 1) ** 2, 3).float()
    expected = bicubic(table, new)
    torch.testing.assert_close(resample_bias_table(table, new), expected)
    constant = resample_bias_table(torch.full_like(table, 2.5), new)
    torch.testing.assert_close(constant, torch.full_like(expected, 2.5))


def test_a_table_of_the_right_size_is_untouched_and_one_of_no_window_refused():
    table = torch.ones(49, 2)
    assert resample_bias_table(table, 4) is table
    for rows in (16, 50):  # 4 x 4 has no centre, 50 is no square
        with pytest.raises(ValueError, match=f"a table of {rows} rows is not one of"):
            resample_bias_table(torch.ones(rows, 2), 4)


# --- The network as a whole


def test_every_view_names_real_taps():
    model = Swin(SMALL)
    for pattern in Swin.views.values():
        assert len(matching(model, pattern)) == sum(SMALL.depths)


def test_recording_everything_leaves_the_logits_bit_equal():
    model = Swin(SMALL).eval()
    image = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        plain = model(image)
        with record(model, "*") as trace:
            watched = model(image)
    assert torch.equal(plain, watched)
    assert trace.tensors.keys() == taps(model).keys()


def test_parts_run_one_after_the_other_are_the_whole_model():
    model = Swin(SMALL).eval()
    image = torch.randn(1, 3, 32, 32)
    assert torch.equal(model(image), model.classify(model.embed(image)))
    x = model.embed(image)
    assert x.shape == (1, 16, 16, 12)
    for stage, shape in zip(model.layers, [(16, 16, 12), (8, 8, 24), (4, 4, 48)], strict=True):
        x = stage.blocks(stage.downsample(x))
        assert x.shape == (1, *shape)
    pooled = model.norm(x).mean(dim=(1, 2))
    torch.testing.assert_close(model.head(pooled), model(image), rtol=0, atol=1e-6)


def test_a_training_after_a_mere_look_has_gradients_everywhere():
    # Masks and indices are kept; made under inference_mode they could not be saved for backward.
    swin.shift_mask.cache_clear()
    swin.relative_position_index.cache_clear()
    model = shaken(Swin(SMALL))
    with torch.inference_mode():
        model(torch.randn(1, 3, 32, 32))
        assert not swin.shift_mask(16, 16, 4, 2, CPU, torch.float32).is_inference()
    assert swin.shift_mask.cache_info().hits == 1
    model(torch.randn(2, 3, 32, 32)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_kept_masks_are_those_of_their_own_precision():
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        model = Swin(SMALL).to(dtype)
        with torch.inference_mode(), record(model, "*.attn.mask") as trace:
            assert model(torch.randn(1, 3, 32, 32, dtype=dtype)).dtype == dtype
        assert {mask.dtype for mask in trace.tensors.values()} == {dtype}


def test_a_new_networks_pictures_do_not_depend_on_batch_mates():
    model = shaken(Swin(SMALL).double()).eval()
    images = noise(3, 3, 32, 32)
    with torch.inference_mode():
        together, alone = model(images), torch.cat([model(i[None]) for i in images])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [(31, 32), (32, 33)])
def test_images_that_do_not_divide_into_patches_are_refused(size):
    said = f"{size[0]} x {size[1]} pixels do not divide into patches of 2"
    with pytest.raises(ValueError, match=said):
        Swin(SMALL)(torch.zeros(1, 3, *size))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"image_size": 33}, "image size 33 is no multiple of 2"),
        ({"heads": (1, 5, 3)}, "width 24 does not divide into 5 heads"),
        ({"heads": (1, 2)}, "3 stages of blocks but 2 of heads"),
        ({"window": 0}, "at least one token a side, got 0"),
    ],
)
def test_impossible_configs_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        replace(SMALL, **wrong)


def test_an_unshifted_block_has_no_mask_to_record():
    with (
        pytest.raises(KeyError, match=r"blocks\.0\.attn"),
        record(Swin(SMALL), "layers.0.blocks.0.attn.mask"),
    ):
        pass


def test_building_it_on_paper_imports_no_compiler():
    code = (
        "import sys, torch; from models.swin import *; from models.swin_v2 import *\n"
        "with torch.device('meta'): Swin(SwinConfig()), SwinV2(SwinV2Config())\n"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_softmax_of_a_row_is_over_the_keys_of_its_window():
    ours, _ = twins(SMALL)
    with torch.inference_mode(), record(ours, "layers.0.blocks.0.attn.*") as trace:
        ours(noise(1, 3, 32, 32))
    parts = {name.rpartition(".")[2]: x for name, x in trace.tensors.items()}
    scores = torch.einsum("bwhqk,bwhnk->bwhqn", parts["query"], parts["key"]) / 12**0.5
    torch.testing.assert_close(parts["scores"], scores, rtol=0, atol=1e-12)
    pattern = F.softmax(scores + parts["bias"], dim=-1)
    torch.testing.assert_close(parts["pattern"], pattern, rtol=0, atol=1e-12)
    mixed = torch.einsum("bwhqn,bwhnk->bwhqk", pattern, parts["value"])
    torch.testing.assert_close(parts["mixed"], mixed, rtol=0, atol=1e-12)
