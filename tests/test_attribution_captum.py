"""What captum computes, asked through us, is what captum computes: in float64, on every network."""

import copy

import captum.attr
import numpy as np
import pytest
import torch

from models.tap import record
from models.vit import ViT, ViTConfig
from tests.attribution_toys import NETWORKS, found, network, picture
from tests.parity import shaken
from viz_core.attribution import BASELINES, Settings, Target
from viz_core.attribution.baselines import stand_in
from viz_core.attribution.gradients import shap_draws
from viz_core.attribution.stream import stream

pytestmark = pytest.mark.usefixtures("one_thread")
IMAGE = torch.from_numpy(picture())


def close(ours, theirs):
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape
    assert np.abs(theirs).max() > 1e-6, "maps of zeros compare nothing"
    # Where it covers things, captum answers in float32 whatever it is asked in.
    tolerance = 1e-10 if theirs.dtype == np.float64 else 1e-6
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * np.abs(theirs).max())


def ahead(model):
    return lambda images: model(images)[:, 1] - model(images)[:, 3]


def leaf():
    return IMAGE.clone().requires_grad_()


@pytest.fixture(params=NETWORKS, scope="module")
def model(request):
    return network(request.param)


def test_saliency_is_captums(model):
    theirs = captum.attr.Saliency(ahead(model)).attribute(leaf())
    close(found("saliency", model).values, theirs[0].amax(dim=0))


def test_the_target_of_one_class_is_captums_index(model):
    theirs = captum.attr.Saliency(model).attribute(leaf(), target=2)
    close(found("saliency", model, target=Target(2)).values, theirs[0].amax(dim=0))


def test_input_x_gradient_is_captums(model):
    theirs = captum.attr.InputXGradient(ahead(model)).attribute(leaf())
    close(found("input_x_gradient", model).values, theirs[0].sum(dim=0))


@pytest.mark.parametrize("baseline", BASELINES)
def test_integrated_gradients_are_captums_and_so_is_the_gap(model, baseline):
    ours = found("integrated_gradients", model, settings=Settings(baseline=baseline, steps=11))
    theirs, delta = captum.attr.IntegratedGradients(ahead(model)).attribute(
        leaf(), stand_in(IMAGE, baseline), n_steps=11, return_convergence_delta=True
    )
    close(ours.values, theirs[0].sum(dim=0))
    gap = ours.values.sum() - (ours.score - ours.baseline)
    assert gap == pytest.approx(delta.item(), abs=1e-9)


def test_gradient_shap_is_captums_for_the_same_draws(model, monkeypatch):
    samples = 19
    which, along = (draw.numpy() for draw in shap_draws(samples, seed=7))
    monkeypatch.setattr(np.random, "choice", lambda *_: which)
    monkeypatch.setattr(np.random, "uniform", lambda *_: along)
    baselines = torch.cat([stand_in(IMAGE, kind) for kind in BASELINES])
    theirs, deltas = captum.attr.GradientShap(ahead(model)).attribute(
        leaf(), baselines, n_samples=samples, return_convergence_delta=True
    )
    ours = found("gradient_shap", model, settings=Settings(samples=samples, seed=7))
    close(ours.values, theirs[0].sum(dim=0))
    gap = ours.values.sum() - (ours.score - ours.baseline)
    assert gap == pytest.approx(deltas.mean().item(), abs=1e-9)


@pytest.mark.parametrize("samples", [1, 2, 16, 30])
def test_draws_of_gradient_shap_are_spread(samples):
    which, along = (draw.numpy() for draw in shap_draws(samples, seed=1))
    counts = np.bincount(which, minlength=len(BASELINES))
    assert counts.sum() == samples
    assert counts.max() - counts.min() <= 1
    for baseline, count in enumerate(counts):
        parts = np.floor(along[which == baseline] * count)
        np.testing.assert_array_equal(parts, np.arange(count))


@pytest.mark.parametrize("window", [1, 3])
def test_occlusion_is_captums(model, window):
    settings = Settings(window=window, baseline="mean")
    ours = found("occlusion", model, settings=settings)
    step = IMAGE.shape[-1] // len(ours.values)
    theirs = captum.attr.Occlusion(ahead(model)).attribute(
        IMAGE,
        sliding_window_shapes=(3, window * step, window * step),
        strides=(3, step, step),
        baselines=stand_in(IMAGE, "mean"),
    )
    close(ours.values.repeat(step, axis=0).repeat(step, axis=1), theirs[0].mean(dim=0))


def test_cell_by_cell_is_captums_feature_ablation(model):
    ours = found("ablation", model)
    cells = len(ours.values)
    step = IMAGE.shape[-1] // cells
    mask = torch.arange(cells**2).reshape(1, cells, cells)
    mask = mask.repeat_interleave(step, dim=1).repeat_interleave(step, dim=2)
    theirs = captum.attr.FeatureAblation(ahead(model)).attribute(IMAGE, feature_mask=mask[None])
    close(ours.values.repeat(step, axis=0).repeat(step, axis=1), theirs[0].mean(dim=0))


@pytest.mark.parametrize("name", ["convnext", "resnet"])
def test_grad_cam_of_a_convolutional_network_is_captums(name):
    theirs = copy.deepcopy(network(name))
    layer = theirs.get_submodule(stream(theirs).blocks[-1])
    single = captum.attr.LayerGradCam(theirs, layer)
    cam = single.attribute(IMAGE, target=1) - single.attribute(IMAGE, target=3)
    close(found("grad_cam", network(name)).values, cam[0, 0])


@pytest.mark.parametrize("name", ["swin", "swin v2"])
def test_grad_cam_of_swin_reads_the_stream_with_its_channels_last(name):
    """Captum's own layer is the last stage; its gradient is ours, its means are over our axes."""
    theirs = copy.deepcopy(network(name))
    layer = theirs.layers[-1]
    with record(theirs, stream(theirs).blocks[-1]) as trace:
        x = layer_output(theirs, layer)
        torch.testing.assert_close(trace[stream(theirs).blocks[-1]], x)
    slope = captum.attr.LayerGradientXActivation(theirs, layer, multiply_by_inputs=False)
    slopes = slope.attribute(IMAGE, target=1) - slope.attribute(IMAGE, target=3)
    cam = torch.einsum("rcd,d->rc", x[0], slopes[0].mean(dim=(0, 1)))
    close(found("grad_cam", network(name)).values, cam)


def layer_output(model, layer):
    kept = []
    handle = layer.register_forward_hook(lambda _module, _input, output: kept.append(output))
    model(IMAGE)
    handle.remove()
    return kept[0].detach()


TOKENS = {
    "vit": "blocks.1", "vit with registers": "blocks.1", "vit of averaged patches": "blocks.2",
    "vit without class token": "blocks.2", "vit lite": "classifier.blocks.1",
    "cvt": "classifier.blocks.2", "cct": "classifier.blocks.2",
}  # fmt: skip


@pytest.mark.parametrize("name", TOKENS)
def test_grad_cam_of_tokens_leaves_the_prefix_out(name):
    """After the last block of a network with a class token, patches get no gradient."""
    theirs = copy.deepcopy(network(name))
    layer = theirs.get_submodule(TOKENS[name])
    x = layer_output(theirs, layer)[0]
    slope = captum.attr.LayerGradientXActivation(theirs, layer, multiply_by_inputs=False)
    slopes = (slope.attribute(IMAGE, target=1) - slope.attribute(IMAGE, target=3))[0]
    prefix = theirs.cfg.prefix
    cam = torch.einsum("nd,d->n", x[prefix:], slopes[prefix:].mean(dim=0))
    close(found("grad_cam", network(name)).values, cam.reshape(4, 4))


@pytest.mark.parametrize("pool", ["class", "average"])
def test_grad_cam_of_a_single_block_reads_what_enters_it_or_leaves_it(pool):
    """With a class token there is no earlier block: the embedded tokens are read."""
    cfg = ViTConfig(image_size=16, patch_size=4, width=12, depth=1, heads=2, classes=5, pool=pool)
    model = shaken(ViT(cfg)).double().eval().requires_grad_(False)
    name = "embedded" if pool == "class" else "blocks.0.resid_post"
    assert stream(model).last_read == name
    with record(model, name, edits={name: lambda x: x.detach().requires_grad_()}) as trace:
        logits = model(IMAGE)[0]
    (slopes,) = torch.autograd.grad(logits[1] - logits[3], trace[name])
    cam = torch.einsum("nd,d->n", trace[name][0, 1:], slopes[0, 1:].mean(dim=0))
    close(found("grad_cam", model).values, cam.reshape(4, 4))
