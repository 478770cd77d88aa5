"""Methods that follow attention, against their formulas written out, and by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from models.tap import record, taps
from tests.attribution_toys import GLOBAL, NETWORKS, Attends, found, network, picture
from viz_core import rollout as flows
from viz_core.attribution import Settings, Target

pytestmark = pytest.mark.usefixtures("one_thread")
IMAGE = torch.from_numpy(picture())
CLASS_TOKEN = ("vit", "vit with registers", "vit lite")


def walked(model):
    """Attention of every layer and its gradient, by one graph from the tokens on: the reference.

    Returns:
        A and its gradient (layer, head, query, key); sequence pooling and its gradient, or None.
    """
    names = [name for name in taps(model) if name.endswith("attn.pattern")]
    pooling = [name for name in taps(model) if name.endswith(".pooling")]
    entrance = next(name for name in taps(model) if name.endswith("embedded"))
    edits = {entrance: lambda x: x.requires_grad_()}
    with record(model, *names, *pooling, edits=edits) as trace:
        logits = model(IMAGE)[0]
    slopes = torch.autograd.grad(
        logits[1] - logits[3], [trace[name] for name in [*names, *pooling]]
    )
    a = torch.stack([trace[name][0] for name in names]).detach()
    grad = torch.stack([slope[0] for slope in slopes[: len(names)]])
    pool = (trace[pooling[0]][0, 0].detach(), slopes[-1][0, 0]) if pooling else None
    return a, grad, pool


def read_by_head(name, model, tokens):
    """What the head makes its vector of, for a network without sequence pooling."""
    row = torch.zeros(tokens, dtype=torch.float64)
    if name in CLASS_TOKEN:
        row[0] = 1
    else:
        row[model.cfg.prefix :] = 1 / (tokens - model.cfg.prefix)
    return row


def close(ours, row, model):
    theirs = row[model.cfg.prefix :].reshape(4, 4).numpy()
    assert theirs.std() > 1e-6, "maps without contrast compare nothing"
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10)


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", GLOBAL)
def test_relevance_is_the_papers_update(name, start):
    model = network(name)
    a, grad, pool = walked(model)
    r = torch.eye(a.shape[-1], dtype=torch.float64)
    for layer in range(start, len(a)):
        joined = torch.einsum("hqk,hqk->hqk", grad[layer], a[layer]).clamp(min=0).mean(dim=0)
        r = r + torch.einsum("qm,mk->qk", joined, r)
    if pool is None:  # the identity gives what the head averages the same everywhere
        expected = read_by_head(name, model, len(r)) @ (r - torch.eye(len(r), dtype=r.dtype))
    else:
        expected = (pool[0] * pool[1]).clamp(min=0) @ r
    close(found("relevance", model, settings=Settings(start=start)).values, expected, model)


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", GLOBAL)
def test_gradient_rollout_pairs_each_layer_with_its_own_gradient(name, start):
    model = network(name)
    a, grad, pool = walked(model)
    flow = torch.eye(a.shape[-1], dtype=torch.float64)
    for layer in range(start, len(a)):
        joined = (a[layer] * grad[layer]).mean(dim=0).clamp(min=0)
        joined = (joined + torch.eye(len(joined))) / 2
        flow = (joined / joined.sum(dim=-1, keepdim=True)) @ flow
    torch.testing.assert_close(flow.sum(dim=-1), torch.ones(len(flow), dtype=torch.float64))
    row = read_by_head(name, model, len(flow))
    if pool is not None:
        row = (pool[0] * pool[1]).clamp(min=0)
        row = row / row.sum()
    ours = found("gradient_rollout", model, settings=Settings(start=start)).values
    close(ours, row @ flow, model)


@pytest.mark.parametrize("name", GLOBAL)
def test_gradient_rollout_is_not_what_peers_compute(name):
    """Their gradients come last layer first, their rows are divided by the sums of others."""
    model = network(name)
    a, grad, _ = walked(model)
    ours = found("gradient_rollout", model).values
    for gradients, keep in ((grad.flip(0), True), (grad, False)):
        flow = torch.eye(a.shape[-1], dtype=torch.float64)
        for layer in range(len(a)):
            joined = (a[layer] * gradients[layer]).mean(dim=0).clamp(min=0)
            joined = (joined + torch.eye(len(joined))) / 2
            flow = (joined / joined.sum(dim=-1, keepdim=keep)) @ flow
        theirs = read_by_head(name, model, len(flow)) @ flow
        assert np.abs(ours.ravel() - theirs[model.cfg.prefix :].numpy()).max() > 1e-6


@pytest.mark.parametrize("start", [0, 2])
@pytest.mark.parametrize("name", GLOBAL)
def test_rollout_is_that_of_the_attention_page(name, start):
    model = network(name)
    a, _, pool = walked(model)
    shares = flows.rollout(flows.fuse(a.numpy()), start=start, prefix=model.cfg.prefix)
    shares = torch.from_numpy(shares)
    row = (read_by_head(name, model, len(shares)) if pool is None else pool[0]) @ shares
    ours = found("rollout", model, settings=Settings(start=start)).values
    close(ours, row, model)
    read = row[: model.cfg.prefix].sum().item()
    assert ours.sum() + read == pytest.approx(1), "all that the head reads came from somewhere"


@pytest.mark.parametrize("name", ["swin", "swin v2"])
def test_rollout_of_windows_shares_out_all_that_the_head_reads(name):
    whole = found("rollout", network(name))
    assert whole.values.shape == (8, 8)
    assert whole.values.sum() == pytest.approx(1)
    last = found("rollout", network(name), settings=Settings(start=3))
    assert last.values.shape == (4, 4), "the last stage alone begins on its own map"
    np.testing.assert_allclose(last.values.sum(), 1)


@pytest.mark.parametrize("method", ["rollout"])
@pytest.mark.parametrize("name", [*GLOBAL, "swin"])
def test_the_control_does_not_know_the_class(method, name):
    model = network(name)
    one, other = (found(method, model, target=Target(label)).values for label in (0, 4))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", GLOBAL)
def test_attention_x_gradient_is_what_the_score_gains_per_part_of_attention_to_a_patch(name):
    """By finite differences: more attention to one patch, the same for every head and query."""
    model = network(name)
    ours = found("attention_x_gradient", model).values.ravel()
    last = [tap for tap in taps(model) if tap.endswith("attn.pattern")][-1]
    step, patch = 1e-6, 5

    def score(change):
        scale = torch.ones(16 + model.cfg.prefix, dtype=torch.float64)
        scale[model.cfg.prefix + patch] += change
        with torch.no_grad(), record(model, edits={last: lambda pattern: pattern * scale}):
            logits = model(IMAGE)[0]
        return (logits[1] - logits[3]).item()

    assert ours[patch] == pytest.approx((score(step) - score(-step)) / (2 * step), abs=1e-7)
    assert np.abs(ours).max() > 1e-3


@pytest.mark.parametrize("name", NETWORKS)
def test_the_lens_reads_every_place_with_the_last_norm_and_the_head(name):
    """By asking the network itself about a stream that is one place repeated everywhere."""
    model = network(name)
    ours = found("logit_lens", model).values.ravel()
    blocks = [tap for tap in taps(model) if tap.endswith("resid_post")]
    for place in (0, 3):
        with torch.no_grad(), record(model, edits={blocks[-1]: repeated(model, place)}):
            logits = model(IMAGE)[0]
        assert ours[place] == pytest.approx((logits[1] - logits[3]).item(), abs=1e-9)
    assert ours.std() > 1e-3


def repeated(model, place):
    """An edit after which every token or place of a stream is a certain one."""

    def tokens(x):
        return x[:, [place + model.cfg.prefix]].expand_as(x)

    def last(x):
        row, column = divmod(place, x.shape[2])
        return x[:, row, column][:, None, None].expand_as(x)

    def first(x):
        row, column = divmod(place, x.shape[3])
        return x[:, :, row, column][:, :, None, None].expand_as(x)

    if hasattr(model.cfg, "prefix"):
        return tokens
    return last if "window attention" in model.views else first


def test_the_mean_of_the_lens_is_the_score_where_the_head_is_linear_in_the_mean():
    whole = found("logit_lens", network("resnet"))
    assert whole.values.mean() == pytest.approx(whole.score)


@pytest.mark.parametrize("name", ["cvt", "cct"])
def test_sequence_pooling_weighs_the_lens_to_the_score(name):
    model = network(name)
    whole = found("logit_lens", model)
    _, _, (pooling, slope) = walked(model)
    assert whole.values.ravel() @ pooling.numpy() == pytest.approx(whole.score)
    # So the gradient at the weights is the lens itself: relevance starts from what each token adds.
    bias = (model.classifier.fc.bias[1] - model.classifier.fc.bias[3]).item()
    np.testing.assert_allclose(slope.numpy(), whole.values.ravel() - bias, atol=1e-9)


def test_grad_cam_of_a_linear_head_adds_up_to_the_score_without_the_bias():
    model = network("resnet")
    whole = found("grad_cam", model)
    bias = model.fc.bias[1] - model.fc.bias[3]
    assert whole.values.sum() == pytest.approx(whole.score - bias.item())


@pytest.mark.parametrize("name", ["convnext", "vit of averaged patches"])
def test_grad_cam_adds_up_to_nothing_where_a_norm_follows_the_mean(name):
    """As the docstring says; the norm's epsilon is what is left."""
    whole = found("grad_cam", network(name)).values
    assert abs(whole.sum()) < 1e-3 * np.abs(whole).sum()


def one_patch(token):
    row = torch.eye(17).double()
    row[0] = torch.eye(17).double()[token]
    return row


def test_all_goes_to_the_only_patch_that_is_attended_to():
    """The class token, 0, takes patch 6, whose red is r; class 1 is twice that."""
    model, image = Attends([one_patch(7)]), torch.zeros(1, 3, 16, 16).double()
    image[0, 0, 4, 8] = 5.0  # patch 6: second row, third column
    expected = np.zeros((4, 4))
    expected[1, 2] = 1
    ask = dict(image=image.numpy(), target=Target(1))
    assert found("relevance", model, **ask).score == 10
    # Gradient of the score at that attention is 2 * 5, its attention is 1.
    np.testing.assert_allclose(found("relevance", model, **ask).values, 10 * expected)
    np.testing.assert_allclose(found("attention_x_gradient", model, **ask).values, 10 * expected)
    np.testing.assert_allclose(found("rollout", model, **ask).values, 0.5 * expected)
    # Its row is 10 for the patch and 1 for itself, brought back to 1.
    np.testing.assert_allclose(found("gradient_rollout", model, **ask).values, 10 / 11 * expected)


def test_relevance_over_two_layers_by_hand():
    """Patch 3 takes patch 6 in the first layer, the class token takes patch 3 in the second."""
    first = torch.eye(17).double()
    first[4] = torch.eye(17).double()[7]
    model, image = Attends([first, one_patch(4)]), torch.zeros(1, 3, 16, 16).double()
    image[0, 0, 4, 8] = 5.0  # patch 6
    image[0, 0, 0, 12] = 1.0  # patch 3, first row, last column
    # After the first layer patch 3 is 1 + 5; its attention to patch 6 has gradient 5 of class 0,
    # times 1, and the class token's to patch 3 has gradient 6.
    values = found("relevance", model, image=image.numpy(), target=Target(0)).values
    assert values[0, 3] == pytest.approx(6)
    assert values[1, 2] == pytest.approx(6 * 5)
    assert values.sum() == pytest.approx(36)


def test_what_speaks_against_is_left_out_of_relevance_but_not_of_attention_x_gradient():
    model, image = Attends([one_patch(7)]), torch.zeros(1, 3, 16, 16).double()
    image[0, 0, 4, 8] = -5.0
    ask = dict(image=image.numpy(), target=Target(1))
    assert not found("relevance", model, **ask).values.any()
    assert found("attention_x_gradient", model, **ask).values[1, 2] == -10
    assert not found("gradient_rollout", model, **ask).values.any(), (
        "the class token keeps to itself"
    )


@hypothesis_settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**16), layers=st.integers(1, 4))
def test_shares_stay_shares_whatever_attends_to_what(seed, layers):
    random = np.random.default_rng(seed)
    rows = random.dirichlet(np.ones(17), size=(layers, 17))
    model, image = Attends(rows), random.normal(size=(1, 3, 16, 16))
    for method in ("rollout", "gradient_rollout"):
        values = found(method, model, image=image, target=Target(2)).values
        assert values.min() >= 0
        assert values.sum() <= 1 + 1e-9
    assert found("relevance", model, image=image, target=Target(2)).values.min() >= 0
