"""Our encoder-decoder against torch.nn.Transformer, in float64, on weights that hide nothing."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tap import matching, record, taps
from models.transformer import (
    MASKED,
    Attention,
    Transformer,
    TransformerConfig,
    causal_mask,
    padding_mask,
    sinusoid,
)
from tests.parity import shaken
from viz_core.probe import transformer as probe

SMALL = TransformerConfig(width=24, heads=4, encoder_layers=3, decoder_layers=2, hidden=40)
TOLERANCE = 1e-12


def torchs(cfg=SMALL):
    return shaken(
        torch.nn.Transformer(
            cfg.width, cfg.heads, cfg.encoder_layers, cfg.decoder_layers, cfg.hidden,
            dropout=0, batch_first=True,
        ).double().eval()
    )  # fmt: skip


def ours_of(theirs, cfg=SMALL):
    with torch.device("meta"):
        ours = Transformer(cfg).eval()
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    return ours


def random(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def padded(lengths, most):
    return torch.arange(most)[None] >= torch.tensor(lengths)[:, None]


@pytest.fixture(scope="module")
def pair():
    theirs = torchs()
    return theirs, ours_of(theirs)


@pytest.mark.parametrize("ragged", [False, True], ids=["equal lengths", "ragged lengths"])
def test_output_equals_torch(pair, ragged):
    theirs, ours = pair
    source, target = random(3, 6, 24), random(3, 5, 24, seed=1)
    closed = {}
    if ragged:
        closed = {"source_padding": padded([6, 4, 2], 6), "target_padding": padded([3, 5, 1], 5)}
    # With gradients: without them torch takes a path that leaves padded rows at zero.
    expected = theirs(
        source, target, tgt_mask=causal_mask(5),
        src_key_padding_mask=closed.get("source_padding"),
        tgt_key_padding_mask=closed.get("target_padding"),
        memory_key_padding_mask=closed.get("source_padding"),
    )  # fmt: skip
    found = ours(source, target, **closed)
    assert expected.std() > 0.1
    torch.testing.assert_close(found, expected, rtol=0, atol=TOLERANCE)


def test_without_the_causal_mask_it_equals_torch_without_one():
    theirs = torchs()
    ours = ours_of(theirs, replace(SMALL, causal=False))
    source, target = random(2, 6, 24), random(2, 5, 24, seed=1)
    torch.testing.assert_close(ours(source, target), theirs(source, target), rtol=0, atol=TOLERANCE)


def test_patterns_are_those_of_torch(pair):
    theirs, ours = pair
    source = random(2, 6, 24)
    layer = theirs.encoder.layers[0].self_attn
    _, expected = layer(source, source, source, average_attn_weights=False)
    with torch.inference_mode(), record(ours, "encoder.layers.0.self_attn.pattern") as trace:
        ours(source, source)
    torch.testing.assert_close(
        trace["encoder.layers.0.self_attn.pattern"], expected, rtol=0, atol=TOLERANCE
    )


def test_every_tap_is_recorded_and_recording_leaves_the_output_bit_equal(pair):
    _, ours = pair
    source, target = random(2, 6, 24), random(2, 5, 24, seed=1)
    with torch.inference_mode():
        plain = ours(source, target)
        with record(ours, "*") as trace:
            watched = ours(source, target)
    assert torch.equal(plain, watched)
    assert trace.tensors.keys() == taps(ours).keys()


def test_every_view_names_a_tap_in_every_layer():
    model = Transformer(SMALL)
    found = {view: len(matching(model, pattern)) for view, pattern in Transformer.views.items()}
    assert found == {
        "encoder attention": 3, "decoder attention": 2, "cross attention": 2, "tokens": 3,
    }  # fmt: skip


def test_torchs_own_attention_keeps_no_pattern_where_ours_does(pair):
    theirs, _ = pair
    source = random(1, 4, 24)
    _, weights = theirs.encoder.layers[0].self_attn(source, source, source, need_weights=False)
    assert weights is None


@given(seed=st.integers(0, 2**16), lengths=st.tuples(st.integers(1, 6), st.integers(1, 5)))
@settings(max_examples=8, deadline=None)
def test_rows_sum_to_one_and_what_is_closed_gets_exactly_nothing(seed, lengths):
    model = Transformer(replace(SMALL, encoder_layers=1, decoder_layers=1)).double().eval()
    shaken(model)
    source, target = 3 * random(1, 6, 24, seed=seed), 3 * random(1, 5, 24, seed=seed + 1)
    closed = padded([lengths[0]], 6), padded([lengths[1]], 5)
    views = [v for name, v in Transformer.views.items() if "attention" in name]
    with torch.inference_mode(), record(model, *views) as trace:
        model(source, target, *closed)
    encoder, decoder, cross = trace.tensors.values()
    for pattern in (encoder, decoder, cross):
        torch.testing.assert_close(pattern.sum(-1), torch.ones_like(pattern[..., 0]))
    assert (encoder[..., lengths[0] :] == 0).all()
    assert (cross[..., lengths[0] :] == 0).all()
    assert (decoder[..., lengths[1] :] == 0).all()
    assert (decoder[..., causal_mask(5)] == 0).all()
    assert (decoder[..., ~causal_mask(5)][..., :1] > 0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_row_with_nothing_open_is_finite(dtype):
    attention = Attention(SMALL).to(dtype).eval()
    x = random(1, 4, 24).to(dtype)
    closed = torch.zeros(4, 4, dtype=torch.bool)
    closed[2] = True
    with torch.inference_mode(), record(attention, "pattern", "scores") as trace:
        out = attention(x, x, closed)
    assert torch.isfinite(out).all()
    assert (trace["scores"][0, :, 2] < MASKED / 2).all()
    torch.testing.assert_close(trace["pattern"].sum(-1), torch.ones(1, 4, 4, dtype=dtype))


@given(seed=st.integers(0, 2**16), order=st.permutations(range(5)))
@settings(max_examples=8, deadline=None)
def test_without_positions_a_permuted_source_gives_the_permuted_memory(seed, order):
    model = shaken(Transformer(replace(SMALL, encoder_layers=2)).double().eval())
    source = random(1, 5, 24, seed=seed)
    with torch.inference_mode():
        plain, permuted = model.encoder(source), model.encoder(source[:, list(order)])
    torch.testing.assert_close(permuted, plain[:, list(order)], rtol=0, atol=1e-11)


def test_with_positions_it_does_not():
    model = shaken(Transformer(replace(SMALL, encoder_layers=1)).double().eval())
    source, places, order = random(1, 5, 24), sinusoid(5, 24), [4, 0, 1, 2, 3]
    with torch.inference_mode():
        plain = model.encoder(source + places)[:, order]
        permuted = model.encoder(source[:, order] + places)
    assert (plain - permuted).abs().max() > 1e-3


def by_hand():
    """Two tokens of width 2, one head: queries are the tokens, keys are them exchanged."""
    eye = np.eye(2)
    return {"q": eye, "k": eye[::-1].copy(), "v": 10 * eye, "o": eye}


@pytest.mark.parametrize(("scale", "root"), [(True, math.sqrt(2)), (False, 1.0)])
def test_two_tokens_by_hand(scale, root):
    attention = Attention(TransformerConfig(width=2, heads=1, scale=scale)).double()
    x = np.array([[1.0, 0.0], [0.0, 2.0]])
    walk = probe.walk(attention, x, x, by_hand())
    np.testing.assert_allclose(walk.key[0], [[0, 1], [2, 0]])
    np.testing.assert_allclose(walk.products[0], [[0, 2], [2, 0]])
    np.testing.assert_allclose(walk.scaled[0], np.array([[0, 2], [2, 0]]) / root)
    share = 1 / (1 + math.exp(2 / root))
    np.testing.assert_allclose(walk.pattern[0], [[share, 1 - share], [1 - share, share]])
    np.testing.assert_allclose(walk.output[0], [10 * share, 20 * (1 - share)])
    np.testing.assert_allclose(walk.joined, walk.mixed[0])


def test_a_closed_pair_by_hand():
    attention = Attention(TransformerConfig(width=2, heads=1)).double()
    x = np.array([[1.0, 0.0], [0.0, 2.0]])
    walk = probe.walk(attention, x, x, by_hand(), np.array([[False, True], [False, False]]))
    np.testing.assert_array_equal(walk.pattern[0, 0], [1, 0])
    np.testing.assert_allclose(walk.scores[0, 0], [0, MASKED + math.sqrt(2)])


def test_a_walk_refuses_missing_weights_and_what_is_not_finite():
    attention, x = Attention(TransformerConfig(width=2, heads=1)).double(), np.eye(2)
    with pytest.raises(ValueError, match="lack"):
        probe.walk(attention, x, x, {"q": x})
    with pytest.raises(ValueError, match="finite"):
        probe.walk(attention, x * np.nan, x, by_hand())


def test_heads_read_only_their_own_columns():
    attention = Attention(TransformerConfig(width=4, heads=2)).double()
    x, eye = np.random.default_rng(0).standard_normal((3, 4)), np.eye(4)
    walk = probe.walk(attention, x, x, {"q": eye, "k": eye, "v": eye, "o": eye})
    np.testing.assert_array_equal(walk.query, [x[:, :2], x[:, 2:]])
    np.testing.assert_allclose(walk.joined, np.concatenate(list(walk.mixed), axis=1))


def test_maps_of_an_encoder_decoder_have_every_layer_and_head():
    model = Transformer(SMALL).double().eval()
    source, target = random(6, 24).numpy(), random(5, 24, seed=1).numpy()
    maps = probe.encoder_decoder(model, source, target, np.arange(6) >= 4, np.arange(5) >= 5)
    shapes = maps.encoder.shape, maps.decoder.shape, maps.cross.shape
    assert shapes == ((3, 4, 6, 6), (2, 4, 5, 5), (2, 4, 5, 6))
    assert not maps.cross[..., 4:].any()
    with pytest.raises((KeyError, AttributeError)):
        probe.encoder_decoder(torch.nn.Identity(), source, target)


def test_positions_by_hand():
    table = sinusoid(3, 4, base=100.0)
    expected = [math.sin(2), math.cos(2), math.sin(0.2), math.cos(0.2)]
    np.testing.assert_allclose(table[2], expected, atol=1e-15)
    np.testing.assert_array_equal(table[0], [0, 1, 0, 1])


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 20))
@settings(max_examples=20, deadline=None)
def test_similarity_of_positions_depends_on_their_distance_alone(i, j, shift):
    table = sinusoid(61, 8)
    torch.testing.assert_close(table[i] @ table[j], table[i + shift] @ table[j + shift])


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="even width"):
        sinusoid(3, 5)
    with pytest.raises(ValueError, match="heads"):
        TransformerConfig(width=10, heads=3)


def test_masks_by_hand():
    assert causal_mask(3).tolist() == [[False, True, True], [False, False, True], [False] * 3]
    assert padding_mask(torch.tensor([[False, True]])).tolist() == [[[[False, True]]]]
