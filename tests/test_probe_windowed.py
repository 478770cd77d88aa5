"""Attention of a network of windows, where its pixels really are."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.swin import Swin, SwinConfig
from models.tap import record
from models.vit import ViT, ViTConfig
from viz_core.canvas.wire_windows import by_token, pack_windowed
from viz_core.probe import windowed

SMALL = SwinConfig(
    image_size=24, patch_size=2, width=8, depths=(2, 2), heads=(2, 4), window=3, classes=5
)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    made = Swin(SMALL).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return made


def image(seed=0, height=24, width=24):
    return np.random.default_rng(seed).standard_normal((1, 3, height, width)).astype(np.float32)


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 99), rows=st.integers(8, 14), columns=st.integers(8, 14))
def test_rows_are_shares_and_no_token_looks_across_a_seam(model, seed, rows, columns):
    look = windowed.attention(model, image(seed, 2 * rows, 2 * columns))
    assert [block.grid for block in look.blocks[::2]] == [
        (rows, columns),
        (-(-rows // 2), -(-columns // 2)),
    ]
    for block in look.blocks:
        np.testing.assert_allclose(block.patterns.sum(axis=-1), 1, atol=1e-5)
        present = block.tokens[block.tokens >= 0]
        assert sorted(present) == [*range(block.grid[0] * block.grid[1])]
    pack_windowed(look.blocks, picture_jpeg=b"x", picture_size=(8, 8))  # refuses crossings


def test_the_last_window_of_a_shifted_block_by_hand(model):
    """12 x 12 tokens in windows of 3, shifted by 1: the last one wraps around both edges."""
    block = windowed.attention(model, image()).blocks[1]
    assert (block.stage, block.block, block.depth, block.window, block.shift) == (0, 1, 2, 3, 1)
    rows, columns = block.tokens[-1] // 12, block.tokens[-1] % 12
    assert rows.tolist() == [10, 10, 10, 11, 11, 11, 0, 0, 0]
    assert columns.tolist() == [10, 11, 0] * 3
    regions = block.regions[-1].reshape(3, 3)
    assert (regions[:2, :2] == regions[0, 0]).all()
    assert len(np.unique(regions)) == 4
    assert len(np.unique(block.regions[5])) == 1


def test_attention_of_a_token_moves_the_output_as_the_network_does(model):
    """Mixing the values by hand, token by token in the picture, gives what the block computes."""
    with torch.inference_mode(), record(model, "layers.0.blocks.1.attn.*") as trace:
        model(torch.tensor(image()))
    look = windowed.attention(model, image())
    block = look.blocks[1]
    values = trace["layers.0.blocks.1.attn.value"][0].numpy()  # (window, head, slot, width)
    mixed = trace["layers.0.blocks.1.attn.mixed"][0].numpy()
    attention = by_token(block)  # (head, token, slot)
    window, slot = np.argwhere(block.tokens == 143)[0]
    ours = np.einsum("hk,hkd->hd", attention[:, 143], values[window])
    np.testing.assert_allclose(ours, mixed[window, :, slot], atol=1e-5)


def test_results_are_read_only_and_logits_are_the_networks(model):
    look = windowed.attention(model, image())
    with torch.inference_mode():
        np.testing.assert_allclose(look.logits, model(torch.tensor(image()))[0], atol=1e-5)
    with pytest.raises(ValueError, match="read-only"):
        look.blocks[0].patterns[0] = 0


def test_a_network_without_windows_is_refused():
    vit = ViT(ViTConfig(image_size=32, width=16, depth=1, heads=2, classes=3))
    with pytest.raises(KeyError, match="window attention"):
        windowed.attention(vit, image(0, 32, 32))
