"""Deletion and insertion: exact where a network can be added up by hand, sound everywhere."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.vit import ViT, ViTConfig
from tests.honesty_toys import AMOUNTS, Cells, fingerprint, frozen, noise, ones, unchanged
from tests.parity import shaken
from viz_core.attribution import BASELINES, Target
from viz_core.attribution.curves import (
    backwards,
    centre_order,
    curve,
    erased,
    even_steps,
    filling,
    random_orders,
    ranked,
    share,
)

SMALL = ViTConfig(image_size=56, patch_size=4, width=12, depth=1, heads=2, classes=5)
maps = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 4)).map(
    lambda t: np.random.default_rng(t[0]).integers(-t[2], t[2], (t[1], t[1])).astype(float)
)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, float)))


@pytest.fixture(scope="module")
def vit(one_thread):
    return frozen(shaken(ViT(SMALL)))


def by_hand(mode):
    image = ones()
    order = ranked(np.array(AMOUNTS))
    return curve(
        frozen(Cells(AMOUNTS)), image, order, Target(0), 2, filling=filling(image, "grey"),
        mode=mode, steps=4,
    )  # fmt: skip


def test_deletion_of_a_sum_takes_off_the_largest_first():
    found = by_hand("deletion")
    assert found.order.tolist() == [0, 2, 1, 3]
    np.testing.assert_allclose(found.scores, [6, 2, -1, -2, 0], atol=1e-5)
    shares = sigmoid([6, 2, -1, -2, 0])
    np.testing.assert_allclose(found.shares, shares, atol=1e-6)
    assert found.auc == pytest.approx((shares[1:] + shares[:-1]).sum() / 8, abs=1e-6)


def test_insertion_of_a_sum_adds_the_largest_first():
    found = by_hand("insertion")
    np.testing.assert_allclose(found.scores, [0, 4, 7, 8, 6], atol=1e-5)
    np.testing.assert_allclose(found.logits[:, 1], 0)


def test_a_class_against_another_has_its_share_of_the_two():
    logits = np.log(np.array([[1.0, 3.0, 96.0]]))
    assert share(logits, Target(0)) == pytest.approx(0.01)
    assert share(logits, Target(0, 1)) == pytest.approx(0.25)


def test_a_class_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="class 3"):
        share(np.zeros((1, 3)), Target(3))
    with pytest.raises(ValueError, match="class -1"):
        share(np.zeros((1, 3)), Target(0, -1))


@given(values=maps)
def test_an_order_names_every_cell_once_and_never_goes_up(values):
    order = ranked(values)
    assert sorted(order) == list(range(values.size))
    assert (np.diff(values.ravel()[order]) <= 0).all()
    assert (ranked(values) == order).all()


def test_cells_that_tie_do_not_come_in_reading_order():
    order = ranked(np.zeros((14, 14)))
    assert abs(np.corrcoef(order, np.arange(196))[0, 1]) < 0.2


def test_a_map_that_is_not_finite_has_no_order():
    with pytest.raises(ValueError, match="not finite"):
        ranked(np.array([[1.0, np.nan]]))


def test_the_middle_comes_first_and_the_corners_last():
    order = centre_order(5)
    assert order[0] == 12
    assert set(order[1:5]) == {7, 11, 13, 17}
    assert set(order[-4:]) == {0, 4, 20, 24}


def test_random_orders_are_permutations_that_a_seed_repeats():
    orders = random_orders(64, 3, 4)
    assert (np.sort(orders) == np.arange(64)).all()
    assert (orders == random_orders(64, 3, 4)).all()
    assert len({tuple(order) for order in orders}) == 4
    with pytest.raises(ValueError, match="at least one"):
        random_orders(64, 0, 0)


@given(seed=st.integers(0, 2**32 - 1), cells=st.sampled_from([1, 2, 4, 8]))
def test_erased_pictures_go_from_the_whole_to_the_filling_cell_by_cell(seed, cells):
    image = noise(seed, 8)
    empty = filling(image, "mean")
    order = np.random.default_rng(seed).permutation(cells**2)
    found = erased(image, order, range(cells**2 + 1), cells, empty)
    np.testing.assert_array_equal(found[0], image[0])
    np.testing.assert_array_equal(found[-1], empty[0])
    each = 8 // cells
    for step, cell in enumerate(order):
        row, column = (each * at for at in divmod(cell, cells))
        changed = (found[step] != found[step + 1]).any(axis=0)
        outside = changed.copy()
        outside[row : row + each, column : column + each] = False
        assert changed.any()
        assert not outside.any()


def test_what_cannot_be_erased_is_refused():
    image = ones()
    for order, counts, cells, said in (
        ([0, 1, 2, 2], [1], 2, "each of"),
        ([0, 1, 2, 3], [5], 2, "between 0"),
        ([0, 1, 2, 3], [-1], 2, "between 0"),
        (range(9), [1], 3, "divide"),
    ):
        with pytest.raises(ValueError, match=said):
            erased(image, np.array(order), counts, cells, image)


def test_fillings_hold_nothing_their_mean_or_a_blur():
    image = noise(0)
    assert not filling(image, "grey").any()
    mean = filling(image, "mean")
    np.testing.assert_allclose(mean[0, :, 5, 7], image[0].mean(axis=(1, 2)), atol=1e-6)
    assert mean.std(axis=(2, 3)).max() < 1e-6
    blur = filling(image, "blur")
    np.testing.assert_allclose(blur.mean(axis=(2, 3)), mean[:, :, 0, 0], atol=0.02)
    # White noise under a Gaussian of 7 pixels keeps 1 / (2 sqrt(pi) 7) of its deviation.
    assert blur.std() < 2 / (2 * np.pi**0.5 * 7)
    with pytest.raises(ValueError, match="blur"):
        filling(image, "black")


@pytest.mark.parametrize(
    ("cells", "steps"), [(14, 49), (8, 32), (16, 32), (7, 49), (24, 48), (1, 1), (13, 13)]
)
def test_steps_are_even(cells, steps):
    assert even_steps(cells) == steps


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(BASELINES),
    steps=st.integers(1, 12),
    label=st.integers(0, 4),
)
def test_deleting_all_is_inserting_nothing(vit, seed, kind, steps, label):
    image = noise(seed)
    empty = filling(image, kind)
    order = np.random.default_rng(seed).permutation(196)
    both = [
        curve(vit, image, order, Target(label), 14, filling=empty, mode=mode, steps=steps)
        for mode in ("deletion", "insertion")
    ]
    with torch.inference_mode():
        whole, nothing = (vit(torch.from_numpy(x))[0].numpy() for x in (image, empty))
    for found, ends in zip(both, ((whole, nothing), (nothing, whole)), strict=True):
        assert 0 <= found.auc <= 1
        assert (found.counts[0], found.counts[-1]) == (0, 196)
        np.testing.assert_allclose(found.logits[[0, -1]], ends, atol=1e-4)
        assert found.logits.dtype == np.float32


def test_a_curve_backwards_is_the_other_curve_of_the_order_backwards(vit):
    image, target = noise(5), Target(2, 1)
    empty, order = filling(image, "grey"), random_orders(196, 0, 1)[0]
    there = curve(vit, image, order, target, 14, filling=empty)
    back = backwards(there, target)
    run = curve(vit, image, order[::-1].copy(), target, 14, filling=empty, mode="insertion")
    assert back.mode == run.mode
    assert (back.counts == run.counts).all()
    assert (back.order == run.order).all()
    np.testing.assert_allclose(back.logits, run.logits, atol=1e-5)
    assert back.auc == pytest.approx(there.auc, abs=1e-9)


def test_a_curve_leaves_the_network_alone_and_is_read_only(vit):
    before, image = fingerprint(vit), noise(1)
    found = curve(vit, image, centre_order(14), Target(0), 14, filling=filling(image, "blur"))
    assert unchanged(vit, before)
    assert not any(a.flags.writeable for a in (found.order, found.logits, found.shares))


def test_a_curve_can_be_stopped_between_passes(vit):
    image, told = noise(1), []

    def stop(done, total):
        told.append((done, total))
        if done:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        curve(
            vit, image, centre_order(14), Target(0), 14, filling=filling(image, "grey"),
            progress=stop,
        )  # fmt: skip
    assert told[0] == (0, 50)
    assert 0 < told[-1][0] < 50


def test_steps_that_do_not_fit_are_refused(vit):
    image = noise(1)
    for steps in (0, 197):
        with pytest.raises(ValueError, match="1 to 196"):
            curve(
                vit, image, centre_order(14), Target(0), 14, filling=filling(image, "grey"),
                steps=steps,
            )  # fmt: skip
