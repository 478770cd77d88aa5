"""Linear classifiers on frozen features."""

import pytest
import torch

from models.mae import MAE
from models.training import linear_probe
from tests.test_pretraining import CFG, pictures

pytestmark = pytest.mark.usefixtures("one_thread")


def clouds(count, seed, apart):
    g = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    x = torch.randn(count, 5, generator=g)
    x[torch.arange(count), labels] += apart
    return x * torch.tensor([1, 100, 0.01, 1, 1]) + 7, labels


def test_the_optimum_of_a_logistic_regression_has_no_gradient():
    x, labels = clouds(60, 0, 1.0)
    x = (x - x.mean(0)).double() / x.std(0)
    weight, bias = (t.requires_grad_() for t in linear_probe.fit(x, labels, 3, 0.01))
    loss = torch.nn.functional.cross_entropy(x @ weight.T + bias, labels)
    loss = loss + 0.005 * weight.square().sum()
    for gradient in torch.autograd.grad(loss, [weight, bias]):
        assert gradient.abs().max() < 1e-4


def test_clouds_far_apart_are_told_apart_and_noise_is_not():
    train, val = clouds(90, 1, 8.0), clouds(60, 2, 8.0)
    found = linear_probe.probe(*train, *val)
    assert found.top1 == 100
    assert found.right.all()
    assert found.decay in linear_probe.DECAYS
    noise = linear_probe.probe(*clouds(90, 1, 0.0), *clouds(300, 2, 0.0), decays=(0.1,))
    assert 20 < noise.top1 < 47


def test_the_decay_is_chosen_without_the_validation_split():
    train, val = clouds(90, 1, 1.0), clouds(60, 2, 1.0)
    one = linear_probe.probe(*train, *val)
    other = linear_probe.probe(*train, val[0].flip(0), val[1])
    assert (one.decay, one.held_out) == (other.decay, other.held_out)
    assert one.top1 != other.top1


def test_too_few_pictures_are_refused():
    x, labels = clouds(9, 0, 1.0)
    with pytest.raises(ValueError, match="needs 10 training pictures, got 9"):
        linear_probe.probe(x, labels, x, labels)


def test_features_are_the_encoders_with_nothing_hidden(monkeypatch):
    monkeypatch.setattr(linear_probe, "BATCH", 4)
    model, split = MAE(CFG), pictures().val
    found = linear_probe.features(model, split, 16)
    assert {name: x.shape for name, x in found.items()} == {
        "class token": (10, 16),
        "mean of the patches": (10, 16),
    }
    x = linear_probe.resize(linear_probe.to_input(split.images), 16)
    tokens = model.encode(x, torch.arange(16).expand(10, -1))
    torch.testing.assert_close(found["class token"], tokens[:, 0], atol=1e-5, rtol=0)
    mean = tokens[:, 1:].mean(dim=1)
    torch.testing.assert_close(found["mean of the patches"], mean, atol=1e-5, rtol=0)
