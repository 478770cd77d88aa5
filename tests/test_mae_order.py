"""Masks and the order of tokens: what is hidden, what is seen, where it is found again."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.mae import gather_tokens, order_of, random_mask
from models.tap import record
from tests.mae_reference import (
    GRID,
    PATCHES,
    PIXELS,
    SMALL,
    mask_at,
    noise,
    painted,
    randn,
    small_mae,
)

SEEDS, SIDES = st.integers(0, 2**32 - 1), st.integers(1, 40)


@pytest.fixture(scope="module")
def network():
    return small_mae()


@pytest.fixture(scope="module")
def image():
    return randn(2, 3, 32, 32)


# Masks


@given(seed=SEEDS, patches=SIDES, ratio=st.floats(0, 1))
def test_a_mask_hides_exactly_what_the_ratio_asks(seed, patches, ratio):
    mask = random_mask(noise(2, patches, seed), ratio)
    assert mask.dtype == torch.bool
    assert (~mask).sum(dim=1).tolist() == [int(patches * (1 - ratio))] * 2


@given(seed=SEEDS, patches=SIDES, ratios=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_larger_ratio_hides_the_same_patches_and_more(seed, patches, ratios):
    chance = noise(2, patches, seed)
    less, more = (random_mask(chance, ratio) for ratio in sorted(ratios))
    assert not (less & ~more).any()


@given(seed=SEEDS, patches=SIDES, ratio=st.floats(0, 1))
def test_what_was_shuffled_is_restored(seed, patches, ratio):
    mask = random_mask(noise(3, patches, seed), ratio)
    ids_keep, ids_restore = order_of(mask)
    assert (ids_keep.diff(dim=1) > 0).all(), "visible patches come row by row"
    places = torch.arange(patches)[None, :, None].expand(3, -1, 1)
    hidden = torch.full((3, int(mask[0].sum()), 1), -1)
    found = gather_tokens(torch.cat([gather_tokens(places, ids_keep), hidden], 1), ids_restore)
    assert torch.equal(found, torch.where(mask[:, :, None], -1, places))


def test_the_smallest_noise_stays_visible():
    chance = torch.tensor([[0.3, 0.9, 0.1, 0.5], [0.2, 0.2, 0.2, 0.2]])
    expected = torch.tensor([[False, True, False, True], [False, False, True, True]])
    assert torch.equal(random_mask(chance, 0.5), expected)
    places = torch.arange(400)[None]
    assert torch.equal(random_mask(places * 0.0, 0.5), places >= 200), "among equals, the first"


@pytest.mark.parametrize("ratio", [-0.1, 1.01, float("nan")])
def test_a_ratio_that_is_no_share_is_refused(ratio):
    with pytest.raises(ValueError, match="a share from 0 to 1"):
        random_mask(torch.rand(1, 4), ratio)


def test_pictures_that_hide_unequally_many_are_refused(network, image):
    mask = mask_at(0.5)
    mask[1] = True
    with pytest.raises(ValueError, match=r"equally many patches, not \[8, 16\]"):
        network(image, mask)


@pytest.mark.parametrize("shape", [(2, 15), (2, 20), (1, 16), (16,)])
def test_a_mask_of_another_shape_is_refused(network, image, shape):
    with pytest.raises(ValueError, match="pictures by patches"):
        network(image, torch.zeros(shape, dtype=torch.bool))


@pytest.mark.parametrize("side", [24, 40, 33])
def test_a_picture_of_another_size_is_refused(network, side):
    with pytest.raises(ValueError, match=f"takes 32 x 32 pixels, not {side} x {side}"):
        network(torch.zeros(2, 3, side, side).double(), mask_at(0.5))


def shaped(kind):
    mask = torch.zeros(GRID, GRID, dtype=torch.bool)
    if kind == "block":
        mask[1:3, 1:4] = True
    elif kind == "grid":
        mask[:] = True
        mask[::2, ::2] = False
    else:
        mask.view(-1)[[0, 7, 15]] = True
    return mask.flatten().expand(2, -1)


@pytest.mark.parametrize("kind", ["block", "grid", "painted"])
def test_masks_of_any_shape_go_through_and_hide_what_they_mark(network, image, kind):
    mask = shaped(kind)
    found = network(image, mask)
    assert found.shape == (2, PATCHES, PIXELS)
    assert torch.equal(found, network(painted(image, mask, 9.0), mask))
    visible = torch.zeros_like(mask)
    visible[:, int((~mask[0]).nonzero()[0])] = True
    assert not torch.allclose(found, network(painted(image, visible, 9.0), mask))


# The order of tokens


@pytest.mark.parametrize(("ratio", "visible"), [(0, PATCHES), (1, 0)])
def test_order_is_right_when_nothing_or_all_is_hidden(network, image, ratio, visible):
    mask = mask_at(ratio)
    ids_keep, ids_restore = order_of(mask)
    assert ids_keep.shape == (2, visible)
    assert torch.equal(ids_restore, torch.arange(PATCHES).expand(2, -1))
    with record(network, "visible", "latent", "decoder_input") as trace:
        found = network(image, mask)
    assert trace["visible"].shape == trace["latent"].shape == (2, 1 + visible, SMALL.width)
    tokens = trace["decoder_input"] - network.decoder_pos_embed
    expected = network.decoder_embed(trace["latent"])
    assert torch.allclose(tokens[:, : 1 + visible], expected)
    assert torch.allclose(tokens[:, 1 + visible :], network.mask_token)
    assert found.isfinite().all()
    if not visible:  # the class token alone knows nothing of the picture
        torch.testing.assert_close(found[0], found[1], rtol=0, atol=1e-12)


def test_every_token_reaches_the_decoder_at_its_own_place(network, image):
    mask = mask_at(0.75)
    with record(network, "latent", "decoder_input") as trace:
        network(image, mask)
    tokens = trace["decoder_input"] - network.decoder_pos_embed
    seen = network.decoder_embed(trace["latent"])[:, 1:]
    for picture, places, tokens_of in zip(seen, ~mask, tokens[:, 1:], strict=True):
        assert torch.allclose(tokens_of[places], picture)
        assert torch.allclose(tokens_of[~places], network.mask_token[0])


def test_the_order_in_which_visible_patches_are_given_does_not_matter(network, image):
    ids_keep, ids_restore = order_of(mask_at(0.5))
    order = torch.tensor([5, 2, 7, 0, 1, 6, 3, 4])
    latent, mixed = network.encode(image, ids_keep), network.encode(image, ids_keep[:, order])
    torch.testing.assert_close(mixed[:, 1:], latent[:, 1:][:, order], rtol=0, atol=1e-12)
    torch.testing.assert_close(mixed[:, 0], latent[:, 0], rtol=0, atol=1e-12)
    # The decoder finds each of them again if it is told the same order.
    place = torch.cat([order.argsort(), torch.arange(8, PATCHES)])
    found = network.decode(mixed, place[ids_restore])
    expected = network.decode(latent, ids_restore)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
