"""One signature for all methods: promises, costs, refusals, and a shared network left as it was."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from torch import nn

from models.catalog import CATALOG
from models.entry import build
from models.vit import ViT, ViTConfig
from tests.attribution_toys import (
    CLASSES,
    NETWORKS,
    SIDE,
    Linear,
    found,
    network,
    picture,
    suitable,
)
from viz_core.attribution import BASELINES, Settings, Target, run
from viz_core.attribution.baselines import stand_in
from viz_core.attribution.methods import METHODS, Shape
from viz_core.attribution.question import batch, shape_of
from viz_core.attribution.run import attribute, logits, scores

pytestmark = pytest.mark.usefixtures("one_thread")
EVERYWHERE = [name for name, method in METHODS.items() if not method.needs]
LINEAR_IN_TARGET = [name for name, method in METHODS.items() if method.signed]
QUICK = Settings(steps=3, samples=3)


@pytest.fixture(scope="module")
def networks():
    return {name: network(name) for name in NETWORKS}


# What a method promises


@pytest.mark.parametrize(("method", "name"), suitable())
def test_every_method_gives_its_map_of_every_network_that_it_suits(method, name, networks):
    found = attribute(method, networks[name], picture(), Target(1, 3), QUICK)
    said, size = METHODS[method], found.values.shape[0]
    assert found.values.shape == (size, size)
    if said.resolution == "pixels":
        assert size == SIDE
    if said.resolution == "cells":
        assert size == shape_of(networks[name], SIDE).cells
    assert (found.signed, found.unit, found.extensive) == (said.signed, said.unit, said.extensive)
    assert said.signed or found.values.min() >= 0
    assert found.values.any()
    assert (found.gap is not None) == said.complete
    with torch.no_grad():
        one = networks[name](torch.from_numpy(picture()))[0]
    assert found.score == pytest.approx((one[1] - one[3]).item(), rel=1e-6)
    assert np.isfinite(found.values).all()
    assert not found.values.flags.writeable


@pytest.mark.parametrize("method", LINEAR_IN_TARGET)
@pytest.mark.parametrize("name", ["vit", "cct", "swin", "resnet"])
def test_signed_maps_of_this_against_that_are_differences(method, name, networks):
    if not METHODS[method].suits(networks[name].views):
        return
    this, that, ahead, behind = (
        found(method, networks[name], target=target, settings=QUICK).values
        for target in (Target(1), Target(3), Target(1, 3), Target(3, 1))
    )
    np.testing.assert_allclose(ahead, -behind, atol=1e-6)
    np.testing.assert_allclose(ahead, this - that, atol=1e-6)


@hypothesis_settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**16),
    steps=st.integers(1, 9),
    samples=st.integers(1, 9),
    baseline=st.sampled_from(BASELINES),
)
def test_maps_of_a_linear_score_add_up_exactly_from_any_baseline(seed, steps, samples, baseline):
    model = Linear(np.random.default_rng(seed).normal(size=(3, 3, SIDE, SIDE)))
    settings = Settings(steps=steps, samples=samples, baseline=baseline, seed=seed)
    image = picture(seed + 1)
    found = attribute("integrated_gradients", model, image, Target(0, 2), settings)
    assert abs(found.gap) < 1e-4
    weight = (model.weight[0] - model.weight[2]).numpy()
    nothing = stand_in(torch.from_numpy(image), baseline).numpy()
    by_hand = (weight * (image - nothing)[0]).sum(axis=0)
    np.testing.assert_allclose(found.values, by_hand, atol=1e-5)


def test_gradient_shap_adds_up_from_the_mean_of_its_baselines_and_follows_its_seed(networks):
    model = Linear(np.random.default_rng(0).normal(size=(2, 3, SIDE, SIDE)))
    for samples in (1, 2, 9):
        found = attribute("gradient_shap", model, picture(), Target(1), Settings(samples=samples))
        assert abs(found.gap) < 1e-4
    first, same, other = (
        attribute("gradient_shap", networks["vit"], picture(), Target(1), Settings(seed=seed))
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.values, same.values)
    assert (first.values != other.values).any()


@pytest.mark.parametrize("name", NETWORKS)
def test_enough_steps_close_the_gap(name, networks):
    few, many = (
        attribute("integrated_gradients", networks[name], picture(), Target(1), Settings(steps=n))
        for n in (1, 128)
    )
    assert abs(many.gap) < 0.01 * np.abs(many.values).sum()
    # ReLU bends the way sharply: there, one step may hit by luck.
    assert name == "resnet" or abs(many.gap) < abs(few.gap) / 10


@pytest.mark.parametrize("method", EVERYWHERE)
def test_a_score_of_one_cell_is_explained_by_that_cell(method):
    weight = np.zeros((2, 3, SIDE, SIDE))
    weight[1, :, 4:6, 8:10] = np.random.default_rng(0).normal(size=(3, 2, 2))
    values = attribute(method, Linear(weight), picture(), Target(1), Settings(window=1)).values
    inside = np.zeros(values.shape, dtype=bool)
    step = SIDE // len(values)
    inside[4 // step : -(-6 // step), 8 // step : -(-10 // step)] = True
    assert values[inside].all()
    assert not values[~inside].any()


def test_every_method_by_hand_on_a_line():
    """Score 2 r - g + 1 of the first pixel: r is 3 there, g is 1, and grey is 0."""
    weight, image = np.zeros((1, 3, SIDE, SIDE)), np.zeros((1, 3, SIDE, SIDE))
    weight[0, :2, 0, 0], image[0, :2, 0, 0] = (2, -1), (3, 1)
    model = Linear(weight)
    expected = {
        "saliency": 2,
        "input_x_gradient": 5,
        "integrated_gradients": 5,
        "occlusion": 5,
        "ablation": 5,
    }
    for method, value in expected.items():
        found = attribute(method, model, image, Target(0), Settings(window=1))
        assert found.score == pytest.approx(6)
        assert found.values[0, 0] == pytest.approx(value), method
        assert np.count_nonzero(found.values) == 1
    wide = attribute("occlusion", model, image, Target(0), Settings(window=3)).values
    # The corner is under one square of nine; its neighbour is under that and one that misses it.
    np.testing.assert_allclose(wide[0, :4], [5, 5 / 2, 5 / 3, 0], rtol=1e-6)


def test_what_stands_for_nothing():
    image = torch.from_numpy(picture())
    assert not stand_in(image, "grey").any()
    mean = stand_in(image, "mean")
    torch.testing.assert_close(mean[0, :, 3, 5], image[0].mean(dim=(1, 2)))
    assert mean.std(dim=(2, 3)).max() < 1e-12
    blur = stand_in(image, "blur")
    assert 0 < blur.std() < image.std() / 3
    flat = torch.full_like(image, 0.25)
    torch.testing.assert_close(stand_in(flat, "blur"), flat)


@pytest.mark.parametrize("method", METHODS)
def test_a_method_reads_the_settings_that_it_says_and_no_others(method, networks):
    other = dict(baseline="mean", steps=4, samples=4, window=2, start=1, layer=0, seed=5)
    assert other.keys() == {field.name for field in fields(Settings)}
    said = METHODS[method]
    before = found(method, networks["vit"], settings=QUICK).values
    for name, value in other.items():
        changed = replace(QUICK, **{name: value})
        after = found(method, networks["vit"], settings=changed).values
        assert (name in said.reads) == (not np.array_equal(before, after)), name
        assert (name in said.reads) == (said.only(changed) != said.only(QUICK))


# What it costs


class Mark(torch.autograd.Function):
    """An identity that counts pictures whose gradient comes back."""

    @staticmethod
    def forward(ctx, x, model):
        ctx.model = model
        return x.clone()

    @staticmethod
    def backward(ctx, slope):
        ctx.model.came_back.append(len(slope))
        return slope, None


def counted(model):
    """The network as one of a class that notes how many pictures go through, and come back."""

    class Counted(type(model)):
        def forward(self, images):
            self.went.append(len(images))
            return Mark.apply(super().forward(images), self)

    model.__class__ = Counted
    model.went, model.came_back = [], []
    return model


@pytest.mark.parametrize(("method", "name"), suitable())
def test_the_cost_that_is_announced_is_what_goes_through_the_network(method, name):
    model, told = counted(network(name)), []
    attribute(method, model, picture(), Target(1), QUICK, lambda *done: told.append(done))
    said, shape = METHODS[method], shape_of(model, SIDE)
    assert sum(model.went) == said.forwards(shape, QUICK)
    back = math.ceil(said.backwards(shape, QUICK))
    if not (method == "grad_cam" and not shape.layers):  # through the head alone counts as none
        assert sum(model.came_back) == back
    assert said.passes(shape, QUICK) >= said.forwards(shape, QUICK)
    total = sum(model.went)
    assert told[0] == (0, total)
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) == len(model.went) + 1, "between any two passes a visitor can stop it"


def test_passes_of_the_default_settings():
    shape = Shape(cells=14, layers=6, heads=5)
    passes = {name: round(m.passes(shape, Settings()), 2) for name, m in METHODS.items()}
    assert passes["relevance"] <= 2.1
    assert passes["occlusion"] == 1 + 12**2
    assert passes["ablation"] == 1 + 14**2
    assert METHODS["occlusion"].passes(Shape(cells=2), Settings(window=3)) == 1


def test_batches_are_bounded_by_memory():
    def of(side):
        return torch.empty(1, 3, side, side, device="meta")

    assert [batch(of(side)) for side in (32, 56, 224, 384, 1024)] == [32, 32, 4, 1, 1]
    assert [batch(of(side), gradient=True) for side in (32, 56, 224, 384)] == [8, 8, 2, 1]


@pytest.mark.parametrize("method", ["integrated_gradients", "gradient_shap", "occlusion"])
def test_no_batch_is_larger_than_that(method, monkeypatch):
    from viz_core.attribution import question

    monkeypatch.setattr(question, "LARGEST", 5)
    monkeypatch.setattr(question, "LARGEST_WITH_GRADIENT", 2)
    model = counted(network("vit"))
    small = attribute(method, model, picture(), Target(1), Settings(samples=7, steps=7, window=2))
    assert max(model.went) <= 5
    assert max(model.came_back, default=2) == 2
    monkeypatch.undo()
    large = attribute(method, model, picture(), Target(1), Settings(samples=7, steps=7, window=2))
    np.testing.assert_allclose(small.values, large.values, atol=1e-6)


@pytest.mark.parametrize("name", [n for n, e in CATALOG.items() if e.labels is not None])
def test_the_cost_before_a_network_is_loaded_is_that_of_the_network(name):
    from pages._ui.cached import attribution

    with torch.device("meta"):
        model = build(CATALOG[name])
    assert attribution.shape(name) == shape_of(model, CATALOG[name].preprocessing.size)


# What it refuses


@pytest.mark.parametrize("target", [Target(CLASSES), Target(-1), Target(0, CLASSES)])
@pytest.mark.parametrize("method", METHODS)
def test_a_class_that_there_is_not_is_refused(method, target, networks):
    with pytest.raises(ValueError, match=f"There is no class .*: this network has {CLASSES}"):
        attribute(method, networks["vit"], picture(), target, QUICK)


@pytest.mark.parametrize(
    ("method", "name", "settings", "side", "said"),
    [
        (
            "relevance",
            "convnext",
            {},
            SIDE,
            "Relevance needs compact attention or global attention",
        ),
        ("relevance", "swin", {}, SIDE, "and Swin has none"),
        ("rollout", "resnet", {}, SIDE, "and ResNet has none"),
        ("occlusion", "vit", {"window": 5}, SIDE, "A square of 5 cells is larger"),
        ("rollout", "vit", {"start": 3}, SIDE, "There is no layer 3: this network has 3, from 0"),
        ("relevance", "vit", {"start": -1}, SIDE, "There is no layer -1"),
        ("logit_lens", "vit", {"layer": 3}, SIDE, "There is no layer 3: this network has 3"),
        ("logit_lens", "resnet", {"layer": 0}, SIDE, "The head reads 32 channels.* has 16"),
        ("saliency", "vit", {}, 15, "does not divide into 4 x 4"),
        ("ablation", "convnext", {}, 15, r"15 pixels divide into none"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(method, name, settings, side, said, networks):
    with pytest.raises(ValueError, match=said):
        attribute(method, networks[name], picture(side=side), Target(1), Settings(**settings))


def test_other_refusals():
    with pytest.raises(KeyError):
        attribute("astrology", network("vit"), picture(), Target(1))
    with pytest.raises(ValueError, match="against itself"):
        Target(2, 2)
    with pytest.raises(ValueError, match="at least 1"):
        Settings(steps=0)
    with pytest.raises(ValueError, match="one of grey, mean, blur, not 'black'"):
        Settings(baseline="black")
    headless = ViT(ViTConfig(image_size=16, patch_size=4, width=8, depth=1, heads=2, classes=0))
    with pytest.raises(ValueError, match="names no classes"):
        attribute("saliency", headless.eval(), picture(), Target(1))
    with pytest.raises(ValueError, match="16 x 12 is not square"):
        attribute("saliency", network("vit"), picture()[:, :, :12], Target(1))


class Stopped(Exception):
    pass


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("after", [0, 1])
def test_it_stops_where_whoever_waits_says_so(method, after):
    model, before = counted(network("vit")), snapshot(network("vit"))

    def stop(done, total):
        if done >= after:
            raise Stopped

    with pytest.raises(Stopped):
        attribute(method, model, picture(), Target(1), QUICK, stop)
    assert (sum(model.went) > 0) == (after > 0)
    untouched(model, before)


# What it leaves


def snapshot(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def hooks(model):
    tables = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return sum(len(getattr(module, table)) for module in model.modules() for table in tables)


def untouched(model, before):
    assert hooks(model) == 0
    assert all(parameter.grad is None for parameter in model.parameters())
    after = model.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


@pytest.mark.parametrize(
    ("method", "name", "trainable"),
    [
        (method, name, trainable)
        for method, name in suitable()
        for trainable in (False, True)
        if name in ("vit", "cct", "resnet") or not trainable
    ],
)
def test_the_shared_network_carries_nothing_not_even_for_a_moment(method, name, trainable):
    model = network(name).requires_grad_(trainable)
    before, modules = snapshot(model), dict(model.named_modules())
    during = []
    image = picture()
    given = image.copy()
    attribute(method, model, image, Target(1), QUICK, lambda *_: during.append(hooks(model)))
    assert len(during) > 1, "captum's hook is in place by the time the pass is announced"
    assert not any(during)
    untouched(model, before)
    assert dict(model.named_modules()) == modules
    assert all(p.requires_grad == trainable for p in model.parameters())
    np.testing.assert_array_equal(image, given)


def test_captums_hook_is_seen_by_that_test():
    """Without it, the test above could not fail."""
    import captum.attr

    model, during = network("convnext"), []

    def forward(images):
        during.append(hooks(model))
        return model(images)[:, 0]

    captum.attr.LayerGradCam(forward, model.stages[-1]).attribute(torch.from_numpy(picture()))
    assert during == [1]


def test_threads_do_not_disturb_each_other(networks):
    methods = ("grad_cam", "relevance", "attention_x_gradient", "saliency")
    asked = [(method, name, seed) for method, name in suitable(methods) for seed in (1, 2)]

    def ask(one):
        method, name, seed = one
        return attribute(method, networks[name], picture(seed), Target(seed), QUICK).values

    alone = [ask(one) for one in asked]
    with watched(networks) as seen, ThreadPoolExecutor(4) as pool:
        together = list(pool.map(ask, asked))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)
    assert seen
    assert not any(seen)


@contextmanager
def watched(networks):
    """Hooks on the shared networks, counted all the time from another thread."""
    seen, done = [], threading.Event()

    def watch():
        while not done.is_set():
            seen.append(sum(hooks(model) for model in networks.values()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def test_it_works_where_the_caller_has_turned_gradients_off(networks):
    expected = attribute("relevance", networks["vit"], picture(), Target(1)).values
    for off in (torch.no_grad, torch.inference_mode):
        with off():
            found = attribute("relevance", networks["vit"], picture(), Target(1)).values
        np.testing.assert_array_equal(found, expected)


# Many pictures at once


def test_logits_of_many_pictures_are_those_of_each():
    model = counted(network("vit"))
    images = np.concatenate([picture(seed) for seed in range(7)])
    told = []
    many = logits(model, images, lambda *done: told.append(done), 3)
    assert model.went == [3, 3, 1]
    assert not model.came_back
    assert told == [(0, 7), (3, 7), (6, 7), (7, 7)]
    with torch.no_grad():
        one_by_one = torch.cat([model(torch.from_numpy(image[None])) for image in images])
    np.testing.assert_allclose(many, one_by_one.numpy(), atol=1e-12)
    ahead = scores(model, images, Target(1, 3), 2)
    np.testing.assert_allclose(ahead, many[:, 1] - many[:, 3], atol=1e-12)
    with pytest.raises(ValueError, match="There is no class 9"):
        scores(model, images, Target(9))


def test_pictures_are_brought_to_the_networks_own_precision():
    model = ViT(ViTConfig(image_size=16, patch_size=4, width=8, depth=1, heads=2, classes=2)).eval()
    assert logits(model, picture()).dtype == np.float32
    assert attribute("saliency", model, picture(), Target(1)).values.dtype == np.float32


def test_every_method_is_said_in_a_sentence_each_and_computed():
    assert METHODS.keys() == run._COMPUTED.keys()
    for name, method in METHODS.items():
        assert method.name == name
        assert method.answers.endswith("?")
        assert method.misleads.endswith(".")
        assert 20 < len(method.answers) < 170, name
        assert 20 < len(method.misleads) < 170, name


def test_a_network_of_no_known_architecture_has_no_stream():
    from viz_core.attribution.stream import stream

    with pytest.raises(ValueError, match="Linear has no stream"):
        stream(nn.Linear(1, 1))
