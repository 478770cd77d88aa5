"""Our masked autoencoder against transformers and timm, in float64, on shaken weights."""

from dataclasses import replace

import pytest
import safetensors.torch
import torch

from models.catalog import CATALOG, build
from models.mae import MAE, order_of, patchify, random_mask, sine_positions, unpatchify
from models.published import renamed
from models.tensorfile import TensorFile
from tests.mae_reference import SMALL, as_on_the_hub, noise, theirs
from tests.parity import TOLERANCE, shaken, theirs_for, timm_vit

COMPARED = replace(SMALL, image_size=48)
PATCHES = COMPARED.grid**2
RATIOS = (0, 0.5, 0.75, 0.9)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Their shaken weights, as transformers itself writes them."""
    folder = tmp_path_factory.mktemp("published")
    theirs(COMPARED).save_pretrained(folder)
    return safetensors.torch.load_file(folder / "model.safetensors")


@pytest.fixture(scope="module")
def image():
    return torch.randn(
        3, 3, 48, 48, dtype=torch.float64, generator=torch.Generator().manual_seed(2)
    )


def ours_from(published, **changes):
    model = MAE(replace(COMPARED, **changes)).eval().double()
    model.load_state_dict(renamed(published, "mae"), strict=True)
    return model


def difference(found, expected):
    assert found.shape == expected.shape
    assert expected.std() > 0.01, "numbers that are all alike compare nothing"
    return float((found - expected).abs().max())


@pytest.mark.parametrize("norm_pix", [False, True])
@pytest.mark.parametrize("ratio", RATIOS)
def test_everything_equals_transformers(ratio, norm_pix, published, image):
    reference = theirs(replace(COMPARED, norm_pix=norm_pix), ratio)
    ours = ours_from(published, norm_pix=norm_pix)
    chance = noise(3, PATCHES)
    with torch.inference_mode():
        expected = reference(image, noise=chance)
        latent = reference.vit(image, noise=chance).last_hidden_state
        mask = random_mask(chance, ratio)
        ids_keep, ids_restore = order_of(mask)
        prediction = ours(image, mask)
        # They keep visible patches in the order of their noise, we row by row.
        by_noise = chance.argsort(dim=1)[:, : latent.shape[1] - 1]
        place = torch.cat([torch.zeros(3, 1).long(), 1 + ids_restore.gather(1, by_noise)], dim=1)
        found = ours.encode(image, ids_keep)[torch.arange(3)[:, None], place]
        in_their_order = ours.encode(image, by_noise)
    assert torch.equal(mask, expected.mask.bool())
    assert difference(found, latent) <= TOLERANCE
    assert difference(in_their_order, latent) <= TOLERANCE
    assert difference(prediction, expected.logits) <= TOLERANCE
    with torch.inference_mode():
        assert difference(ours.decode(latent, expected.ids_restore), prediction) <= TOLERANCE
    if ratio:
        assert abs(ours.loss(image, mask, prediction) - expected.loss) <= TOLERANCE
    else:
        assert expected.loss.isnan()  # they divide by no patches; we refuse


@pytest.mark.parametrize("ratio", RATIOS)
def test_order_leads_back_where_theirs_does(ratio, image):
    """Ours and theirs differ in the order among equals, not in what is where."""
    chance = noise(3, PATCHES)
    ids_restore = theirs(COMPARED, ratio).vit(image, noise=chance).ids_restore
    own_keep, own_restore = order_of(random_mask(chance, ratio))
    visible = own_keep.shape[1]
    assert torch.equal(own_restore < visible, ids_restore < visible)
    if not ratio:
        assert torch.equal(own_restore, torch.arange(PATCHES).expand(3, -1))


def test_patches_and_targets_equal_transformers(image):
    reference = theirs(replace(COMPARED, norm_pix=True))
    patches = patchify(image, 8)
    assert torch.equal(patches, reference.patchify(image))
    assert torch.equal(unpatchify(patches, 8), reference.unpatchify(patches))


def test_fixed_positions_equal_transformers():
    embeddings = theirs(COMPARED).vit.embeddings
    del embeddings.patch_embeddings.projection._is_hf_initialized  # else they keep what is there
    embeddings.initialize_weights()
    expected = embeddings.position_embeddings[0, 1:].float()
    torch.testing.assert_close(sine_positions(6, 48), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("ratio", [0.1, 0.3, 0.6, 0.7, 0.9])
def test_as_many_patches_stay_as_in_transformers_where_rounding_decides(ratio):
    """100 patches at 90 %: int(100 * (1 - 0.9)) is 9."""
    cfg = replace(COMPARED, image_size=80, depth=1, decoder_depth=1)
    chance = noise(1, 100)
    mask = theirs(cfg, ratio).vit(torch.zeros(1, 3, 80, 80).double(), noise=chance).mask
    assert torch.equal(random_mask(chance, ratio), mask.bool())


def test_encoder_with_nothing_hidden_equals_timm(image):
    reference = shaken(timm_vit(COMPARED.encoder).double().eval())
    ours = MAE(COMPARED).eval().double()
    missing = ours.load_state_dict(reference.state_dict(), strict=False)
    assert not missing.unexpected_keys
    assert all("decoder" in name or name == "mask_token" for name in missing.missing_keys)
    ids_keep, _ = order_of(torch.zeros(3, PATCHES, dtype=torch.bool))
    with torch.inference_mode():
        found, expected = ours.encode(image, ids_keep), reference.forward_features(image)
    assert difference(found, expected) <= TOLERANCE


def test_encoder_of_the_base_size_equals_timms_mae():
    cfg = replace(CATALOG["mae_vit_base_patch16"].config, depth=2, decoder_depth=1)
    reference = shaken(theirs_for("vit_base_patch16_224.mae", depth=2).double().eval())
    with torch.device("meta"):
        ours = MAE(cfg).eval()
    # timm's file holds the encoder under our names: assign it, and nothing else is asked.
    ours.load_state_dict(reference.state_dict(), strict=False, assign=True)
    image = torch.randn(1, 3, 224, 224, dtype=torch.float64)
    ids_keep, _ = order_of(torch.zeros(1, 196, dtype=torch.bool))
    with torch.inference_mode():
        found, expected = ours.encode(image, ids_keep), reference.forward_features(image)
    assert difference(found, expected) <= TOLERANCE


def test_tensors_of_the_published_autoencoder_are_those_of_transformers_default():
    from transformers import ViTMAEConfig, ViTMAEForPreTraining

    with torch.device("meta"):
        reference = ViTMAEForPreTraining(ViTMAEConfig()).state_dict()
        ours = build(CATALOG["mae_vit_base_patch16"]).state_dict()
    theirs_on_the_hub = as_on_the_hub(ours)
    assert sorted(tuple(t.shape) for t in theirs_on_the_hub.values()) == sorted(
        tuple(t.shape) for t in reference.values()
    )


def test_both_spellings_of_transformers_become_ours(published, tmp_path):
    expected = MAE(COMPARED).state_dict().keys()
    assert any("decoder_encoder.layer" in name for name in published)
    found = renamed(published, "mae")
    assert found.keys() == expected
    on_the_hub = as_on_the_hub(found)
    assert {name.replace("decoder_encoder.layer", "decoder_layers") for name in published} == set(
        on_the_hub
    )
    again = renamed(on_the_hub, "mae")
    assert all(torch.equal(again[name], found[name]) for name in expected)


def test_a_file_with_parts_missing_stays_what_it_is(published):
    """Odd files are for the refusal to name, not for an exception here."""
    name = "vit.encoder.layer.0.attention.attention.key.weight"
    halved = {**published, name: published[name][:2]}
    lacking = {k: v for k, v in published.items() if k != name}
    for tensors in (halved, lacking):
        found = renamed(tensors, "mae")
        assert "blocks.0.attn.query.weight" in found
        assert "blocks.0.attn.qkv.weight" not in found


def test_the_authors_own_names_load_unrenamed(tmp_path):
    """As facebookresearch/mae writes them, {"model": state}, once they are safetensors."""
    state = shaken(MAE(COMPARED)).state_dict()
    path = tmp_path / "mae_visualize.safetensors"
    safetensors.torch.save_file(state, path)
    found = renamed(TensorFile(path).load(), "mae")
    MAE(COMPARED).load_state_dict(found, strict=True)
