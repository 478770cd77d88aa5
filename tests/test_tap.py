"""Recording: it changes nothing, misses nothing, and nothing of it stays behind."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from models.tap import Tap, matching, record, taps
from models.vit import ViT, ViTConfig

CFG = ViTConfig(image_size=32, patch_size=8, width=48, depth=4, heads=2, classes=4)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return ViT(CFG).eval().requires_grad_(False)


@pytest.fixture
def image():
    return torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def test_recording_everything_leaves_the_logits_bit_equal(model, image):
    plain = model(image)
    with record(model, "*") as trace:
        watched = model(image)
    assert torch.equal(plain, watched)
    assert trace.tensors.keys() == taps(model).keys()
    assert len(trace.tensors) == 3 + 8 * CFG.depth


def test_taps_are_no_part_of_the_state(model):
    assert not [name for name in model.state_dict() if name in taps(model)]
    assert not any(list(tap.parameters()) + list(tap.buffers()) for tap in taps(model).values())


def test_outside_the_block_nothing_is_recorded(model, image):
    with record(model, "*") as trace:
        pass
    model(image)
    assert not trace.tensors


def test_recording_ends_with_the_block_even_after_an_error(model, image):
    with pytest.raises(ZeroDivisionError), record(model, "*") as trace:
        raise ZeroDivisionError
    model(image)
    assert not trace.tensors


def test_only_the_matching_taps_are_recorded_in_the_order_of_the_pass(model, image):
    with record(model, "blocks.*.attn.pattern", "embedded") as trace:
        model(image)
    assert list(trace.tensors) == ["embedded", *(f"blocks.{i}.attn.pattern" for i in range(4))]
    assert len(trace.all("blocks.*")) == 4
    assert torch.equal(trace.all("embedded")[0], trace["embedded"])
    with pytest.raises(KeyError):
        trace["blocks.0.attn.scores"]


@pytest.mark.parametrize(
    ("wrong", "close"),
    [
        ("blocks.*.attn.patern", r"blocks\.0\.attn\.pattern"),
        ("blocks.4.attn.pattern", r"blocks\.\d\.attn\.pattern"),
        ("embeded", "embedded"),
        ("", "no tap matches"),
    ],
)
def test_unknown_names_are_refused_with_the_closest(model, wrong, close):
    with pytest.raises(KeyError, match=close), record(model, wrong):
        pass
    with pytest.raises(KeyError, match=close), record(model, "*", edits={wrong: torch.relu}):
        pass


def test_matching_gives_taps_only(model):
    assert set(matching(model, "blocks.0.*")) == {
        n for n in taps(model) if n.startswith("blocks.0.")
    }
    with pytest.raises(KeyError):
        matching(model, "blocks.0.mlp")


def test_an_edit_replaces_the_tensor_downstream_and_in_the_trace(model, image):
    where = "blocks.1.attn.pattern"
    with record(model, "*") as plain:
        before = model(image)
    with record(model, "*", edits={where: torch.zeros_like}) as edited:
        after = model(image)
    assert not edited[where].any()
    assert plain[where].any()
    assert torch.equal(edited["blocks.0.resid_post"], plain["blocks.0.resid_post"])
    # Without its pattern the layer adds nothing but the projection's bias.
    bias = model.blocks[1].attn.proj.bias
    torch.testing.assert_close(
        edited["blocks.1.resid_mid"], plain["blocks.0.resid_post"] + bias, rtol=0, atol=1e-6
    )
    assert not torch.equal(before, after)
    assert torch.equal(model(image), before)


def test_an_edit_needs_no_recording(model, image):
    with record(model, edits={"pooled": torch.zeros_like}) as trace:
        logits = model(image)
    assert torch.equal(logits, model.head.bias.expand(1, -1))
    assert not trace.tensors


def test_activations_of_one_picture_patched_into_another(model, image):
    other = torch.randn(1, 3, 32, 32)
    last = f"blocks.{CFG.depth - 1}.resid_post"
    with record(model, last) as source:
        wanted = model(other)
    with record(model, edits={last: lambda _: source[last]}):
        assert torch.equal(model(image), wanted)


def test_a_second_pass_in_one_block_is_refused(model, image):
    with record(model, "embedded"):
        model(image)
        with pytest.raises(RuntimeError, match="one forward pass"):
            model(image)


def test_a_tap_checks_how_many_axes_pass():
    model = nn.Sequential(Tap("batch token width"))
    with record(model, "0"), pytest.raises(ValueError, match="declares"):
        model(torch.zeros(2, 3))


def test_inner_blocks_hide_the_outer_one(model, image):
    with record(model, "embedded") as outer:
        with record(model, "embedded") as inner:
            model(image)
        assert not outer.tensors
        model(image)
    assert torch.equal(outer["embedded"], inner["embedded"])


def test_another_model_passes_unrecorded(model, image):
    twin = ViT(CFG).eval()
    with record(model, "*") as trace:
        twin(image)
        assert not trace.tensors
        model(image)
    assert trace.tensors.keys() == taps(model).keys()


def test_two_threads_share_one_model(model):
    images = torch.randn(2, 1, 3, 32, 32)
    barrier = threading.Barrier(2)

    def patterns(image):
        with torch.inference_mode(), record(model, "blocks.*.attn.pattern") as trace:
            if threading.current_thread() is not threading.main_thread():
                barrier.wait(timeout=10)
            model(image)
        return torch.cat(list(trace.tensors.values()))

    alone = [patterns(image) for image in images]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(patterns, [*images] * 50))
    assert all(torch.equal(got, alone[i % 2]) for i, got in enumerate(together))


def test_a_thread_without_a_block_is_not_recorded(model, image):
    with record(model, "*") as trace:
        thread = threading.Thread(target=model, args=(image,))
        thread.start()
        thread.join()
    assert not trace.tensors


def test_gradients_leave_the_shared_model_untouched(model, image):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    where = "blocks.3.attn.pattern"
    with record(model, where, edits={"embedded": lambda x: x.requires_grad_()}) as trace:
        logit = model(image)[0, 3]
    (gradient,) = torch.autograd.grad(logit, trace[where])
    assert gradient.shape == (1, 2, 17, 17)
    assert gradient.any()
    assert all(p.grad is None and not p.requires_grad for p in model.parameters())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not model(image).requires_grad


def test_gradient_of_a_pattern_is_the_slope_of_the_logit(model, image):
    model, image = model.double(), image.double()
    where = "blocks.2.attn.pattern"
    with record(model, where, edits={"embedded": lambda x: x.requires_grad_()}) as trace:
        logit = model(image)[0, 1]
    (gradient,) = torch.autograd.grad(logit, trace[where])
    direction = torch.randn_like(gradient)

    def moved(step):
        with record(model, edits={where: lambda x: x + step * direction}):
            return model(image)[0, 1]

    slope = (moved(1e-5) - moved(-1e-5)) / 2e-5
    torch.testing.assert_close((gradient * direction).sum(), slope, rtol=1e-6, atol=0)
