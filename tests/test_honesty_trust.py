"""Completeness, infidelity and sensitivity: by hand, and beside captum called directly."""

import numpy as np
import pytest
import torch
from captum.metrics import infidelity as captum_infidelity
from captum.metrics import sensitivity_max as captum_sensitivity_max
from hypothesis import given
from hypothesis import strategies as st

from models.vit import ViT, ViTConfig
from tests.honesty_toys import AMOUNTS, Cells, fingerprint, frozen, noise, ones, unchanged
from tests.parity import shaken
from viz_core.attribution import Attribution, Settings, Target, trust
from viz_core.attribution.curves import filling, switched
from viz_core.attribution.methods import METHODS, Shape
from viz_core.attribution.run import attribute

SMALL = ViTConfig(image_size=56, patch_size=4, width=12, depth=1, heads=2, classes=5)
TARGET = Target(1, 3)


@pytest.fixture(scope="module")
def vit(one_thread):
    return frozen(shaken(ViT(SMALL)))


def costs(model, image, **others):
    cells = 14 if image.shape[-1] == 56 else 2
    return trust.erasures(
        model, image, Target(0), cells, filling(image, "grey"), **others
    )  # fmt: skip


def test_erasing_a_square_of_a_sum_costs_its_sum_and_the_amounts_predict_it():
    known = costs(frozen(Cells(AMOUNTS)), ones(), draws=20)
    amounts = np.array(AMOUNTS)
    np.testing.assert_allclose(known.drops, known.gone @ amounts.ravel(), atol=1e-5)
    found = trust.infidelity(amounts, known)
    assert found.raw == pytest.approx(0, abs=1e-9)
    assert found.scale == pytest.approx(1, abs=1e-5)
    tenth = trust.infidelity(-amounts / 10, known)
    assert tenth.scale == pytest.approx(-10, abs=1e-4)
    assert tenth.unexplained == pytest.approx(0, abs=1e-9)
    assert tenth.raw == pytest.approx((1.1**2) * (known.drops.astype(float) ** 2).mean())


def test_a_map_of_zeros_explains_nothing_and_a_score_that_never_drops_asks_nothing():
    known = costs(frozen(Cells(AMOUNTS)), ones(), draws=20)
    found = trust.infidelity(np.zeros((2, 2)), known)
    assert (found.unexplained, found.scale) == (1, 0)
    still = costs(frozen(Cells([[0.0, 0.0], [0.0, 0.0]])), ones(), draws=5)
    assert np.isnan(trust.infidelity(np.array(AMOUNTS), still).unexplained)


@pytest.mark.parametrize("normalize", [False, True])
def test_infidelity_is_captums_of_a_network_of_switches(vit, normalize):
    image = noise(2)
    empty = filling(image, "mean")
    known = trust.erasures(vit, image, TARGET, 14, empty, draws=12, seed=4)
    values = attribute("input_x_gradient", vit, image, TARGET).values
    cells = values.reshape(14, 4, 14, 4).sum(axis=(1, 3))

    def network(on):
        pictures = switched(image, on.numpy() < 0.5, 14, empty)
        with torch.no_grad():
            logits = vit(torch.from_numpy(pictures))
        return logits[:, TARGET.label] - logits[:, TARGET.against]

    gone = torch.from_numpy(known.gone.copy()).float()
    theirs = captum_infidelity(
        network,
        lambda on: (gone, on - gone),
        torch.ones(1, 196),
        torch.from_numpy(cells.reshape(1, 196)),
        n_perturb_samples=12,
        normalize=normalize,
    )
    ours = trust.infidelity(cells, known)
    assert (ours.scaled if normalize else ours.raw) == pytest.approx(float(theirs[0]), rel=1e-3)


@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([-3.0, 0.01, 1.0, 1e4]))
def test_infidelity_after_scaling_does_not_see_the_unit(seed, scale):
    rng = np.random.default_rng(seed)
    gone = trust.squares(4, 9, seed)
    known = trust.Erasures(gone, rng.normal(size=9).astype(np.float32))
    values = rng.normal(size=(4, 4))
    one, other = (trust.infidelity(v, known) for v in (values, scale * values))
    assert one.scaled == pytest.approx(other.scaled)
    assert 0 <= one.unexplained <= 1
    assert one.scaled <= one.raw + 1e-12


@given(seed=st.integers(0, 2**32 - 1), cells=st.integers(1, 14))
def test_squares_are_square_and_at_most_half_as_wide_as_the_grid(seed, cells):
    for flags in trust.squares(cells, 5, seed).reshape(5, cells, cells):
        rows, columns = flags.any(axis=1).sum(), flags.any(axis=0).sum()
        assert rows == columns <= max(1, cells // 2)
        assert flags.sum() == rows * columns


def test_what_predicts_nothing_is_refused():
    known = trust.Erasures(trust.squares(2, 3, 0), np.ones(3, np.float32))
    with pytest.raises(ValueError, match="9 values"):
        trust.infidelity(np.zeros((3, 3)), known)
    with pytest.raises(ValueError, match="not finite"):
        trust.infidelity(np.full((2, 2), np.nan), known)
    with pytest.raises(ValueError, match="at least one"):
        trust.squares(2, 0, 0)


def test_a_map_that_is_complete_has_no_gap():
    values = np.array([[1.5, 1.0]], np.float32)
    found = trust.completeness(Attribution(values, True, "logit", score=3.0, baseline=1.0))
    assert (found.sum, found.due, found.gap, found.relative) == (2.5, 2.0, 0.5, 0.25)
    assert trust.completeness(Attribution(values, True, "logit", score=3.0)) is None
    nothing = trust.completeness(Attribution(values, True, "logit", score=1.0, baseline=1.0))
    assert (nothing.gap, nothing.relative) == (2.5, None)


@pytest.mark.parametrize("method", ["saliency", "grad_cam"])
def test_sensitivity_is_the_largest_change_as_captum_counts_it(vit, method):
    image = noise(3)
    found = trust.sensitivity(method, vit, image, TARGET, noises=3, seed=7)
    generator = torch.Generator().manual_seed(7)
    noises = [
        trust.RADIUS * (2 * torch.rand(image.shape, generator=generator) - 1) for _ in range(3)
    ]
    assert all(n.abs().max() <= trust.RADIUS for n in noises)

    def explain(pixels):
        return attribute(method, vit, pixels.numpy(), TARGET).values

    whole = explain(torch.from_numpy(image))
    sizes = [np.linalg.norm(explain(torch.from_numpy(image) + n) - whole) for n in noises]
    assert found == pytest.approx(max(sizes) / np.linalg.norm(whole), rel=1e-4)
    assert found > 0

    waiting = iter(noises)

    def bare(pixels):  # captum hands over a tensor, or a tuple of one
        return pixels[0] if isinstance(pixels, tuple) else pixels

    theirs = captum_sensitivity_max(
        lambda pixels: (torch.from_numpy(explain(bare(pixels)).copy())[None],),
        torch.from_numpy(image),
        perturb_func=lambda pixels: bare(pixels) + next(waiting),
        n_perturb_samples=3,
        max_examples_per_batch=1,
    )
    assert found == pytest.approx(float(theirs[0]), rel=1e-4)


def test_a_sum_has_a_slope_that_noise_does_not_change(one_thread):
    model = frozen(Cells(AMOUNTS, pixels=56))
    assert trust.sensitivity("saliency", model, ones(56), Target(0), noises=2) == 0
    zero = frozen(Cells([[0.0, 0.0], [0.0, 0.0]], pixels=56))
    assert np.isnan(trust.sensitivity("saliency", zero, ones(56), Target(0), noises=2))


def test_sensitivity_says_its_cost_tells_its_progress_and_stops(vit):
    shape, told = Shape(cells=14, layers=1, heads=2), []
    cost = trust.sensitivity_passes(METHODS["saliency"], shape, Settings(), noises=4)
    assert cost == pytest.approx(5 * METHODS["saliency"].passes(shape, Settings()))

    def stop(done, total):
        told.append((done, total))
        if done == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        trust.sensitivity("saliency", vit, noise(1), TARGET, noises=4, progress=stop)
    assert told == [(0, 5), (1, 5), (2, 5)]


def test_trust_leaves_the_network_alone(vit):
    before = fingerprint(vit)
    trust.sensitivity("saliency", vit, noise(1), TARGET, noises=1)
    costs(vit, noise(1), draws=2)
    assert unchanged(vit, before)
