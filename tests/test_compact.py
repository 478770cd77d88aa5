"""ViT-Lite, CVT and CCT against NumPy, hand counts and fixed numbers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models import labels
from models.catalog import build
from models.catalog_compact import COMPACT
from models.compact import VARIANTS, Compact, CompactConfig, sine_positions
from models.tap import matching, record, taps
from tests import compact_reference
from tests.parity import shaken

pytestmark = pytest.mark.usefixtures("one_thread")

CCT = CompactConfig(image_size=16, conv_layers=2, width=12, depth=2, heads=2, classes=5)
CVT = replace(CCT, kernel=4, stride=4, padding=0, conv_layers=1, max_pool=False, conv_bias=True)
VIT = replace(CVT, seq_pool=False)
FAMILY = {"vit_lite": VIT, "cvt": CVT, "cct": CCT}
KINDS = ("learnable", "sine", "none")


def noise(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def unlike(cfg, seed=0):
    """A network whose weights hide nothing, in float64."""
    torch.manual_seed(seed)
    return shaken(Compact(cfg).double().eval())


def fresh(cfg):
    """A network in float64 as it starts with seed 0."""
    torch.manual_seed(0)
    return Compact(cfg).eval()


# --- Against a second implementation


@pytest.mark.parametrize("positions", KINDS)
@pytest.mark.parametrize("name", FAMILY)
def test_logits_equal_numpy_from_the_paper(name, positions):
    cfg = replace(FAMILY[name], positions=positions, mlp_ratio=1.5)
    model, image = unlike(cfg), noise(3, 16, 16, seed=7)
    weights = {key: value.numpy() for key, value in model.state_dict().items()}
    expected = compact_reference.logits(
        image.numpy(), weights,
        stride=cfg.stride, padding=cfg.padding, max_pool=cfg.max_pool, heads=2, depth=2,
    )  # fmt: skip
    with torch.inference_mode():
        found = model(image[None])[0].numpy()
    assert expected.std() > 0.01
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_large_kernels_with_strides_equal_numpy():
    cfg = replace(CCT, image_size=40, kernel=7, stride=2, padding=3)
    assert cfg.sides(40) == (10, 3)
    model, image = unlike(cfg), noise(3, 40, 40)
    weights = {key: value.numpy() for key, value in model.state_dict().items()}
    expected = compact_reference.tokenize(
        image.numpy(), weights, stride=2, padding=3, max_pool=True
    )
    with torch.inference_mode():
        found = model.tokenizer(image[None])[0].flatten(1).T.numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("tokens", "width"), [(5, 8), (9, 7)])
def test_waves_equal_the_formula(tokens, width):
    expected = compact_reference.waves(tokens, width)
    np.testing.assert_allclose(sine_positions(tokens, width)[0], expected, rtol=0, atol=1e-6)


def test_the_stream_is_replaced_by_its_norm():
    """A plain pre-norm block would add the MLP to what was before the norm."""
    model = unlike(CCT)
    with record(model, "classifier.blocks.0.*") as trace:
        model(noise(2, 3, 16, 16))
    middle, normed, after = (
        trace[f"classifier.blocks.0.{tap}"] for tap in ("resid_mid", "normed", "resid_post")
    )
    layer = model.classifier.blocks[0]
    branch = layer.linear2(torch.nn.functional.gelu(layer.linear1(normed)))
    torch.testing.assert_close(normed, layer.norm1(middle), rtol=0, atol=1e-14)
    torch.testing.assert_close(after, normed + branch, rtol=0, atol=1e-14)
    assert (after - (middle + branch)).abs().max() > 0.1


# --- Sizes


@pytest.mark.parametrize(
    ("name", "count"),
    [("cct_7_3x1_32", 3_760_139), ("cct_2_3x2_32", 283_723), ("vit_lite_7_4_32", 3_716_874)],
)
def test_parameters_equal_the_hand_counts(name, count):
    with torch.device("meta"):
        model = Compact(VARIANTS[name])
    assert sum(p.numel() for p in model.parameters()) == count


# Layers, width, MLP, heads, (kernel, convolutions), tokens, classes: read off SHI-Labs' table.
PUBLISHED = {
    f"{family}_{n}_4_32": (n, *size, (4, 1), 64, 10)
    for family in ("vit_lite", "cvt")
    for n, size in {2: (128, 128), 4: (128, 128), 6: (256, 512), 7: (256, 512)}.items()
} | {
    "cct_2_3x2_32": (2, 128, 128, (3, 2), 64, 10),
    "cct_4_3x2_32": (4, 128, 128, (3, 2), 64, 10),
    "cct_6_3x1_32": (6, 256, 512, (3, 1), 256, 10),
    "cct_6_3x2_32": (6, 256, 512, (3, 2), 64, 10),
    "cct_7_3x1_32": (7, 256, 512, (3, 1), 256, 10),
    "cct_7_3x2_32": (7, 256, 512, (3, 2), 64, 10),
    "cct_7_7x2_224": (7, 256, 512, (7, 2), 196, 102),
    "cct_7_3x1_32_c100": (7, 256, 512, (3, 1), 256, 100),
    "cct_14_7x2_224": (14, 384, 1152, (7, 2), 196, 1000),
    "cct_14_7x2_384": (14, 384, 1152, (7, 2), 576, 1000),
    "cct_14_7x2_384_fl": (14, 384, 1152, (7, 2), 576, 102),
}


def counted(name, depth, width, hidden, tokenizer, tokens, classes):
    """Parameters by the formula, written down from the paper's table."""
    kernel, convolutions = tokenizer
    inner = 64 if convolutions == 2 else width
    bias = 0 if name.startswith("cct") else width
    made = kernel**2 * 3 * inner + (kernel**2 * inner * width if convolutions == 2 else 0) + bias
    norm = 2 * width
    attention = 3 * width**2 + width**2 + width
    mlp = 2 * width * hidden + hidden + width
    read = width if name.startswith("vit") else width + 1  # class token, or scores of the pool
    places = (tokens + name.startswith("vit")) * width
    return (made + depth * (2 * norm + attention + mlp) + norm + read + places
            + (width + 1) * classes)  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_parameters_of_every_variant_equal_the_formula(name):
    with torch.device("meta"):
        model = Compact(VARIANTS[name])
    numbers = PUBLISHED[name.replace("_sine", "")]
    assert sum(p.numel() for p in model.parameters()) == counted(name, *numbers)
    fixed = [p for p in model.parameters() if not p.requires_grad]
    assert [p is model.classifier.positional_emb for p in fixed] == [True] * ("_sine" in name)


def test_every_published_variant_is_there():
    assert {name.replace("_sine", "") for name in VARIANTS} == PUBLISHED.keys()
    assert len(VARIANTS) == 35
    # SHI-Labs' Variants.md: the largest come with learned positions only.
    alone = {name for name in VARIANTS if name.startswith("cct_14")}
    learned = {name for name in VARIANTS if "_sine" not in name}
    assert len(learned - alone) == len(VARIANTS) - len(learned) == 16


@pytest.mark.parametrize("cfg", [CCT, CVT, VIT, replace(CCT, image_size=33)], ids=str)
def test_maps_and_tokens_have_the_sizes_that_the_config_tells(cfg):
    side = cfg.image_size
    with torch.device("meta"):
        model, image = Compact(cfg), torch.empty(2, 3, side, side)
    with record(model, "*") as trace:
        assert model(image).shape == (2, cfg.classes)
    last = "pooled" if cfg.max_pool else "convolved"
    maps = [x.shape for x in trace.all(f"tokenizer.{last}.*")]
    assert [(x[1], x[2], x[3]) for x in maps] == [
        (channels, side, side)
        for channels, side in zip(cfg.channels[1:], cfg.sides(side), strict=True)
    ]
    assert trace["classifier.embedded"].shape == (2, cfg.prefix + cfg.grid**2, cfg.width)


# --- Numbers that must not move


GOLDEN = {
    "vit_lite": (-0.1250048, 0.0351334, 0.0959645),
    "cvt": (0.1539496, 0.0350389, 0.0714854),
    "cct": (-0.0633559, -0.0943907, 0.0371016),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_fixed_seed_gives_the_same_first_logits(name):
    image = torch.linspace(-1, 1, 3 * 16 * 16).view(1, 3, 16, 16)
    with torch.inference_mode():
        found = fresh(FAMILY[name])(image)[0, :3]
    torch.testing.assert_close(found, torch.tensor(GOLDEN[name]), rtol=0, atol=2e-6)


# --- Invariants


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), rows=st.integers(1, 4), columns=st.integers(1, 4))
def test_pooling_shares_are_positive_and_sum_to_one(seed, rows, columns):
    model = unlike(CVT, seed)
    with torch.inference_mode(), record(model, "classifier.*") as trace:
        model(noise(2, 3, 4 * rows, 4 * columns, seed=seed))
    shares = trace["classifier.pooling"]
    assert shares.shape == (2, 1, rows * columns)
    assert shares.min() > 0
    torch.testing.assert_close(shares.sum(-1), torch.ones_like(shares.sum(-1)), rtol=0, atol=1e-12)
    torch.testing.assert_close(
        trace["classifier.pooled"], (shares @ trace["classifier.normed"])[:, 0], rtol=0, atol=1e-12
    )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31))
@pytest.mark.parametrize("positions", ["none", "learnable"])
def test_without_positions_the_order_of_patches_says_nothing(positions, seed):
    model, tokens = unlike(replace(CVT, positions=positions)), noise(1, 12, 4, 4, seed=seed)
    order = torch.randperm(16, generator=torch.Generator().manual_seed(seed))
    mixed = tokens.flatten(2)[:, :, order].view_as(tokens)
    with torch.inference_mode():
        one, two = (model.classify(model.classifier.embed(x)) for x in (tokens, mixed))
    distance = (one - two).abs().max()
    assert distance < 1e-12 if positions == "none" else distance > 1e-6 or (order.diff() == 1).all()


def test_what_is_added_to_all_scores_does_not_change_the_pooling():
    model, image = unlike(CCT), noise(1, 3, 16, 16)
    with torch.inference_mode():
        before = model(image)
        model.classifier.attention_pool.bias += 3
        torch.testing.assert_close(model(image), before, rtol=0, atol=1e-12)


# --- Other sizes


@pytest.mark.parametrize("positions", KINDS)
@pytest.mark.parametrize("name", FAMILY)
def test_other_picture_sizes_run_and_keep_the_class_tokens_position(name, positions):
    model = unlike(replace(FAMILY[name], positions=positions))
    with torch.inference_mode():
        assert model(noise(1, 3, 24, 40)).shape == (1, 5)
        table = model.classifier.positions((6, 10))
    own = model.classifier.positional_emb
    if positions == "none":
        assert not table.any()
    else:
        assert table.shape == (1, model.cfg.prefix + 60, 12)
        prefix = model.cfg.prefix
        torch.testing.assert_close(
            table[:, :prefix], (own if positions == "learnable" else table)[:, :prefix]
        )


def test_a_ramp_of_positions_stays_a_ramp_on_a_finer_grid():
    model = unlike(replace(CVT, width=2))
    with torch.no_grad():
        ramp = torch.arange(4.0, dtype=torch.float64).expand(4, 4)  # grows along a row
        model.classifier.positional_emb.copy_(torch.stack([ramp, ramp.T], -1).view(1, 16, 2))
        fine = model.classifier.positions((8, 8)).view(8, 8, 2)
    expected = torch.tensor([0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3], dtype=torch.float64)
    torch.testing.assert_close(fine[3, :, 0], expected)
    torch.testing.assert_close(fine[:, 5, 1], expected)


@pytest.mark.parametrize(
    ("size", "said"), [((18, 16), "18 pixels do not divide into patches of 4")]
)
def test_pictures_that_patches_do_not_divide_are_refused(size, said):
    with pytest.raises(ValueError, match=said):
        unlike(CVT)(noise(1, 3, *size))


@pytest.mark.parametrize(
    ("cfg", "wrong", "said"),
    [
        (CCT, {"heads": 5}, "12 does not divide into 5 heads"),
        (CCT, {"positions": "learned"}, "learnable, sine or none, got 'learned'"),
        (CCT, {"depth": 0}, "at least 1"),
        (CCT, {"padding": -1}, "at least 1"),
        (CVT, {"image_size": 30}, "30 pixels do not divide into patches of 4"),
        (CCT, {"image_size": 3, "kernel": 9}, "3 pixels are too few for kernels of 9"),
    ],
)
def test_impossible_configs_are_refused(cfg, wrong, said):
    with pytest.raises(ValueError, match=said):
        replace(cfg, **wrong)


# --- The network as a whole


@pytest.mark.parametrize("name", FAMILY)
def test_recording_everything_leaves_the_logits_bit_equal(name):
    model, image = fresh(FAMILY[name]), torch.randn(2, 3, 16, 16)
    with torch.inference_mode():
        plain = model(image)
        with record(model, "*") as trace:
            watched = model(image)
    assert torch.equal(plain, watched)
    assert trace.tensors.keys() == taps(model).keys()
    for pattern in trace.all("*.pattern"):
        torch.testing.assert_close(pattern.sum(-1), torch.ones_like(pattern.sum(-1)))


@pytest.mark.parametrize("name", FAMILY)
def test_views_name_real_taps(name):
    model = Compact(FAMILY[name])
    views = dict(Compact.views)
    assert len(matching(model, views["compact attention"])) == 2
    assert len(matching(model, views["compact tokens"])) == 2
    assert ("classifier.pooling" in matching(model, views["sequence pooling"])) == (
        name != "vit_lite"
    )


@pytest.mark.parametrize("name", FAMILY)
def test_all_weights_learn_but_the_bias_of_the_pools_scores(name):
    model = unlike(FAMILY[name])
    model(noise(2, 3, 16, 16)).square().sum().backward()
    still = {n for n, p in model.named_parameters() if p.grad.abs().max() < 1e-12}
    assert still == ({"classifier.attention_pool.bias"} if name != "vit_lite" else set())


@pytest.mark.parametrize("entry", COMPACT, ids=lambda entry: entry.name)
def test_rows_of_the_catalog_are_their_variants(entry):
    assert entry.config == VARIANTS[entry.name]
    assert entry.config.classes == len(labels.names(entry.labels)) == 10
    with torch.device("meta"):
        assert build(entry)(torch.empty(1, 3, 32, 32)).shape == (1, 10)
    assert len(entry.note) <= 100
    assert entry.views == Compact.views.keys()
