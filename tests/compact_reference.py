"""ViT-Lite, CVT and CCT once more, from the paper (arXiv:2104.05704), in NumPy and in float64.

Loops where they are plainer. Nothing is taken from `models`: only a dict of arrays under SHI-Labs'
names goes in.
"""

import math

import numpy as np

gaussian_share = np.vectorize(lambda x: 0.5 * (1 + math.erf(x / math.sqrt(2))), otypes=[float])


def convolve(image, kernels, bias, stride, padding):
    """(channels, H, W) under (out, channels, k, k) -> (out, rows, columns)."""
    image = np.pad(image, ((0, 0), (padding, padding), (padding, padding)))
    side = kernels.shape[-1]
    rows, columns = ((n - side) // stride + 1 for n in image.shape[1:])
    out = np.empty((len(kernels), rows, columns))
    for y in range(rows):
        for x in range(columns):
            seen = image[:, y * stride : y * stride + side, x * stride : x * stride + side]
            out[:, y, x] = (kernels * seen).sum(axis=(1, 2, 3))
    return out if bias is None else out + bias[:, None, None]


def largest_of_nine(image):
    """Maximum over 3 x 3 places around every second one."""
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    rows, columns = ((n - 1) // 2 + 1 for n in image.shape[1:])
    out = np.empty((len(image), rows, columns))
    for y in range(rows):
        for x in range(columns):
            out[:, y, x] = padded[:, 2 * y : 2 * y + 3, 2 * x : 2 * x + 3].max(axis=(1, 2))
    return out


def layer_norm(x, weights, name):
    """Each token to mean 0 and variance 1 over its channels, then scaled and moved."""
    centred = x - x.mean(axis=-1, keepdims=True)
    x = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-5)
    return x * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def softmax(scores):
    """Along the last axis."""
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def linear(x, weights, name):
    """With a bias where there is one."""
    return x @ weights[f"{name}.weight"].T + weights.get(f"{name}.bias", 0.0)


def attention(x, weights, name, heads):
    """Every token asks all tokens, head by head."""
    query, key, value = np.split(linear(x, weights, f"{name}.qkv"), 3, axis=-1)
    size = x.shape[-1] // heads
    mixed = np.empty_like(x)
    for h in range(heads):
        part = slice(h * size, (h + 1) * size)
        pattern = softmax(query[:, part] @ key[:, part].T / math.sqrt(size))
        mixed[:, part] = pattern @ value[:, part]
    return linear(mixed, weights, f"{name}.proj")


def block(src, weights, name, heads):
    """SHI-Labs' encoder layer: what leaves norm1 is the stream from then on."""
    src = src + attention(layer_norm(src, weights, f"{name}.pre_norm"), weights,
                          f"{name}.self_attn", heads)  # fmt: skip
    src = layer_norm(src, weights, f"{name}.norm1")
    hidden = linear(src, weights, f"{name}.linear1")
    return src + linear(hidden * gaussian_share(hidden), weights, f"{name}.linear2")


def waves(tokens, width):
    """Positions of Vaswani et al.: sine on even channels, cosine on odd ones."""
    table = np.empty((tokens, width))
    for token in range(tokens):
        for i in range(width):
            angle = token / 10000 ** (2 * (i // 2) / width)
            table[token, i] = math.cos(angle) if i % 2 else math.sin(angle)
    return table


def tokenize(image, weights, *, stride, padding, max_pool):
    """(3, H, W) -> tokens row by row, (n, d)."""
    layer = 0
    while (name := f"tokenizer.conv_layers.{layer}.0.weight") in weights:
        bias = weights.get(name.replace("weight", "bias"))
        image = convolve(image, weights[name], bias, stride, padding)
        if max_pool:
            image = largest_of_nine(np.maximum(image, 0))
        layer += 1
    return image.reshape(len(image), -1).T


def logits(image, weights, *, stride, padding, max_pool, heads, depth):
    """One picture (3, H, W) -> (classes,)."""
    x = tokenize(image, weights, stride=stride, padding=padding, max_pool=max_pool)
    if "classifier.class_emb" in weights:
        x = np.concatenate([weights["classifier.class_emb"][0], x])
    if "classifier.positional_emb" in weights:
        x = x + weights["classifier.positional_emb"][0]
    for i in range(depth):
        x = block(x, weights, f"classifier.blocks.{i}", heads)
    x = layer_norm(x, weights, "classifier.norm")
    if "classifier.class_emb" in weights:
        read = x[0]
    else:
        shares = softmax(linear(x, weights, "classifier.attention_pool")[:, 0])
        read = shares @ x
    return linear(read, weights, "classifier.fc")
