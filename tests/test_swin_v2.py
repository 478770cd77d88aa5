"""Our Swin V2 against timm's in float64; what it shares with V1 is tested in test_swin.py."""

import math
from dataclasses import replace

import pytest
import torch

from models import swin_v2
from models.catalog import CATALOG
from models.published import renamed
from models.swin_v2 import SwinV2, SwinV2Config
from models.tap import matching, record, taps
from tests.parity import TOLERANCE, distance, shaken, theirs_for, timm

pytestmark = pytest.mark.usefixtures("one_thread")

reference = timm.models.swin_transformer_v2
# Maps of 16 x 16, 8 x 8 and 4 x 4, so that the last stage is one window.
SMALL = SwinV2Config(
    image_size=32, patch_size=2, width=12, depths=(2, 2, 2), heads=(1, 2, 3), window=4, classes=7
)


def timm_swin_v2(cfg, **others):
    """timm's network for any of our configs."""
    return reference.SwinTransformerV2(
        img_size=cfg.image_size,
        patch_size=cfg.patch_size,
        embed_dim=cfg.width,
        depths=cfg.depths,
        num_heads=cfg.heads,
        window_size=cfg.window,
        mlp_ratio=cfg.mlp_ratio,
        num_classes=cfg.classes,
        pretrained_window_sizes=cfg.learned_windows or (0,) * len(cfg.depths),
        **others,
    )


def twins(cfg):
    """Their network and ours in float64 with the same shaken weights."""
    theirs = shaken(timm_swin_v2(cfg).double().eval())
    ours = SwinV2(cfg).double().eval()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return ours, theirs


def noise(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_output_of_swin_v2_tiny_equals_timm_at_native_size():
    name = "swinv2_tiny_window8_256"
    cfg = CATALOG[name].config
    assert cfg == SwinV2Config()
    assert distance(cfg, theirs_for(name), 1, 3, 256, 256, network=SwinV2) <= TOLERANCE


@pytest.mark.parametrize("window", [1, 3, 4, 8, 20])
@pytest.mark.parametrize("image_size", [32, 30])
def test_any_window_size_equals_timm(window, image_size):
    cfg = replace(SMALL, window=window, image_size=image_size)
    theirs = timm_swin_v2(cfg)
    assert distance(cfg, theirs, 2, 3, image_size, image_size, network=SwinV2) <= TOLERANCE


@pytest.mark.parametrize("size", [(24, 40), (26, 18), (4, 2)], ids=str)
def test_any_input_size_equals_timm(size):
    theirs = timm_swin_v2(SMALL, strict_img_size=False)
    assert distance(SMALL, theirs, 2, 3, *size, network=SwinV2) <= TOLERANCE


def test_windows_larger_than_the_learned_ones_equal_timm():
    cfg = replace(SMALL, window=8, learned_windows=(4, 4, 2))
    assert distance(cfg, timm_swin_v2(cfg), 2, 3, 32, 32, network=SwinV2) <= TOLERANCE
    # The very same weights, read as if they had been learned with the windows of now, differ.
    ours, _ = twins(cfg)
    other = SwinV2(replace(cfg, learned_windows=())).double().eval()
    other.load_state_dict(ours.state_dict())
    image = noise(1, 3, 32, 32)
    with torch.inference_mode():
        assert (ours(image) - other(image)).abs().max() > 1e-5


@pytest.mark.parametrize("classes", [0, 3])
def test_number_of_classes_equals_timm(classes):
    cfg = replace(SMALL, classes=classes, mlp_ratio=2.0)
    assert distance(cfg, timm_swin_v2(cfg), 2, 3, 32, 32, network=SwinV2) <= TOLERANCE


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

    for at in (f"layers.{stage}.blocks.{block}" for stage in range(3) for block in range(2)):
        offset = trace[f"{at}.attn.bias"]
        if f"{at}.attn.mask" in trace.tensors:
            offset = offset + trace[f"{at}.attn.mask"][:, None]
        masked = (trace[f"{at}.attn.scores"] + offset).flatten(0, 1)  # timm folds b and w
        same(masked, seen[f"{at}.attn.softmax<"])
        same(trace[f"{at}.attn.pattern"].flatten(0, 1), seen[f"{at}.attn.softmax"])
        same(trace[f"{at}.windows"].flatten(0, 1), seen[f"{at}.attn<"])
        same(trace[f"{at}.resid_mid"].flatten(1, 2), seen[f"{at}.mlp<"])
        same(trace[f"{at}.resid_post"], seen[at])
    same(trace["layers.1.downsample.merged"], seen["layers.1.downsample.reduction<"])


def test_the_authors_own_layout_is_converted_as_timm_does():
    theirs = shaken(timm_swin_v2(SMALL))
    published = {
        name.replace("layers.1.down", "layers.0.down")
        .replace("layers.2.down", "layers.1.down")
        .replace("head.fc", "head"): tensor
        for name, tensor in theirs.state_dict().items()
    }
    published["layers.0.blocks.1.attn_mask"] = torch.zeros(16, 16, 16)
    published["layers.0.blocks.0.attn.relative_coords_table"] = torch.zeros(1, 7, 7, 2)
    published["layers.0.blocks.0.attn.relative_position_index"] = torch.zeros(16, 16)
    expected = reference.checkpoint_filter_fn(dict(published), theirs)
    found = renamed(published, "swin_v2")
    assert found.keys() == expected.keys() == SwinV2(SMALL).state_dict().keys()
    assert all(torch.equal(found[k], v) for k, v in expected.items())


# --- What is new in V2


def test_offsets_of_a_window_of_three_by_hand():
    offsets = swin_v2.log_offsets(3, 3, torch.device("cpu"), torch.float64)
    half, whole = math.log2(1 + 4) / 3, math.log2(1 + 8) / 3
    axis = [-whole, -half, 0, half, whole]
    expected = torch.tensor([[down, right] for down in axis for right in axis]).double()
    torch.testing.assert_close(offsets, expected, rtol=0, atol=1e-6)
    # Twice the window that was learned: offsets beyond it grow by their logarithm only.
    beyond = swin_v2.log_offsets(5, 3, torch.device("cpu"), torch.float64)
    assert beyond[-1, 0] == pytest.approx(math.log2(1 + 16) / 3, abs=1e-6)


def test_a_window_of_one_token_has_one_offset_and_it_is_zero():
    assert swin_v2.log_offsets(1, 1, torch.device("cpu"), torch.float32).tolist() == [[0, 0]]


def test_scores_are_cosines_times_a_scale_of_at_most_a_hundred():
    model = SwinV2(replace(SMALL, depths=(1, 1), heads=(2, 2)))
    for stage, scale in zip(model.layers, (math.log(10), 9.0), strict=True):
        stage.blocks[0].attn.logit_scale.data.fill_(scale)
    shaken(model.patch_embed)
    with torch.inference_mode(), record(model, "*.scores", "*.query", "*.key") as trace:
        model(torch.randn(1, 3, 32, 32))
    for stage, scale in ((0, 10), (1, 100)):
        at = f"layers.{stage}.blocks.0.attn"
        q, k = trace[f"{at}.query"], trace[f"{at}.key"]
        cosine = torch.nn.functional.cosine_similarity(q[..., :, None, :], k[..., None, :, :], -1)
        torch.testing.assert_close(trace[f"{at}.scores"], scale * cosine, rtol=0, atol=1e-4)
        assert trace[f"{at}.scores"].abs().max() > 0.1 * scale


def test_the_bias_lies_between_0_and_16_and_is_a_function_of_the_offset():
    attn = shaken(SwinV2(SMALL)).layers[0].blocks[0].attn
    table, bias = attn.bias_table(), attn.position_bias()
    assert table.shape == (49, 1)
    assert 0 < table.min() < table.max() < 16
    assert bias.shape == (1, 16, 16)
    # Query (0, 0) and key (3, 2): offset (-3, -2), row 7 * 0 + 1; so too one column to the right.
    assert bias[0, 0, 14] == bias[0, 1, 15] == table[1, 0]


def test_branches_of_a_new_network_start_at_zero():
    model = SwinV2(SMALL).eval()
    with torch.inference_mode(), record(model, "embedded", "layers.0.*resid_post") as trace:
        model(torch.randn(1, 3, 32, 32))
    assert torch.equal(trace["layers.0.blocks.1.resid_post"], trace["embedded"])


def test_taps_are_those_of_v1_and_recording_leaves_the_logits_bit_equal():
    model = shaken(SwinV2(SMALL)).eval()
    image = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        plain = model(image)
        with record(model, "*") as trace:
            watched = model(image)
    assert torch.equal(plain, watched)
    v1 = swin_v2.Swin(SMALL)
    assert trace.tensors.keys() == taps(model).keys() == taps(v1).keys()
    assert {n: t.axes for n, t in taps(model).items()} == {n: t.axes for n, t in taps(v1).items()}
    assert len(matching(model, SwinV2.views["window attention"])) == sum(SMALL.depths)


def test_a_training_after_a_mere_look_has_gradients_everywhere():
    swin_v2.log_offsets.cache_clear()
    model = shaken(SwinV2(SMALL))
    with torch.inference_mode():
        model(torch.randn(1, 3, 32, 32))
    model(torch.randn(2, 3, 32, 32)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_learned_windows_must_be_one_for_each_stage():
    with pytest.raises(ValueError, match="2 windows for 3 stages"):
        replace(SMALL, learned_windows=(4, 4))
