"""One forward pass a picture and network, one at a time, and nothing confused."""

import threading
import time

import numpy as np
import pytest
import streamlit as st

from pages._ui import cached, samples
from viz_core import images, probe

NETWORK = "vit_nano_patch4_56"


@pytest.fixture(autouse=True)
def _empty_caches():
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def passes(monkeypatch):
    """Forward passes that ran, and how many of them at most at the same time."""
    seen = {"count": 0, "now": 0, "most": 0}
    real = probe.attention

    def counted(model, pixels):
        seen["count"] += 1
        seen["now"] += 1
        seen["most"] = max(seen["most"], seen["now"])
        time.sleep(0.02)
        try:
            return real(model, pixels)
        finally:
            seen["now"] -= 1

    monkeypatch.setattr(probe, "attention", counted)
    return seen


def test_every_view_of_a_scene_comes_from_one_forward_pass(passes):
    key, raw = cached.sample("dog")
    for fusion in ("mean", "max", "min"):
        cached.fused(NETWORK, key, raw, fusion)
    cached.frame(NETWORK, key, raw)
    cached.head_numbers(NETWORK, key, raw)
    cached.prediction(NETWORK, key, raw)
    assert passes["count"] == 1


def test_forward_passes_wait_for_one_another(passes):
    pictures = [cached.sample(name) for name in list(samples.SAMPLES)[:4]]
    cached.network(NETWORK)
    threads = [
        threading.Thread(target=cached.scene, args=(NETWORK, key, raw)) for key, raw in pictures
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passes["count"] == 4
    assert passes["most"] == 1


def test_pictures_that_differ_in_one_corner_are_two_scenes():
    # Streamlit hashes large arrays from a sample of their elements; we hash every byte.
    picture = np.full((900, 900, 3), 90, np.uint8)
    other = picture.copy()
    other[:3, :3] = 255
    scenes = []
    for pixels in (picture, other):
        raw = images.encode_png(pixels)
        scenes.append(cached.scene(NETWORK, images.digest(raw), raw))
    assert not np.array_equal(scenes[0].crop, scenes[1].crop)
    assert not np.array_equal(scenes[0].patterns, scenes[1].patterns)


def test_what_is_shared_cannot_be_changed():
    key, raw = cached.sample("cat")
    scene = cached.scene(NETWORK, key, raw)
    assert not scene.patterns.flags.writeable
    assert not cached.picture(key, raw).flags.writeable
    assert not any(p.requires_grad for p in cached.network(NETWORK).parameters())


def test_a_scene_knows_its_grid_and_prefix():
    key, raw = cached.sample("cat")
    scene = cached.scene(NETWORK, key, raw)
    assert scene.grid == (14, 14)
    assert scene.prefix == ("class token",)
    assert scene.patterns.shape == (6, 5, 197, 197)
    np.testing.assert_allclose(scene.patterns.sum(axis=-1), 1, atol=1e-5)
