"""Text ViT-Lite, CVT and CCT against a forward from scratch; padding, pooling and causality."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.tap import matching, record, taps
from models.text_compact import VARIANTS, TextCompact, TextConfig, closed_pairs
from tests import text_reference
from tests.parity import shaken

pytestmark = pytest.mark.usefixtures("one_thread")
TOLERANCE = 1e-12
SMALL = TextConfig(words=30, length=12, word_width=6, width=8, classes=3)
PATCHES = {"stride": 2, "padding": 0, "max_pool": False}
KINDS = {
    "cct 1": replace(SMALL, kernel=1, padding=0),
    "cct 2": SMALL,
    "cct 4": replace(SMALL, kernel=4, padding=2),
    "cct without positions": replace(SMALL, positions="none"),
    "cvt 2": replace(SMALL, **PATCHES),
    "cvt 4": replace(SMALL, **{**PATCHES, "kernel": 4, "stride": 4}, positions="learnable"),
    "vit 1": replace(SMALL, **{**PATCHES, "kernel": 1, "stride": 1}, seq_pool=False),
    "vit 2": replace(SMALL, **PATCHES, seq_pool=False, positions="learnable"),
}
LENGTHS = (12, 7, 1, 4)


def network(cfg):
    model = shaken(TextCompact(cfg).double().eval())
    return model.requires_grad_(False)


def batch(cfg, lengths=LENGTHS):
    generator = torch.Generator().manual_seed(5)
    ids = torch.randint(1, cfg.words, (len(lengths), max(lengths)), generator=generator)
    for row, length in zip(ids, lengths, strict=True):
        row[length:] = 0
    return ids


@pytest.fixture(params=KINDS, ids=lambda name: name.replace(" ", "-"))
def cfg(request):
    return KINDS[request.param]


@pytest.mark.parametrize("causal", [False, True], ids=["open", "causal"])
def test_a_padded_batch_is_what_the_definitions_say_of_each_sentence_alone(cfg, causal):
    model, ids = network(cfg), batch(cfg)
    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    with torch.inference_mode(), record(model, "*.pattern", "*.pooling") as trace:
        logits = model(ids, causal).numpy()
    patterns = torch.stack(trace.all("*.pattern")).numpy()
    for i, length in enumerate(LENGTHS):
        alone = text_reference.forward(weights, cfg, ids[i, :length].numpy(), causal)
        n = len(alone[2])
        np.testing.assert_allclose(logits[i], alone[0], rtol=0, atol=TOLERANCE)
        np.testing.assert_allclose(patterns[:, i, :, :n, :n], alone[1], rtol=0, atol=TOLERANCE)
        assert not patterns[:, i, :, :n, n:].any()
        if cfg.seq_pool:
            pooling = trace["classifier.pooling"][i, 0].numpy()
            np.testing.assert_allclose(pooling[:n], alone[2], rtol=0, atol=TOLERANCE)
            assert not pooling[n:].any()
            assert pooling.sum() == pytest.approx(1, abs=TOLERANCE)


@given(length=st.integers(1, 12), extra=st.integers(0, 11), causal=st.booleans(), data=st.data())
@settings(max_examples=25, deadline=None)
def test_padding_never_changes_the_answer(length, extra, causal, data):
    cfg = KINDS[data.draw(st.sampled_from(sorted(KINDS)))]
    model, alone = network(cfg), batch(cfg, (length,))
    filled = torch.zeros(1, min(length + extra, cfg.length), dtype=torch.long)
    filled[:, :length] = alone
    torch.testing.assert_close(model(filled, causal), model(alone, causal), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("padding", [0, 1])
def test_kernels_are_those_of_a_convolution(padding):
    cfg = replace(SMALL, kernel=3, padding=padding, max_pool=False)
    model, ids = network(cfg), batch(cfg, (9,))
    with record(model, "embedder.embedded", "tokenizer.convolved") as trace:
        model(ids)
    convolved = model.tokenizer.conv_layers(trace["embedder.embedded"][:, None])[0, :, :, 0].mT
    mine = trace["tokenizer.convolved"][0, padding : padding + len(convolved)]
    torch.testing.assert_close(mine, convolved, rtol=0, atol=TOLERANCE)


def test_what_tokens_see_is_what_the_config_says(cfg):
    model, ids = network(cfg), batch(cfg, (9,))

    def tokens(ids):
        with record(model, "tokenizer.*") as trace:
            model(ids)
        return trace["tokenizer.pooled" if cfg.max_pool else "tokenizer.convolved"][0]

    before = tokens(ids)
    assert len(before) == cfg.tokens(9)
    spans = [cfg.window(token) for token in range(len(before))]
    assert all(first < 9 and end > 0 for first, end in spans)
    for word in range(9):
        changed = ids.clone()
        changed[0, word] = changed[0, word] % (cfg.words - 1) + 1
        moved = (tokens(changed) != before).any(dim=1)
        covered = torch.tensor([first <= word < end for first, end in spans])
        assert not (moved & ~covered).any()
        assert cfg.max_pool or torch.equal(moved, covered)
        assert moved.any()


def test_causal_attention_leaves_earlier_tokens_as_they_are(cfg):
    model, ids = network(cfg), batch(cfg, (10,))
    later = ids.clone()
    later[0, -1] = later[0, -1] % (cfg.words - 1) + 1
    seen = [cfg.window(token)[1] > 9 for token in range(cfg.tokens(10))]
    same = torch.tensor([False] * cfg.prefix + [not s for s in seen])
    ends = []
    for sentence in (ids, later):
        with record(model, "*.resid_post", "*.pattern") as trace:
            model(sentence, causal=True)
        ends.append(trace.all("*.resid_post")[-1][0, same])
        for pattern in trace.all("*.pattern"):
            words = pattern[0, :, cfg.prefix :]
            assert not words[..., cfg.prefix :].triu(1).any()
            assert not words[..., : cfg.prefix].any()
    assert torch.equal(*ends)
    assert same.any()


def test_closed_pairs_by_hand():
    present = torch.tensor([[True, True, True, False]])
    assert closed_pairs(present, 0, False)[0, 0].int().tolist() == [[0, 0, 0, 1]] * 4
    back = [[0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 1]]
    assert closed_pairs(present, 0, True)[0, 0].int().tolist() == back
    reader = [[0, 0, 0, 1], [1, 0, 1, 1], [1, 0, 0, 1], [1, 0, 0, 1]]
    assert closed_pairs(present, 1, True)[0, 0].int().tolist() == reader


def test_parameter_counts_by_hand():
    d = 128
    block = 3 * d * d + (d * d + d) + (d * d + d) + (d * d + d) + 4 * d
    last = 2 * d + 4 * d + 4
    fixed = {"text_cct_2": 34, "text_cvt_2": 16, "text_vit_2": 17}
    reader = {"text_cct_2": d + 1, "text_cvt_2": d + 1, "text_vit_2": d}
    for name, rows in fixed.items():
        cfg = VARIANTS[name]
        with torch.device("meta"):
            model = TextCompact(cfg)
        found = sum(p.numel() for p in model.parameters())
        words = cfg.words * 300
        assert found == words + 4 * 300 * d + 2 * block + last + reader[name] + rows * d


def test_names_are_those_of_shi_labs():
    names = set(TextCompact(replace(SMALL, depth=1)).state_dict())
    block = "classifier.blocks.0."
    assert names == {
        "embedder.embeddings.weight",
        "tokenizer.conv_layers.0.weight",
        "classifier.positional_emb",
        "classifier.attention_pool.weight",
        "classifier.attention_pool.bias",
        "classifier.norm.weight",
        "classifier.norm.bias",
        "classifier.fc.weight",
        "classifier.fc.bias",
        block + "self_attn.qkv.weight",
        *(
            block + part + kind
            for part in ("pre_norm", "self_attn.proj", "linear1", "norm1", "linear2")
            for kind in (".weight", ".bias")
        ),
    }
    assert "classifier.class_emb" in TextCompact(KINDS["vit 1"]).state_dict()


def test_recording_everything_leaves_the_logits_bit_equal():
    model, ids = network(SMALL), batch(SMALL)
    plain = model(ids)
    with record(model, "*") as trace:
        assert torch.equal(model(ids), plain)
    assert trace.tensors.keys() == taps(model).keys()
    for pattern in TextCompact.views.values():
        assert len(matching(model, pattern)) == SMALL.depth


@pytest.mark.parametrize(
    ("ids", "said"),
    [(torch.ones(1, 13, dtype=torch.long), "13 words"), (torch.tensor([[3], [0]]), "one word")],
    ids=["too long", "empty"],
)
def test_sentences_that_cannot_be_read_are_refused(ids, said):
    with pytest.raises(ValueError, match=said):
        TextCompact(SMALL)(ids)


@pytest.mark.parametrize(("wrong", "said"), [({"heads": 3}, "heads"), ({"padding": 2}, "empty")])
def test_impossible_configs_are_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        replace(SMALL, **wrong)
