"""The masked autoencoder's loss, targets, positions and heirs, and the traps others fell into."""

from dataclasses import replace

import pytest
import torch

from models.mae import (
    MAE,
    encoder_weights,
    patch_statistics,
    patchify,
    sine_positions,
    unpatchify,
)
from models.tap import matching, record, taps
from models.vit import ViT
from tests.mae_reference import GRID, PATCHES, PIXELS, SMALL, mask_at, randn, small_mae


@pytest.fixture(scope="module")
def network():
    return small_mae()


@pytest.fixture(scope="module")
def image():
    return randn(2, 3, 32, 32)


# Loss and targets


@pytest.mark.parametrize("norm_pix", [False, True])
def test_loss_is_on_hidden_patches_only(network, image, norm_pix):
    model = small_mae(norm_pix=norm_pix)
    mask, prediction = mask_at(0.75), randn(2, PATCHES, PIXELS, seed=7)
    loss = model.loss(image, mask, prediction)
    wrong = torch.where(mask[:, :, None], prediction, 1e3)
    assert torch.equal(model.loss(image, mask, wrong), loss)
    other = torch.where(mask[:, :, None], patchify(image, 8), randn(2, PATCHES, PIXELS))
    assert torch.equal(model.loss(unpatchify(other, 8), mask, prediction), loss)
    changed = torch.where(mask[:, :, None], randn(2, PATCHES, PIXELS), patchify(image, 8))
    assert model.loss(unpatchify(changed, 8), mask, prediction) != loss
    by_hand = (prediction - model.target(image))[mask].square().mean()
    torch.testing.assert_close(loss, by_hand)


def test_a_mask_that_hides_nothing_has_no_loss(network, image):
    mask = mask_at(0)
    with pytest.raises(ValueError, match="this mask hides none"):
        network.loss(image, mask, network(image, mask))


def test_gradients_of_the_loss_reach_all_but_the_fixed_positions(image):
    model = MAE(SMALL).double()
    mask = mask_at(0.75)
    model.loss(image, mask, model(image, mask)).backward()
    still = {name for name, p in model.named_parameters() if p.grad is None}
    assert still == {"pos_embed", "decoder_pos_embed"}
    assert model.mask_token.grad.abs().sum() > 0


def test_weights_for_pixels_and_for_normalised_patches_look_alike_but_mean_other_things(
    network, image
):
    """`mae_visualize_*` and `mae_pretrain_*_full` load equally well: the config has to know."""
    raw, full = network, small_mae(norm_pix=True)
    mask = mask_at(0.75)
    prediction = raw(image, mask)
    assert torch.equal(full(image, mask), prediction)
    assert not torch.allclose(full.target(image), raw.target(image))
    mean, std = patch_statistics(raw.target(image))
    torch.testing.assert_close(full.target(image) * std + mean, raw.target(image))
    # One who is right about pixels is wrong by the other's measure.
    assert raw.loss(image, mask, raw.target(image)) == 0
    assert full.loss(image * 0.2 + 2, mask, raw.target(image * 0.2 + 2)) > 1


def test_a_normalised_target_has_no_mean_and_the_unbiased_variance_of_one(network, image):
    patches = small_mae(norm_pix=True).target(image)
    assert patches.mean(dim=-1).abs().max() < 1e-12
    torch.testing.assert_close(
        patches.var(dim=-1), torch.ones(2, PATCHES).double(), atol=1e-4, rtol=0
    )
    values = torch.tensor([[[1.0, 2.0, 3.0]]])
    mean, std = patch_statistics(values)
    assert (float(mean), float(std)) == pytest.approx((2, 1.0000005), abs=1e-7)  # divides by 2


def test_taking_a_hidden_patchs_own_statistics_leaks_it(network, image):
    """The network cannot know what changes here, and yet the picture shown would change."""
    model, mask = small_mae(norm_pix=True), mask_at(0.75)
    other = recoloured(image, mask)
    assert torch.equal(model(image, mask), model(other, mask)), "an honest prediction stays"
    shown = []
    for picture in (image, other):
        mean, std = patch_statistics(patchify(picture, 8))
        shown.append(model(picture, mask) * std + mean)
    assert not torch.allclose(shown[0][mask], shown[1][mask])
    # The leak alone, with a network that predicts nothing at all, knows every patch's colour.
    mean, _ = patch_statistics(patchify(other, 8))
    blind = (patchify(other, 8) - mean)[mask].square().mean()
    assert blind < (patchify(other, 8) - patchify(other, 8).mean())[mask].square().mean()


def recoloured(image, mask):
    """The same visible patches, hidden ones of other colours."""
    patches = patchify(image, 8)
    colours = randn(*mask.shape, 1, seed=8)
    return unpatchify(torch.where(mask[:, :, None], patches * 0.3 + colours, patches), 8)


# Positions


def test_positions_name_the_column_first():
    table = sine_positions(3, 8).reshape(3, 3, 4, 2)  # row, column, (sin x, cos x, sin y, cos y)
    one = torch.tensor([1.0, 0.01])  # two frequencies: 1 and 10000 ** -0.5
    torch.testing.assert_close(table[0, 2], torch.stack([
        (2 * one).sin(), (2 * one).cos(), (0 * one).sin(), (0 * one).cos()
    ]))  # fmt: skip
    torch.testing.assert_close(table[2, 0], torch.stack([
        (0 * one).sin(), (0 * one).cos(), (2 * one).sin(), (2 * one).cos()
    ]))  # fmt: skip
    assert (table[:, 1, :2] == table[0, 1, :2]).all(), "the first half does not know the row"
    assert (table[1, :, 2:] == table[1, 0, 2:]).all(), "the second half does not know the column"


def test_the_class_token_has_no_place_and_positions_are_not_trained():
    model = MAE(SMALL)
    for table in (model.pos_embed, model.decoder_pos_embed):
        assert not table.requires_grad
        assert not table[:, 0].any()
    torch.testing.assert_close(model.pos_embed[0, 1:], sine_positions(GRID, SMALL.width))
    torch.testing.assert_close(model.decoder_pos_embed[0, 1:], sine_positions(GRID, 32))


@pytest.mark.parametrize(
    "changes", [{"width": 50, "heads": 2}, {"decoder_width": 34}, {"heads": 5}]
)
def test_sizes_that_do_not_divide_are_refused(changes):
    with pytest.raises(ValueError, match=r"multiple of 4|does not divide"):
        replace(SMALL, **changes)
    with pytest.raises(ValueError, match="multiple of 4"):
        sine_positions(4, 6)


def test_a_fresh_network_starts_as_the_reference_does():
    model = MAE(replace(SMALL, width=192)).requires_grad_(False)
    proj = model.patch_embed.proj.weight
    bound = (6 / (192 + 3 * 8 * 8)) ** 0.5  # Xavier's, of the kernel seen as a matrix
    assert 0.98 * bound < proj.abs().max() <= bound
    qkv = model.blocks[0].attn.qkv
    assert 0.98 * (6 / (4 * 192)) ** 0.5 < qkv.weight.abs().max() <= (6 / (4 * 192)) ** 0.5
    assert not any(module.bias.any() for module in (qkv, model.decoder_pred, model.decoder_embed))
    assert model.cls_token.std() == pytest.approx(0.02, rel=0.3)
    assert model.mask_token.std() == pytest.approx(0.02, rel=0.5)
    assert {m.eps for m in model.modules() if isinstance(m, torch.nn.LayerNorm)} == {1e-6}


# Patches


def test_a_patch_lists_its_pixels_row_by_row_colours_last():
    image = torch.arange(3 * 4 * 4).reshape(1, 3, 4, 4)
    patches = patchify(image, 2)
    assert patches[0, 1].tolist() == [2, 18, 34, 3, 19, 35, 6, 22, 38, 7, 23, 39]
    assert torch.equal(unpatchify(patches, 2), image)


# Fine-tuning


@pytest.mark.parametrize("source", ["network", "state"])
def test_a_vit_takes_over_the_encoder(network, image, source):
    given_ = network if source == "network" else network.state_dict()
    vit = ViT(SMALL.encoder).eval().double()
    vit.load_state_dict(encoder_weights(given_), strict=True)
    with record(network, "blocks.*.resid_post", "latent") as ours, torch.inference_mode():
        network(image, mask_at(0))
    with record(vit, "blocks.*.resid_post", "pooled") as theirs, torch.inference_mode():
        vit(image)
    for name in matching(vit, "blocks.*.resid_post"):
        torch.testing.assert_close(theirs[name], ours[name], rtol=0, atol=1e-12)
    torch.testing.assert_close(theirs["pooled"], ours["latent"][:, 0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("pool", ["class", "average"])
def test_what_fine_tuning_starts_afresh_is_the_head_and_the_norm_of_the_mean(network, pool):
    vit = ViT(replace(SMALL.encoder, classes=5, pool=pool)).double()
    fresh = {"head.weight", "head.bias"} | (
        {"fc_norm.weight", "fc_norm.bias"} if pool == "average" else set()
    )
    taken = encoder_weights(network, pool)
    assert vit.state_dict().keys() - taken.keys() == fresh
    assert not any(name.startswith(("decoder", "mask")) for name in taken)
    before = {name: vit.state_dict()[name].clone() for name in fresh}
    vit.load_state_dict(vit.state_dict() | taken, strict=True)
    assert all(torch.equal(vit.state_dict()[name], value) for name, value in before.items())
    assert torch.equal(vit.blocks[1].attn.qkv.weight, network.blocks[1].attn.qkv.weight)


# Taps


def test_views_name_taps_of_both_halves(network):
    names = taps(network)
    for where in MAE.views.values():
        assert len(matching(network, where)) == 2
    assert "decoder_blocks.0.attn.pattern" in names


def test_attention_of_both_halves_can_be_recorded(network, image):
    mask = mask_at(0.75)
    wanted = MAE.views["encoder attention"], MAE.views["decoder attention"]
    with record(network, *wanted) as trace:
        plain = network(image, mask)
    inner = trace.all("blocks.*.attn.pattern")
    outer = trace.all("decoder_blocks.*.attn.pattern")
    assert [tuple(p.shape) for p in inner] == [(2, 4, 5, 5)] * 2  # the class token and 4 patches
    assert [tuple(p.shape) for p in outer] == [(2, 2, 17, 17)] * 2
    for pattern in (*inner, *outer):
        torch.testing.assert_close(pattern.sum(dim=-1), torch.ones_like(pattern[..., 0]))
    assert torch.equal(plain, network(image, mask))


def test_an_edit_of_the_decoders_attention_changes_the_prediction(network, image):
    mask = mask_at(0.75)
    hide = {"decoder_blocks.1.attn.pattern": torch.zeros_like}
    with record(network, "decoder_blocks.1.attn.pattern", edits=hide):
        found = network(image, mask)
    assert not torch.allclose(found, network(image, mask))
