"""What the page Compact asks of a network, on seeded ones."""

import numpy as np
import pytest
import torch

from models.compact import VARIANTS, Compact
from models.tap import record
from viz_core import pooling
from viz_core.probe import compact, field
from viz_core.tokenizers import windows

pytestmark = pytest.mark.usefixtures("one_thread")
TRIO = ("vit_lite_2_4_32", "cvt_2_4_32", "cct_2_3x2_32")


@pytest.fixture(scope="module")
def networks():
    made = {}
    for seed, name in enumerate(TRIO):
        torch.manual_seed(seed)
        made[name] = Compact(VARIANTS[name]).eval().requires_grad_(False)
        made[name].classifier.fc.weight.mul_(20)  # answers far from even
    return made


@pytest.fixture(scope="module")
def image():
    return torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(7)).numpy()


def edges(cfg):
    found = windows.layers(
        32, kernel=cfg.kernel, step=cfg.stride, padding=cfg.padding,
        convolutions=cfg.conv_layers, pooled=cfg.max_pool,
    )  # fmt: skip
    return windows.spans(found, cfg.grid)


@pytest.mark.parametrize("name", TRIO)
def test_every_gradient_lies_in_the_window_that_kernels_and_steps_give(networks, image, name):
    model = networks[name]
    spans = edges(model.cfg)
    found = compact.fields(model, image, spans)
    units = np.stack(np.meshgrid(*[np.arange(8)] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
    tap = compact.last_map(model).removeprefix("tokenizer.")
    whole = field.gradients(model.tokenizer, image, tap, units)  # one copy a token
    for token, (row, column) in enumerate(units):
        (top, bottom), (left, right) = spans[row], spans[column]
        inside = whole[token, top:bottom, left:right]
        cut = found[token, : bottom - top, : right - left]
        np.testing.assert_allclose(cut, inside, atol=1e-4 * inside.max())
        assert whole[token].sum() == pytest.approx(inside.sum(), rel=1e-5)
    with pytest.raises(ValueError, match="edges"):
        compact.fields(model, image, spans[:4])


@pytest.mark.parametrize("name", TRIO)
def test_a_look_is_one_forward_pass_taken_apart(networks, image, name):
    model = networks[name]
    look = compact.look(model, image)
    with torch.inference_mode():
        logits = model(torch.tensor(image))[0].numpy()
    np.testing.assert_allclose(look.logits, logits, atol=1e-5)
    tokens = 64 + model.cfg.prefix
    assert look.patterns.shape == (2, 2, tokens, tokens)
    assert look.weights.shape == (64,)
    assert look.weights.sum() == pytest.approx(look.given, abs=1e-5)
    assert all(0 < share < 1 for share in look.skips)
    assert not look.maps[compact.last_map(model)].flags.writeable
    if model.cfg.seq_pool:
        bias = model.classifier.fc.bias.numpy()
        np.testing.assert_allclose(look.votes.sum(axis=0) + bias, logits, atol=1e-4)
    else:
        assert look.votes is None
        assert look.given < 1


def test_the_steps_of_the_convolutions_follow_each_other(networks, image):
    maps = compact.look(networks["cct_2_3x2_32"], image).maps
    sides = [(name.split(".")[1], one.shape) for name, one in maps.items()]
    assert sides == [
        ("convolved", (64, 32, 32)), ("activated", (64, 32, 32)), ("pooled", (64, 16, 16)),
        ("convolved", (128, 16, 16)), ("activated", (128, 16, 16)), ("pooled", (128, 8, 8)),
    ]  # fmt: skip
    first = maps["tokenizer.convolved.0"]
    np.testing.assert_array_equal(maps["tokenizer.activated.0"], np.maximum(first, 0))
    expected = np.maximum(first, 0)[:, 1:4, 3:6].max(axis=(1, 2))
    np.testing.assert_array_equal(maps["tokenizer.pooled.0"][:, 1, 2], expected)


@pytest.mark.parametrize("name", TRIO)
def test_leaving_a_place_out_is_what_the_network_itself_answers(networks, image, name):
    model, place = networks[name], 21
    look = compact.look(model, image)
    if model.cfg.seq_pool:
        tap, pool = "classifier.pooling", pooling.left_out(look.weights)[place]
        edit = lambda x: torch.tensor(pool, dtype=x.dtype)[None, None]  # noqa: E731
    else:
        tap = "classifier.blocks.1.self_attn.pattern"

        def edit(x):  # (1, h, n, n): the class token's row without the place
            x = x.clone()
            x[:, :, 0, 1 + place] = 0
            x[:, :, 0] /= x[:, :, 0].sum(dim=-1, keepdim=True)
            return x

    with torch.inference_mode(), record(model, tap, edits={tap: edit}):
        expected = model(torch.tensor(image))[0].numpy()
    np.testing.assert_allclose(look.without[place], expected, atol=1e-4)
    assert not np.allclose(look.without[place], look.logits, atol=1e-6)


def test_tokens_of_several_pictures_are_those_of_each(networks, image):
    model = networks["cct_2_3x2_32"]
    both = np.concatenate([image, image[..., ::-1]])
    found, logits = compact.tokens(model, both)
    assert found.shape == (2, 64, 128)
    own = compact.look(model, image)
    last = own.maps["tokenizer.pooled.1"]
    np.testing.assert_allclose(found[0], last.reshape(128, 64).T, atol=1e-5)
    np.testing.assert_allclose(logits[0], own.logits, atol=1e-5)
