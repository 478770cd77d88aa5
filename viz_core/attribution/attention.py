"""Methods that follow attention to what the head reads: rollout, relevance and their kin.

Gradients start at the pattern itself (a tap that asks for its gradient), so the parameters stay
out of it. Every layer is joined with the gradient of its own pattern, after the softmax: peers pair
the first layer's attention with the last layer's gradient, or read scores before the softmax.
"""

import re
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from models.tap import record
from viz_core import rollout as flows
from viz_core import window_rollout
from viz_core.attribution.question import Found, Question, as_map
from viz_core.attribution.stream import Stream, stream
from viz_core.probe.swin import layouts


def rollout(question: Question) -> Found:
    """Attention multiplied through the layers from `start` on, to what the head reads.

    Half of every row is the skip connection. Swin's windows are followed to its first map.
    """
    read = stream(question.model)
    wanted = [*read.patterns, read.pooling] if read.pooling else read.patterns
    with torch.no_grad(), record(question.model, *_globs(wanted)) as trace:
        whole = question.score(question.image)
    patterns = [trace[name][0].double().numpy() for name in read.patterns[_start(question, read) :]]
    if read.layout == "channels last":
        return Found(_through_windows(question, patterns), whole.item())
    weights = _weights(read, patterns[0].shape[-1])
    if read.pooling:
        weights = trace[read.pooling][0, 0].double().numpy()
    for matrix in flows.fuse(np.stack(patterns))[::-1]:
        weights = (weights + weights @ matrix) / 2
    return _to_patches(weights, read, whole)


def gradient_rollout(question: Question) -> Found:
    """Rollout whose matrices are attention times gradient.

    A layer is the mean of its heads of attention times gradient, set to 0 where it is negative,
    plus the skip connection, with rows brought back to 1. Sequence pooling is a layer of one row
    without a skip connection.

    Source:
        Gildenblat, vit-explain, vit_grad_rollout.py, with its two faults mended: gradients are
        those of the same layer, and rows are divided by their own sums.
    """
    read, products, pooled, whole = _followed(question)
    row = _weights(read, products[0].shape[-1])
    if pooled is not None:
        positive = pooled.clip(min=0)
        row = positive / (positive.sum() or 1)
    for product in products[::-1]:
        joined = product.mean(dim=0).clamp(min=0).double().numpy()
        row = row / (joined.sum(axis=-1) + 1)  # rows of joined + identity, brought back to 1
        row = row + row @ joined
    return _to_patches(row, read, whole)


def relevance(question: Question) -> Found:
    """R <- R + mean over heads of (gradient * attention)^+ R, layer by layer from the identity.

    The row of what the head reads is kept: the class token's, the mean of the patches' rows, or,
    sequence pooling being attention itself, the row that the same rule gives it. That row alone
    is followed, from the last layer to the first, which gives the same. The identity's own part
    is taken off: it says nothing of patches under a class token, and where the head reads their
    mean it gives all of them the same, many times what attention adds.

    Source:
        Chefer, Gur & Wolf 2021, arXiv:2103.15679, equations 5 and 6.
    """
    read, products, pooled, whole = _followed(question)
    own = _weights(read, products[0].shape[-1])
    row = own if pooled is None else pooled.clip(min=0)
    for product in products[::-1]:
        row = row + row @ product.clamp_(min=0).mean(dim=0).double().numpy()
    return _to_patches(row - own if pooled is None else row, read, whole)


def attention_x_gradient(question: Question) -> Found:
    """Attention times gradient of the last layer, summed over heads and queries.

    To first order, what the score would lose if nothing attended to a patch any more and its
    part of the attention went nowhere. Queries that the head does not read have no gradient, so
    no row has to be chosen.
    """
    read = stream(question.model)
    (product,), _, whole = _products(question, read.patterns[-1:], "")
    return _to_patches(product.sum(dim=(0, 1)).double().numpy(), read, whole)


def _followed(
    question: Question,
) -> tuple[Stream, list[Tensor], Float[np.ndarray, " token"] | None, Tensor]:
    """Attention times gradient for the layers from `start` on, and the same for pooling."""
    read = stream(question.model)
    return read, *_products(question, read.patterns[_start(question, read) :], read.pooling)


def _products(
    question: Question, names: Sequence[str], pooling: str
) -> tuple[list[Tensor], Float[np.ndarray, " token"] | None, Tensor]:
    """Pattern times gradient of the score at it, (head, query, key) for every name, in one pass.

    The graph starts at the first of them, so what comes before is not walked back.
    """
    wanted = [*names, pooling] if pooling else list(names)
    edits = {names[0]: lambda pattern: pattern.detach().requires_grad_()}
    with record(question.model, *_globs(wanted), edits=edits) as trace:
        whole = question.score(question.image)
    seen = [trace[name] for name in wanted]
    slopes = torch.autograd.grad(whole[0], seen)
    products = [slope.mul_(x.detach())[0] for x, slope in zip(seen, slopes, strict=True)]
    pooled = products.pop()[0].double().numpy() if pooling else None
    return products, pooled, whole.detach()


def _globs(names: Sequence[str]) -> set[str]:
    """Patterns that match these taps: few, for each costs a walk through the network."""
    return set(names) if len(names) == 1 else {re.sub(r"\.\d+\.", ".*.", name) for name in names}


def _through_windows(
    question: Question, patterns: Sequence[np.ndarray]
) -> Float[np.ndarray, "row column"]:
    """Where the mean of the last map came from, on the first map that is followed."""
    cuts = [cut for stage in layouts(question.model, *question.image.shape[-2:]) for cut in stage]
    blocks = [
        window_rollout.block(pattern, cut)
        for pattern, cut in zip(patterns, cuts[-len(patterns) :], strict=True)
    ]
    return window_rollout.rollout_row(blocks)


def _start(question: Question, read: Stream) -> int:
    start, layers = question.settings.start, len(read.patterns)
    if not 0 <= start < layers:
        raise ValueError(f"There is no layer {start}: this network has {layers}, from 0.")
    return start


def _weights(read: Stream, tokens: int) -> Float[np.ndarray, " token"]:
    """How much of each token a head reads that has no weights of its own."""
    weights = np.zeros(tokens)
    if read.reads == "class token":
        weights[0] = 1
    else:
        weights[read.prefix :] = 1 / (tokens - read.prefix)
    return weights


def _to_patches(row: Float[np.ndarray, " token"], read: Stream, whole: Tensor) -> Found:
    return Found(as_map(torch.from_numpy(row[read.prefix :])), whole.item())
