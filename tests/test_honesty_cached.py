"""Honesty as pages ask for it: computed once, in turns with others, stopped without a trace."""

import threading

import numpy as np
import pytest
import streamlit as st

from pages._ui import cached
from pages._ui.cached import attribution, honesty, turns
from tests.honesty_toys import fingerprint, unchanged
from viz_core.attribution import Settings, Target, trust
from viz_core.attribution import curves as run
from viz_core.attribution.methods import METHODS

NETWORK, TARGET, SETTINGS = "cvt_2_4_32", Target(3), Settings(steps=4, samples=2)


@pytest.fixture(autouse=True)
def _empty_caches(one_thread):
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def dog():
    return NETWORK, *cached.sample("dog")


class Told:
    """Progress that is kept."""

    def __init__(self, stop_at=2.0):
        self.shares, self.stop_at = [], stop_at

    def __call__(self, done, total):
        self.shares.append(done / total)
        if self.shares[-1] >= self.stop_at:
            raise InterruptedError


def test_curves_follow_the_map_and_are_computed_once(dog, monkeypatch):
    told = Told()
    found = honesty.curves(*dog, "input_x_gradient", TARGET, SETTINGS, "grey", _progress=told)
    values = honesty.on_cells(*dog, "input_x_gradient", TARGET, SETTINGS)
    assert values.shape == (8, 8)
    assert (found.deletion.order == run.ranked(values)).all()
    assert (found.insertion.order == found.deletion.order).all()
    np.testing.assert_allclose(found.deletion.logits[0], attribution.logits(*dog), atol=1e-4)
    np.testing.assert_allclose(found.insertion.logits[0], found.deletion.logits[-1], atol=1e-4)
    assert told.shares == sorted(told.shares)
    monkeypatch.setattr(run, "curve", None)
    again = honesty.curves(*dog, "input_x_gradient", TARGET, SETTINGS, "grey")
    assert again is found


def test_settings_that_a_method_does_not_read_make_no_other_curves(dog):
    one, other = (
        honesty.curves(*dog, "saliency", TARGET, Settings(steps=steps), "grey") for steps in (4, 9)
    )
    assert one is other


def test_chance_is_a_band_and_the_centre_an_order(dog):
    band = honesty.chance(*dog, TARGET, "mean", draws=3)
    centre = honesty.centre(*dog, TARGET, "mean")
    assert (band.counts == centre.deletion.counts).all()
    for middle, (low, high) in (
        (band.deletion, band.deletion_range),
        (band.insertion, band.insertion_range),
    ):
        assert (low <= middle + 1e-6).all()
        assert (middle <= high + 1e-6).all()
    ends = [centre.deletion.shares[0], centre.deletion.shares[-1]]
    np.testing.assert_allclose(band.deletion[[0, -1]], ends, atol=1e-5)
    np.testing.assert_allclose(band.insertion[[-1, 0]], ends, atol=1e-5)
    assert run.area(band.deletion, band.counts) == pytest.approx(band.auc.mean(), abs=1e-5)
    assert run.area(band.insertion, band.counts) == pytest.approx(band.auc.mean(), abs=1e-5)


def test_agreement_is_over_all_methods_that_suit_and_says_its_cost(dog):
    told = Told()
    found = honesty.agreement(*dog, TARGET, SETTINGS, _progress=told)
    assert found.methods == honesty.methods(NETWORK)
    assert set(found.methods) == {k for k, m in METHODS.items() if m.suits(cached_views())}
    size = (len(found.methods),) * 2
    assert found.correlation.shape == found.overlap.shape == size
    np.testing.assert_allclose(np.diag(found.correlation), 1)
    assert (found.count, found.chance) == (6, 6 / 64)
    assert told.shares == sorted(told.shares)
    total = sum(METHODS[m].passes(attribution.shape(NETWORK), SETTINGS) for m in found.methods)
    assert honesty.agreement_passes(NETWORK, SETTINGS) == pytest.approx(total)


def cached_views():
    from models.catalog import CATALOG

    return CATALOG[NETWORK].views


def test_trust_holds_the_gap_and_what_squares_cost(dog):
    found = honesty.trust(*dog, "integrated_gradients", TARGET, SETTINGS, "grey")
    whole = attribution.attribution(*dog, "integrated_gradients", TARGET, SETTINGS)
    assert found.completeness.gap == pytest.approx(whole.gap)
    known = honesty.erasures(*dog, TARGET, "grey")
    assert len(known.drops) == trust.DRAWS
    values = honesty.on_cells(*dog, "integrated_gradients", TARGET, SETTINGS)
    assert found.infidelity == trust.infidelity(values, known)
    assert found.even == trust.infidelity(np.ones((8, 8)), known)
    other = honesty.trust(*dog, "saliency", TARGET, SETTINGS, "grey")
    assert other.completeness is None
    assert other.even == found.even


def test_a_cascade_and_noise_leave_the_shared_network_alone(dog):
    model = cached.network(NETWORK)
    before, told = fingerprint(model), Told()
    stages = honesty.cascade(*dog, "saliency", TARGET, SETTINGS, _progress=told)
    assert [stage.part for stage in stages] == ["", "head", "block 2", "block 1", "embedding"]
    assert stages[-1].absolute < 0.5 < stages[0].absolute
    passes = honesty.cascade_passes(NETWORK, "saliency", SETTINGS)
    assert passes == pytest.approx(
        5 * METHODS["saliency"].passes(attribution.shape(NETWORK), SETTINGS)
    )
    assert honesty.sensitivity(*dog, "saliency", TARGET, SETTINGS) > 0
    assert honesty.sensitivity_passes(NETWORK, "saliency", SETTINGS) > 11
    assert unchanged(model, before)
    assert told.shares == sorted(told.shares)


WORKS = {
    "curves": lambda dog, p: honesty.curves(
        *dog, "saliency", TARGET, SETTINGS, "grey", _progress=p
    ),
    "centre": lambda dog, p: honesty.centre(*dog, TARGET, "grey", _progress=p),
    "chance": lambda dog, p: honesty.chance(*dog, TARGET, "grey", _progress=p),
    "agreement": lambda dog, p: honesty.agreement(*dog, TARGET, SETTINGS, _progress=p),
    "trust": lambda dog, p: honesty.trust(*dog, "saliency", TARGET, SETTINGS, "grey", _progress=p),
    "sensitivity": lambda dog, p: honesty.sensitivity(
        *dog, "saliency", TARGET, SETTINGS, _progress=p
    ),
    "cascade": lambda dog, p: honesty.cascade(*dog, "saliency", TARGET, SETTINGS, _progress=p),
}


@pytest.mark.parametrize("work", WORKS)
def test_what_is_stopped_leaves_nothing_behind_and_can_be_asked_again(dog, work):
    with pytest.raises(InterruptedError):
        WORKS[work](dog, Told(stop_at=0.4))
    assert cached.FORWARD.acquire(timeout=1), "whoever stops gives the turn back"
    cached.FORWARD.release()
    told = Told()
    assert WORKS[work](dog, told) is not None
    assert told.shares[-1] > 0.4


def test_others_get_a_turn_between_two_passes(dog):
    cached.network(NETWORK)
    waited, came = threading.Event(), []

    def other():
        with cached.FORWARD:
            came.append(True)

    def progress(done, total):
        if not waited.is_set():
            waited.set()
            threading.Thread(target=other).start()

    with cached.FORWARD:
        turn = turns.polite(progress)
        turn(0, 3)
        for done in (1, 2):
            turn(done, 3)
        assert came
    assert cached.FORWARD.acquire(timeout=1)
    cached.FORWARD.release()


def test_progress_of_works_in_a_row_never_goes_back():
    told = Told()
    for part in turns.shares(told, 3):
        for done in range(5):
            part(done, 4)
    assert told.shares == sorted(told.shares)
    assert (told.shares[0], told.shares[-1]) == (0, 1)
    turns.shares(None, 2)[0](1, 2)
