"""A private copy forgets part by part; the shared network does not notice."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.catalog import CATALOG, build
from models.compact import Compact
from models.compact_config import CompactConfig
from models.convnext import ConvNeXt, ConvNeXtConfig
from models.resnet import ResNet, ResNetConfig
from models.swin import Swin, SwinConfig
from models.swin_v2 import SwinV2, SwinV2Config
from models.vit import ViT, ViTConfig
from tests.honesty_toys import fingerprint, frozen, noise, unchanged
from tests.parity import shaken
from viz_core.attribution import Target
from viz_core.attribution.agreement import spearman
from viz_core.attribution.randomise import cascade, parts, shuffle
from viz_core.attribution.run import attribute

WINDOWS = dict(image_size=56, patch_size=4, width=8, depths=(2, 1), heads=(1, 2), classes=5)
TOKENS = dict(image_size=56, patch_size=4, width=8, depth=2, heads=2, classes=5)
MAPS = dict(width=8, depths=(2, 1), classes=5)
NETWORKS = {
    "vit": lambda: ViT(ViTConfig(**TOKENS)),
    "registers": lambda: ViT(
        ViTConfig(**TOKENS, registers=2, pool="average", representation=6)
    ),
    "swin": lambda: Swin(SwinConfig(**WINDOWS)),
    "swin_v2": lambda: SwinV2(SwinV2Config(**WINDOWS)),
    "convnext": lambda: ConvNeXt(ConvNeXtConfig(**MAPS)),
    "resnet": lambda: ResNet(ResNetConfig(**MAPS)),
    "cct": lambda: Compact(CompactConfig(depth=2, width=16, heads=2)),
    "vit_lite": lambda: Compact(
        CompactConfig(
            kernel=4, stride=4, padding=0, max_pool=False, conv_bias=True, seq_pool=False,
            depth=2, width=16, heads=2,
        )
    ),
}  # fmt: skip
BLOCKS = ["block 2", "block 1"]
STAGES = ["stage 2, block 1", "stage 1, block 2", "stage 1, block 1"]
TITLES = dict.fromkeys(("vit", "registers", "cct", "vit_lite"), BLOCKS)


@pytest.fixture(scope="module", params=NETWORKS)
def named(request, one_thread):
    torch.manual_seed(0)
    return request.param, frozen(shaken(NETWORKS[request.param]()))


def test_parts_go_from_the_head_to_the_embedding_and_hold_everything_once(named):
    name, model = named
    found = parts(model)
    assert list(found) == ["head", *TITLES.get(name, STAGES), "embedding"]
    held = [one for names in found.values() for one in names]
    learned = {n for n, _ in model.named_parameters()}
    learned |= {n for n, _ in model.named_buffers() if "running" in n}
    assert len(held) == len(set(held))
    assert set(held) == learned


@pytest.mark.parametrize(
    ("name", "part", "owned"),
    [
        ("vit", "head", {"norm.weight", "head.weight"}),
        ("vit", "embedding", {"patch_embed.proj.weight", "cls_token", "pos_embed"}),
        ("registers", "head", {"fc_norm.bias", "pre_logits.fc.weight", "head.bias"}),
        ("registers", "embedding", {"reg_token"}),
        ("swin", "head", {"norm.weight", "head.fc.weight"}),
        ("swin", "stage 2, block 1", {"layers.1.downsample.reduction.weight"}),
        ("swin", "embedding", {"patch_embed.norm.weight"}),
        ("convnext", "stage 2, block 1", {"stages.1.downsample.1.weight"}),
        ("convnext", "head", {"head.norm.weight", "head.fc.bias"}),
        ("resnet", "embedding", {"conv1.weight", "bn1.weight", "bn1.running_var"}),
        ("resnet", "stage 1, block 2", {"layer1.1.bn3.running_mean"}),
        ("resnet", "head", {"fc.weight"}),
        ("cct", "head", {"classifier.attention_pool.weight", "classifier.norm.weight"}),
        ("cct", "embedding", {"tokenizer.conv_layers.0.0.weight", "classifier.positional_emb"}),
        ("vit_lite", "embedding", {"classifier.class_emb"}),
        ("vit_lite", "block 2", {"classifier.blocks.1.linear1.weight"}),
    ],
)
def test_what_belongs_to_a_part(name, part, owned):
    assert owned <= set(parts(NETWORKS[name]())[part])


def test_a_cascade_starts_at_the_map_and_leaves_the_network_alone(named):
    _, model = named
    pixels = 32 if isinstance(model, Compact) else 56
    before, image, told = fingerprint(model), noise(1, pixels), []
    stages = cascade(
        "input_x_gradient", model, image, Target(2), progress=lambda *at: told.append(at)
    )
    assert unchanged(model, before)
    assert [stage.part for stage in stages] == ["", *parts(model)]
    first = attribute("input_x_gradient", model, image, Target(2))
    np.testing.assert_allclose(stages[0].found.values, first.values, rtol=1e-4, atol=1e-7)
    assert stages[0].signed == stages[0].absolute == pytest.approx(1)
    for stage in stages[1:]:
        values = stage.found.values
        assert stage.signed == pytest.approx(spearman(first.values, values), abs=1e-3)
        assert stage.absolute == pytest.approx(spearman(abs(first.values), abs(values)), abs=1e-3)
        assert not np.array_equal(values, first.values)
    shares = [done / total for done, total in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)


def test_what_forgot_stays_forgotten_and_the_seed_repeats_it(one_thread):
    torch.manual_seed(0)
    model = frozen(shaken(NETWORKS["vit"]()))
    image = noise(0)
    one, again, other = (
        cascade("saliency", model, image, Target(0), seed=seed) for seed in (1, 1, 2)
    )
    for first, second in zip(one, again, strict=True):
        np.testing.assert_array_equal(first.found.values, second.found.values)
    assert not np.array_equal(one[-1].found.values, other[-1].found.values)
    # By hand: head first, then the last block on top of it, from one generator.
    generator, names = torch.Generator().manual_seed(1), parts(model)
    copy = NETWORKS["vit"]()
    copy.load_state_dict(model.state_dict())
    frozen(copy)
    for part in ("head", "block 2"):
        shuffle(copy, names[part], generator)
    found = attribute("saliency", copy, image, Target(0))
    np.testing.assert_array_equal(found.values, one[2].found.values)


@given(seed=st.integers(0, 2**32 - 1))
def test_a_shuffle_moves_values_within_a_tensor_and_nowhere_else(seed):
    torch.manual_seed(0)
    model = frozen(shaken(NETWORKS["resnet"]()))
    before, names = fingerprint(model), parts(model)["stage 1, block 1"]
    shuffle(model, names, torch.Generator().manual_seed(seed))
    after = model.state_dict()
    for name, old in before.items():
        if name in names:
            assert torch.equal(old.flatten().sort().values, after[name].flatten().sort().values)
        else:
            assert torch.equal(old, after[name])
    assert not torch.equal(before[names[0]], after[names[0]])


def test_a_map_without_an_order_has_no_correlation(one_thread):
    torch.manual_seed(0)
    model = frozen(NETWORKS["vit"]())
    model.head.weight.zero_()  # the same score whatever the picture shows
    stages = cascade("saliency", model, noise(0), Target(0))
    assert all(np.isnan(stage.signed) and np.isnan(stage.absolute) for stage in stages)


def test_a_cascade_can_be_stopped(one_thread):
    model = frozen(shaken(NETWORKS["vit"]()))

    def stop(done, total):
        if done >= total / 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        cascade("saliency", model, noise(0), Target(0), progress=stop)


@pytest.mark.parametrize("name", [name for name, entry in CATALOG.items() if entry.labels])
def test_every_classifier_of_the_catalog_falls_into_its_blocks(name):
    with torch.device("meta"):
        model = build(CATALOG[name])
    depths = getattr(model.cfg, "depths", None) or (model.cfg.depth,)
    found = list(parts(model))
    assert len(found) == sum(depths) + 2
    assert (found[0], found[-1]) == ("head", "embedding")
    last = f"stage {len(depths)}, block {depths[-1]}" if len(depths) > 1 else f"block {depths[0]}"
    assert found[1] == last
