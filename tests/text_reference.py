"""The text networks once more, from the definitions: one sentence, no padding, NumPy in float64."""

import math

import numpy as np


def softmax(x):
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return x / x.sum(axis=-1, keepdims=True)


def norm(x, weights, name):
    deviation = x - x.mean(axis=-1, keepdims=True)
    x = deviation / np.sqrt((deviation**2).mean(axis=-1, keepdims=True) + 1e-5)
    return x * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def linear(x, weights, name):
    return x @ weights[f"{name}.weight"].T + weights.get(f"{name}.bias", 0.0)


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def tokens(weights, cfg, ids):
    """A token for every kernel position with a word under it, then for every pair that has one."""
    words = weights["embedder.embeddings.weight"][ids]
    kernels = weights["tokenizer.conv_layers.0.weight"][:, 0]  # (d, k, e)
    found = []
    for start in range(-cfg.padding, len(ids), cfg.stride):
        under = [(i, start + i) for i in range(cfg.kernel) if 0 <= start + i < len(ids)]
        found.append(sum(kernels[:, i] @ words[place] for i, place in under))
    if not cfg.max_pool:
        return np.array(found)
    found = np.maximum(found, 0)
    pairs = [found[max(first, 0) : first + 2] for first in range(-1, len(found), 2)]
    return np.array([pair.max(axis=0) for pair in pairs])


def attention(x, weights, name, heads, closed):
    width = x.shape[1] // heads
    q, k, v = np.split(linear(x, weights, f"{name}.qkv"), 3, axis=1)
    patterns, mixed = [], []
    for head in range(heads):
        part = slice(head * width, (head + 1) * width)
        scores = q[:, part] @ k[:, part].T / math.sqrt(width)
        patterns.append(softmax(np.where(closed, -np.inf, scores)))
        mixed.append(patterns[-1] @ v[:, part])
    return linear(np.concatenate(mixed, axis=1), weights, f"{name}.proj"), np.array(patterns)


def forward(weights, cfg, ids, causal=False):
    """Logits, the attention of every layer and the pooling of one sentence.

    Args:
        weights: State dict of `TextCompact` as arrays.
        ids: Without padding.
    """
    x = tokens(weights, cfg, ids)
    if not cfg.seq_pool:
        x = np.concatenate([weights["classifier.class_emb"][0], x])
    if cfg.positions != "none":
        x = x + weights["classifier.positional_emb"][0, : len(x)]
    closed = np.zeros((len(x), len(x)), dtype=bool)
    for query in range(len(x)) if causal else ():
        reads_all = query < cfg.prefix
        for key in range(len(x)):
            closed[query, key] = not reads_all and (key > query or key < cfg.prefix)
    patterns = []
    for layer in range(cfg.depth):
        block = f"classifier.blocks.{layer}"
        mixed, pattern = attention(
            norm(x, weights, f"{block}.pre_norm"), weights, f"{block}.self_attn", cfg.heads, closed
        )
        x = norm(x + mixed, weights, f"{block}.norm1")
        x = x + linear(gelu(linear(x, weights, f"{block}.linear1")), weights, f"{block}.linear2")
        patterns.append(pattern)
    x = norm(x, weights, "classifier.norm")
    pooling = np.eye(1, len(x))[0]
    if cfg.seq_pool:
        pooling = softmax(linear(x, weights, "classifier.attention_pool")[:, 0])
    return linear(pooling @ x, weights, "classifier.fc"), np.array(patterns), pooling
