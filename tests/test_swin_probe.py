"""What the windows pages ask of a Swin, and the frames that carry it to the browser."""

import json
import struct
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.swin import Swin, SwinConfig
from models.swin_v2 import SwinV2, SwinV2Config
from models.tap import record
from models.vit import ViT, ViTConfig
from viz_core import relative_position, window_mask
from viz_core.probe import swin
from viz_core.seam import wire as seam_wire
from viz_core.shift import wire
from viz_core.windows import Layout

SHAPE = dict(image_size=32, patch_size=2, window=4, width=16, depths=(2, 2, 2), heads=(2, 2, 2))
IMAGE = np.random.default_rng(0).normal(size=(1, 3, 32, 32)).astype(np.float32)


def shaken(model):
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def model():
    return shaken(Swin(SwinConfig(**SHAPE, classes=5)))


def opened(frame):
    """Header and parts of a frame, as wire.js reads them."""
    (length,) = struct.unpack_from("<I", frame)
    header, body = json.loads(frame[4 : 4 + length]), frame[4 + length :]
    parts = {}
    for name, part in header["parts"].items():
        raw = body[part["at"] : part["at"] + part["bytes"]]
        parts[name] = np.frombuffer(raw, "<f4").reshape(part["shape"]) if part["shape"] else raw
    return header, parts


def test_layouts_are_the_blocks_and_the_last_map_keeps_shift_0(model):
    stages = swin.layouts(model, 32, 32)
    assert stages == [
        [Layout((16, 16), 4, 0), Layout((16, 16), 4, 2)],
        [Layout((8, 8), 4, 0), Layout((8, 8), 4, 2)],
        [Layout((4, 4), 4, 0), Layout((4, 4), 4, 0)],
    ]
    # Odd maps are filled up before they merge.
    assert [stage[0].grid for stage in swin.layouts(model, 36, 28)] == [(18, 14), (9, 7), (5, 4)]


def test_scores_bias_and_mask_make_the_pattern(model):
    look = swin.window_attention(model, IMAGE, 1, 1)
    table = model.layers[1].blocks[1].attn.relative_position_bias_table.numpy()
    np.testing.assert_array_equal(look.bias, relative_position.bias(table))
    sums = look.scores + look.bias + window_mask.attention_mask(look.layout)[:, None]
    weights = np.exp(sums - sums.max(axis=-1, keepdims=True))
    np.testing.assert_allclose(
        look.pattern, weights / weights.sum(axis=-1, keepdims=True), atol=1e-6
    )
    np.testing.assert_array_equal(look.logits, model(torch.from_numpy(IMAGE))[0].detach().numpy())


def test_what_a_mask_closes_gets_nothing_and_without_it_attention_leaks(model):
    on, this, every = (swin.window_attention(model, IMAGE, 1, 1, run) for run in seam_runs())
    assert window_mask.crossing(on.pattern, on.layout).max() < 1e-30
    leak = window_mask.crossing(this.pattern, this.layout)
    assert leak[0] == 0
    assert (leak[1:] > 0.1).all()
    np.testing.assert_array_equal(this.scores, on.scores)  # they come before the mask
    assert not np.array_equal(every.scores, on.scores)  # the first stage's mask is open too
    assert all(not np.array_equal(a.logits, b.logits) for a, b in pairwise((on, this, every)))


def seam_runs():
    return ("none", "this", "all")


@pytest.mark.parametrize(("family", "config"), [(Swin, SwinConfig), (SwinV2, SwinV2Config)])
@pytest.mark.parametrize(("stage", "ragged"), [(0, 25), (1, 9)])
def test_rolled_and_masked_equals_each_ragged_window_alone(family, config, stage, ragged):
    proof = swin.ragged_proof(shaken(family(config(**SHAPE))), IMAGE, stage, 1)
    assert proof.windows == ragged
    assert proof.difference["float32"] < 1e-5 * max(1, proof.largest)
    assert proof.difference["float64"] < 1e-13 * max(1, proof.largest)
    assert proof.unmasked > 1e-3  # so the proof can fail


def test_a_probe_leaves_the_model_as_it_was(model):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    swin.ragged_proof(model, IMAGE, 0, 1)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.layers[0].blocks[1].attn.bias.training is False
    with record(model, "layers.0.blocks.1.attn.pattern") as trace:
        model(torch.from_numpy(IMAGE))
    np.testing.assert_array_equal(
        trace["layers.0.blocks.1.attn.pattern"][0].numpy(),
        swin.window_attention(model, IMAGE, 0, 1).pattern,
    )


def test_what_cannot_be_asked_is_refused(model):
    with pytest.raises(ValueError, match="a block that shifts"):
        swin.ragged_proof(model, IMAGE, 0, 0)
    with pytest.raises(ValueError, match="whole windows"):
        swin.ragged_proof(model, IMAGE[..., :28], 0, 1)
    with pytest.raises(KeyError, match="no tap matches"):
        swin.window_attention(model, IMAGE, 0, 0, "this")
    plain = ViT(ViTConfig(image_size=32, patch_size=8, width=48, depth=1, heads=2))
    with pytest.raises(KeyError, match="no window attention"):
        swin.layouts(plain, 32, 32)


@settings(deadline=None, max_examples=20)
@given(st.binary(max_size=9), st.lists(st.floats(-1e6, 1e6, width=32), max_size=7))
def test_a_frame_gives_back_what_was_packed(raw, values):
    numbers = np.array(values, np.float32)
    header, parts = opened(wire.pack({"a": [1, "ä"]}, {"raw": raw, "numbers": numbers}))
    assert header["a"] == [1, "ä"]
    assert parts["raw"] == raw
    np.testing.assert_array_equal(parts["numbers"], numbers)


def test_a_frame_refuses_what_javascript_cannot_read():
    with pytest.raises(ValueError, match="parts"):
        wire.pack({"parts": 1}, {})
    with pytest.raises(ValueError, match="not finite"):
        wire.pack({}, {"x": np.array([np.nan])})


def seam_frame(layout, **arrays):
    count, area = np.prod(layout.windows), layout.window**2
    zeros = np.zeros((count, 2, area, area), np.float32)
    given = {"scores": zeros, "scores_all": zeros, "bias": zeros[0], **arrays}
    return seam_wire.pack_seam(layout, crossing={}, picture_jpeg=b"jpeg", header={}, **given)


def test_a_seam_frame_has_every_window_unless_that_is_too_much(monkeypatch):
    layout = Layout((8, 8), 4, 2)
    scores = np.random.default_rng(0).normal(size=(4, 2, 16, 16)).astype(np.float32)
    header, parts = opened(seam_frame(layout, scores=scores))
    assert header["sent"] == [0, 1, 2, 3]
    assert parts["picture"] == b"jpeg"
    np.testing.assert_array_equal(parts["scores"], scores)
    monkeypatch.setattr(seam_wire, "MOST_BYTES", 10)
    header, parts = opened(seam_frame(layout, scores=scores))
    assert header["sent"] == [1, 2, 3]
    np.testing.assert_array_equal(parts["scores"], scores[1:])
    assert len(header["members"]) == len(header["regions"]) == 4


def test_scores_of_another_layout_are_refused():
    three = np.zeros((3, 2, 16, 16), np.float32)
    with pytest.raises(ValueError, match="do not fit"):
        seam_frame(Layout((8, 8), 4, 2), scores=three, scores_all=three)


def test_the_window_shown_first_is_where_four_regions_meet():
    assert seam_wire.seam_window(Layout((16, 16), 4, 2)) == 15
    assert seam_wire.seam_window(Layout((16, 16), 4, 0)) == 0


def test_logits_are_those_of_the_likeliest_classes_with_the_mask_on():
    runs = {"none": np.log(np.array([1.0, 2, 5])), "this": np.log(np.array([1.0, 1, 2]))}
    rows = seam_wire.logit_rows(runs, ["a", "b", "c"])
    assert [row["label"] for row in rows] == ["c", "b", "a"]
    assert rows[0]["share"] == {"none": pytest.approx(5 / 8), "this": pytest.approx(1 / 2)}
    assert rows[2]["logit"]["none"] == 0
    with pytest.raises(ValueError, match="2 labels"):
        seam_wire.logit_rows(runs, ["a", "b"])


def test_the_query_shown_first_is_the_one_that_leaks_most():
    layout = Layout((4, 4), 2, 1)  # in the last of four windows every slot is its own region
    weights = np.zeros((4, 2, 4, 4))
    weights[..., 0] = 1  # everybody looks at the first slot
    weights[3, :, 1:] = np.eye(4)[1:]  # here only at itself, and one head not quite
    weights[3, :, 0] = np.eye(4)[0]
    weights[3, 1, 2] = [0.2, 0.1, 0.7, 0]
    assert seam_wire.opening(weights, layout) == {"head": 1, "query": 2}
    with pytest.raises(ValueError, match="do not fit"):
        seam_wire.opening(weights[:3], layout)
