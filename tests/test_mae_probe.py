"""Many masks of one picture at once against the network called directly, mask by mask."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.mae import MAE, MAEConfig, patch_statistics, patchify, unpatchify
from models.tap import record
from tests.parity import shaken
from viz_core import masking
from viz_core.probe import mae

GRID = (4, 4)


def network(**options):
    torch.manual_seed(0)
    cfg = MAEConfig(
        image_size=16, patch_size=4, width=24, depth=2, heads=3,
        decoder_width=16, decoder_depth=2, decoder_heads=2, **options,
    )  # fmt: skip
    return shaken(MAE(cfg)).eval()


MODEL, NORMALISED = network(), network(norm_pix=True)
PIXELS = np.random.default_rng(1).normal(0, 0.5, (3, 16, 16)).astype(np.float32)
PIXELS.flags.writeable = False
MASKS = np.stack([masking.random(GRID, ratio, seed) for seed in range(4) for ratio in
                  (0, 0.3, 0.5, 0.75, 0.75, 1)])  # fmt: skip


def directly(model, mask):
    """One mask through the network, as the models' own functions put it together."""
    image = torch.tensor(PIXELS)[None]
    with torch.inference_mode():
        patches = model(image, torch.tensor(mask.reshape(1, -1)))
    if model.cfg.norm_pix:
        mean, std = patch_statistics(patchify(image, 4))
        patches = patches * std + mean
    return unpatchify(patches, 4)[0].permute(1, 2, 0).numpy()


@pytest.mark.parametrize("model", [MODEL, NORMALISED], ids=["pixels", "norm-pix"])
@pytest.mark.parametrize("batch", [1, 3, 100])
def test_many_masks_are_what_the_network_says_of_each(model, batch, monkeypatch):
    monkeypatch.setattr(mae, "BATCH", batch)
    found = mae.predict_float(model, PIXELS, MASKS)
    for one, mask in zip(found, MASKS, strict=True):
        np.testing.assert_allclose(one, directly(model, mask) * 0.5 + 0.5, atol=1e-6)


def test_equal_counts_share_a_pass(monkeypatch):
    passes = []
    monkeypatch.setattr(
        MAE,
        "forward",
        lambda self, image, mask: passes.append(len(mask)) or torch.zeros(len(mask), 16, 48),
    )
    mae.predict(MODEL, PIXELS, MASKS)
    assert sorted(passes) == [4, 4, 4, 4, 8]


def test_bytes_are_rounded_and_clipped_and_other_statistics_undone():
    mean, std = (0.1, 0.5, 0.9), (2.0, 0.2, 0.5)
    raw = mae.predict_float(MODEL, PIXELS, MASKS[:2], mean=mean, std=std)
    plain = mae.predict_float(MODEL, PIXELS, MASKS[:2], mean=(0, 0, 0), std=(1, 1, 1))
    np.testing.assert_allclose(raw, plain * std + mean, atol=1e-6)
    shown = mae.predict(MODEL, PIXELS, MASKS[:2], mean=mean, std=std)
    assert raw.min() < 0 < 1 < raw.max()
    np.testing.assert_array_equal(shown, np.clip(np.round(raw * np.float32(255)), 0, 255))


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 999), ratio=st.floats(0, 0.9))
def test_what_is_hidden_changes_nothing(seed, ratio):
    mask = masking.random(GRID, ratio, seed)
    other = PIXELS.copy()
    other[:, mask.repeat(4, 0).repeat(4, 1)] = 7
    one, two = (mae.predict_float(MODEL, p, mask[None]) for p in (PIXELS, other))
    np.testing.assert_allclose(one, two, atol=1e-6)


def test_norm_pix_leaks_the_hidden_patches():
    other = PIXELS.copy()
    other[:, :4, :4] += 1
    mask = masking.painted([0], GRID)[None]
    one, two = (mae.predict_float(NORMALISED, p, mask)[0, :4, :4].mean() for p in (PIXELS, other))
    assert two - one == pytest.approx(0.5, abs=1e-5)


@pytest.mark.parametrize("ratio", [0, 0.75, 1])
def test_attention_of_both_halves(ratio):
    mask = masking.random(GRID, ratio, 1)
    visible = int((~mask).sum())
    with record(MODEL, "decoder_blocks.*.attn.pattern") as trace, torch.inference_mode():
        MODEL(torch.tensor(PIXELS)[None], torch.tensor(mask.reshape(1, -1)))
    decoder = mae.decoder_attention(MODEL, PIXELS, mask)
    assert (decoder[1] == trace["decoder_blocks.1.attn.pattern"][0].numpy()).all()
    assert decoder.shape == (2, 2, 17, 17)
    encoder = mae.encoder_attention(MODEL, PIXELS, mask)
    assert encoder.shape == (2, 3, 1 + visible, 1 + visible)
    for pattern in (decoder, encoder):
        np.testing.assert_allclose(pattern.sum(axis=-1), 1, atol=1e-5)
        assert not pattern.flags.writeable


def test_variance_is_that_of_the_hidden_patches_over_masks():
    masks = np.stack([masking.random(GRID, 0.5, seed) for seed in range(7)])
    masks[:, 0, 0] = False  # never hidden
    masks[:, 0, 1] = np.arange(7) == 2  # hidden once
    # Equal counts are not needed: what a mask lost above is its own affair.
    found = mae.variance(MODEL, PIXELS, masks)
    assert (found.count == masks.sum(axis=0)).all()
    filled = mae.predict_float(MODEL, PIXELS, masks).astype(np.float64)
    for row, col in np.argwhere(found.count >= 2):
        place = np.s_[4 * row : 4 * row + 4, 4 * col : 4 * col + 4]
        own = np.stack([filled[i][place] for i in np.flatnonzero(masks[:, row, col])])
        np.testing.assert_allclose(found.mean[place], own.mean(axis=0), atol=1e-6)
        assert found.variance[row, col] == pytest.approx(own.var(axis=0, ddof=1).mean())
    assert np.isnan(found.mean[:4, :4]).all()
    np.testing.assert_allclose(found.mean[:4, 4:8], filled[2][:4, 4:8], atol=1e-6)
    assert np.isnan(found.variance[0, :2]).all()
    assert not found.mean.flags.writeable


def test_one_mask_again_and_again_has_no_variance():
    found = mae.variance(MODEL, PIXELS, MASKS[[3, 3, 3]])
    assert found.variance[MASKS[3]].max() < 1e-12
    assert np.isnan(found.variance[~MASKS[3]]).all()


def test_a_film_leaves_the_shared_network_alone():
    before = {name: tensor.clone() for name, tensor in MODEL.state_dict().items()}
    other = network()
    with torch.no_grad():
        other.decoder_pred.bias += 1
    states = [other.state_dict(), MODEL.state_dict()]
    frames = mae.film(MODEL, states, PIXELS, MASKS[3:5])
    assert frames.shape == (2, 2, 16, 16, 3)
    np.testing.assert_array_equal(frames[0], mae.predict(other, PIXELS, MASKS[3:5]))
    np.testing.assert_array_equal(frames[1], mae.predict(MODEL, PIXELS, MASKS[3:5]))
    assert (frames[0] != frames[1]).any()
    assert all((before[name] == tensor).all() for name, tensor in MODEL.state_dict().items())


def test_a_film_needs_frames_of_this_network():
    with pytest.raises(ValueError, match="at least one frame"):
        mae.film(MODEL, [], PIXELS, MASKS)
    with pytest.raises(RuntimeError, match="Missing key"):
        mae.film(MODEL, [{}], PIXELS, MASKS)


@pytest.mark.parametrize("ask", [mae.predict, mae.predict_float, mae.variance])
def test_a_mask_or_picture_of_another_size_is_refused(ask):
    with pytest.raises(ValueError, match="4 x 4 patches"):
        ask(MODEL, PIXELS, np.zeros((1, 5, 4), bool))
    with pytest.raises(ValueError, match="16 x 16 pixels"):
        ask(MODEL, np.zeros((3, 20, 20), np.float32), MASKS)
