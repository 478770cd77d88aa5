"""Likeness of tokens: cosines against plain numpy, matches by hand, tokens of every network."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.compact import Compact, CompactConfig
from models.convnext import ConvNeXt, ConvNeXtConfig
from models.resnet import ResNet, ResNetConfig
from models.swin import Swin, SwinConfig
from models.tap import record
from models.vit import ViT, ViTConfig
from viz_core import similarity
from viz_core.probe import similarity as probe


def tokens(seed, count=12, width=7):
    return np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)


@given(seed=st.integers(0, 999), count=st.integers(1, 30), width=st.integers(1, 20))
def test_cosines_are_symmetric_and_one_on_the_diagonal(seed, count, width):
    x = tokens(seed, count, width)
    found = similarity.cosines(x, x)
    np.testing.assert_allclose(found, found.T, atol=1e-6)
    np.testing.assert_allclose(np.diag(found), 1, atol=1e-6)
    assert np.abs(found).max() <= 1


def test_cosines_equal_plain_numpy():
    a, b = tokens(1), tokens(2, 5)
    plain = [[x @ y / np.sqrt((x @ x) * (y @ y)) for y in b] for x in a]
    np.testing.assert_allclose(similarity.cosines(a, b), plain, atol=1e-6)


def test_the_shared_part_is_what_is_taken_off():
    a, b = tokens(3) + 50, tokens(4, 6) + 50
    assert similarity.cosines(a, b).min() > 0.9
    left, right = similarity.without_mean(a), similarity.without_mean(b)
    np.testing.assert_allclose(left.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(left + a.mean(axis=0), a, atol=1e-4)
    assert similarity.cosines(left, right).min() < 0


def test_mutual_neighbours_by_hand():
    a = np.array([[1, 0], [0, 1], [1, 1]], np.float32)
    b = np.array([[0, 3], [2, 0.1], [0.1, 2]], np.float32)
    found = similarity.mutual(a, b)  # (1, 1) is nobody's nearest: (2, 0.1) is closer to (1, 0)
    assert list(zip(found.one.tolist(), found.other.tolist(), strict=True)) == [(1, 0), (0, 1)]
    np.testing.assert_allclose(found.cosine, [1, 2 / np.sqrt(4.01)], atol=1e-6)


@given(seed=st.integers(0, 999))
def test_mutual_means_nearest_both_ways_whatever_the_blocks(seed):
    a, b = tokens(seed, 31), tokens(seed + 1, 23)
    whole = similarity.cosines(a, b)
    known = {
        (i, int(whole[i].argmax())) for i in range(31) if whole[:, whole[i].argmax()].argmax() == i
    }
    rows, similarity.ROWS = similarity.ROWS, 5
    try:
        found = similarity.mutual(a, b)
    finally:
        similarity.ROWS = rows
    assert set(zip(found.one.tolist(), found.other.tolist(), strict=True)) == known
    assert (np.diff(found.cosine) <= 0).all()


def test_whole_numbers_keep_cosines_with_the_shared_part_and_without_it():
    a, b = tokens(5, 40, 160), tokens(6, 40, 160)
    a[:, 3] += 40  # one channel outweighs all others, as in trained networks
    b[:, 3] += 40
    (la, sa), (lb, sb) = similarity.quantised(a), similarity.quantised(b)
    assert la.dtype == np.int16
    ra, rb = la * sa[:, None], lb * sb[:, None]
    np.testing.assert_allclose(similarity.cosines(ra, rb), similarity.cosines(a, b), atol=5e-5)
    plain = similarity.cosines(*map(similarity.without_mean, (a, b)))
    rebuilt = similarity.cosines(*map(similarity.without_mean, (ra, rb)))
    np.testing.assert_allclose(rebuilt, plain, atol=5e-4)
    zero = similarity.quantised(np.zeros((1, 4), np.float32))
    assert not zero[0].any()


def test_what_has_no_cosine_is_refused():
    with pytest.raises(ValueError, match="widths 7 and 6"):
        similarity.cosines(tokens(1), tokens(1, width=6))
    with pytest.raises(ValueError, match="finite"):
        similarity.unit(np.full((2, 2), np.nan))
    with pytest.raises(ValueError, match="have no neighbours"):
        similarity.mutual(tokens(1)[:0], tokens(1))
    with pytest.raises(ValueError, match="needed to have a mean"):
        similarity.without_mean(tokens(1)[:0])


NETWORKS = {
    "vit": lambda: ViT(
        ViTConfig(image_size=16, patch_size=4, width=12, depth=2, heads=2, classes=3, registers=2)
    ),
    "swin": lambda: Swin(
        SwinConfig(image_size=16, patch_size=2, width=8, depths=(1, 1), heads=(2, 2), window=4,
                   classes=3)
    ),
    "convnext": lambda: ConvNeXt(
        ConvNeXtConfig(image_size=16, patch_size=2, width=8, depths=(1, 1), classes=3)
    ),
    "resnet": lambda: ResNet(
        ResNetConfig(image_size=16, stem_kernel=3, stem_stride=2, stem_pool=False, width=8,
                     depths=(1, 1), classes=3)
    ),
    "compact": lambda: Compact(
        CompactConfig(image_size=16, width=12, depth=2, heads=2, classes=3, kernel=3,
                      conv_layers=1)
    ),
}  # fmt: skip
SIDES = {"vit": [4, 4, 4], "swin": [8, 8, 4], "convnext": [8, 8, 4], "resnet": [8, 8, 4]}


@pytest.mark.parametrize("kind", NETWORKS)
def test_tokens_of_every_architecture_are_those_of_the_recording(kind, one_thread):
    torch.manual_seed(0)
    model = NETWORKS[kind]().eval()
    image = np.random.default_rng(0).normal(size=(1, 3, 16, 16)).astype(np.float32)
    found = probe.tokens(model, image)
    assert [layer.side for layer in found] == SIDES.get(kind, [layer.side for layer in found])
    assert found[0].name.endswith("embedded")
    last = found[-1]
    assert last.vectors.shape[0] == last.side**2
    assert not last.vectors.flags.writeable
    with torch.inference_mode(), record(model, last.name) as trace:
        model(torch.from_numpy(image))
    x = trace[last.name][0].numpy()
    if kind == "vit":
        np.testing.assert_array_equal(last.vectors, x[3:])  # class token, two registers
    elif kind in ("resnet", "convnext"):  # channels first
        np.testing.assert_array_equal(last.vectors, x.reshape(len(x), -1).T)
    else:
        np.testing.assert_array_equal(last.vectors, x.reshape(-1, x.shape[-1]))


def test_a_network_without_tokens_says_so():
    with pytest.raises(KeyError, match="keeps no tokens"):
        probe.stream(torch.nn.Linear(2, 2))
