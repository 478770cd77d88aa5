from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from models.tap import record
from models.vit import ViT, ViTConfig
from viz_core import probe

SMALL = ViTConfig(image_size=32, patch_size=8, width=48, depth=3, heads=2, classes=4)


def test_attention_is_what_the_taps_hold_and_sums_to_one():
    torch.manual_seed(0)
    model = ViT(SMALL).eval()
    image = np.random.default_rng(0).normal(size=(1, 3, 32, 32)).astype(np.float32)
    look = probe.attention(model, image)
    assert look.patterns.shape == (3, 2, 17, 17)
    np.testing.assert_allclose(look.patterns.sum(axis=-1), 1, atol=1e-5)
    with torch.inference_mode(), record(model, "blocks.1.attn.pattern") as trace:
        logits = model(torch.from_numpy(image))
    np.testing.assert_array_equal(look.patterns[1], trace["blocks.1.attn.pattern"][0].numpy())
    np.testing.assert_array_equal(look.logits, logits[0].numpy())


def test_a_look_is_read_only():
    look = probe.attention(ViT(SMALL).eval(), np.zeros((1, 3, 32, 32), np.float32))
    with pytest.raises(ValueError, match="read-only"):
        look.patterns[0, 0, 0, 0] = 1
    assert look.nbytes == 4 * (3 * 2 * 17 * 17 + 4)


def test_a_model_without_global_attention_is_refused():
    class Plain(nn.Module):
        views: ClassVar = {}

    with pytest.raises(KeyError, match="global attention"):
        probe.attention(Plain(), np.zeros((1, 3, 8, 8), np.float32))
