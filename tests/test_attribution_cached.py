"""Attributions as pages ask for them: kept by what they depend on, in turns, stopped cleanly."""

import threading
import time

import numpy as np
import pytest
import streamlit as st

from models.catalog import CATALOG
from pages._ui import cached
from pages._ui.cached import attribution
from viz_core.attribution import Settings, Target, run

NETWORK, TARGET = "cvt_2_4_32", Target(3)


@pytest.fixture(autouse=True)
def _empty_caches(one_thread):
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def dog():
    return NETWORK, *cached.sample("dog")


@pytest.fixture
def computed(monkeypatch):
    """Names of the methods that were computed."""
    seen, real = [], run.attribute

    def counted(name, *rest):
        seen.append(name)
        return real(name, *rest)

    monkeypatch.setattr(run, "attribute", counted)
    return seen


def test_a_map_is_computed_once_for_all_that_it_depends_on(dog, computed):
    first = attribution.attribution(*dog, "relevance", TARGET, Settings())
    assert attribution.attribution(*dog, "relevance", TARGET, Settings(steps=5)) is first
    assert len(computed) == 1, "relevance has no steps"
    attribution.attribution(*dog, "relevance", Target(3, 5), Settings())
    attribution.attribution(*dog, "relevance", TARGET, Settings(start=1))
    attribution.attribution(NETWORK, *cached.sample("cat"), "relevance", TARGET, Settings())
    attribution.attribution("cct_2_3x2_32", *dog[1:], "relevance", TARGET, Settings())
    assert len(computed) == 5


def test_the_score_is_what_the_head_says(dog):
    said = attribution.logits(*dog)
    found = attribution.attribution(*dog, "saliency", Target(3, 5), Settings())
    assert found.score == pytest.approx(said[3] - said[5], abs=1e-5)


def test_the_time_of_a_pass_is_measured(dog):
    assert 0 < attribution.seconds(*dog) < 5


@pytest.mark.parametrize(("alone", "expected"), [(0.01, 0.002), (0.2, 0.2)])
def test_a_picture_of_a_small_network_is_timed_in_a_batch_too(dog, monkeypatch, alone, expected):
    asked = []

    def timed(model, images):
        asked.append(len(images))
        return alone if len(images) == 1 else 8 * 0.002

    monkeypatch.setattr(attribution, "_timed", timed)
    assert attribution.seconds(*dog) == pytest.approx(expected)
    assert asked == ([1, 1, 8, 8, 8] if alone < attribution.LARGE_SECONDS else [1, 1])


def test_what_is_stopped_leaves_nothing_and_can_be_asked_again(dog, computed):
    def stop(done, total):
        if 2 * done > total:
            raise InterruptedError

    asked = (*dog, "ablation", TARGET, Settings())
    for _ in range(2):
        with pytest.raises(InterruptedError):
            attribution.attribution(*asked, stop)
        assert cached.FORWARD.acquire(blocking=False), "the next visitor would wait for ever"
        cached.FORWARD.release()
    whole = attribution.attribution(*asked)
    assert computed == ["ablation"] * 3
    assert whole.values.all()


def test_another_visitor_gets_a_pass_while_a_long_one_runs(dog, monkeypatch):
    monkeypatch.setattr("viz_core.attribution.question.LARGEST", 1)  # many passes, none long
    attribution.logits(*dog)  # the network is loaded, and so is torch
    st.cache_resource.clear()
    cached.network(NETWORK)
    served, started = [], threading.Event()

    def visit():
        started.wait()
        began = time.perf_counter()
        with cached.FORWARD:
            served.append(time.perf_counter() - began)

    visitor = threading.Thread(target=visit)
    visitor.start()
    still = []

    def progress(done, total):
        started.set()
        still.append((done, len(served)))

    attribution.attribution(*dog, "ablation", TARGET, Settings(), progress)
    visitor.join()
    assert still[-1][1] == 1, "the visitor waited until the end"
    assert next(done for done, count in still if count) < 40, "of 65 pictures"


def test_progress_is_told_while_others_may_run(dog):
    free = []

    def progress(done, total):
        free.append(cached.FORWARD.acquire(blocking=False))
        if free[-1]:
            cached.FORWARD.release()

    attribution.attribution(*dog, "integrated_gradients", TARGET, Settings(steps=20), progress)
    assert len(free) == 5, "both ends, three batches of at most eight, and the end"
    assert all(free)


def test_only_networks_with_classes_can_be_asked():
    assert not attribution.suits("mae_nano_patch8_112")
    assert attribution.suits(NETWORK)
    for name in CATALOG:
        if attribution.suits(name):
            assert attribution.shape(name).cells > 1


def test_maps_are_read_only(dog):
    found = attribution.attribution(*dog, "rollout", TARGET, Settings())
    with pytest.raises(ValueError, match="read-only"):
        found.values[0, 0] = 1
    assert np.isfinite(found.values).all()
