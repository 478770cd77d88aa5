"""Compact transformers at work: tokenizer, attention, and what the head reads."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from torch import Tensor, nn

from models.tap import Trace, record
from viz_core import pooling
from viz_core.tokenizers import windows

CLOSED = -1e9  # score of a key that may not be seen


@dataclass(frozen=True)
class CompactLook:
    """One picture seen by one compact transformer; read-only float32.

    Attributes:
        maps: What every step of the tokenizer gives, by tap name: (channel, row, column).
        patterns: Softmax weights (layer, head, query, key); a class token comes first.
        skips: Share of the skip connection in what leaves each attention, by length: the mean
            over tokens of |x| / (|x| + |attention(x)|).
        weights: What the head reads: sequence pooling, or the class token's attention in the
            last layer, mean of its heads, on the places alone; one a place.
        given: By pooling all of it; by the class token what it does not give to itself.
        without: Logits with each place left out of that reading.
        mean: Logits with every token weighted alike; None where a class token is read.
        votes: What each place adds to each logit; None where a class token is read.
        logits: Output of the head.
    """

    maps: dict[str, Float32[np.ndarray, "_channel _row _column"]]
    patterns: Float32[np.ndarray, "layer head query key"]
    skips: tuple[float, ...]
    weights: Float32[np.ndarray, " place"]
    given: float
    without: Float32[np.ndarray, "place classes"]
    mean: Float32[np.ndarray, " classes"] | None
    votes: Float32[np.ndarray, "place classes"] | None
    logits: Float32[np.ndarray, " classes"]


def look(model: nn.Module, image: Float[np.ndarray, "1 3 side side"]) -> CompactLook:
    """All that the page shows of one picture.

    Args:
        model: A `models.compact.Compact`; left untouched.
        image: Normalised picture.

    Raises:
        KeyError: If the network has no tokenizer.
    """
    network = cast(Any, model)
    attended, streams = "classifier.blocks.*.self_attn.pattern", "classifier.blocks.*.resid_*"
    read = "classifier.pool*" if network.cfg.seq_pool else attended
    with (
        torch.inference_mode(),
        record(
            model, "tokenizer.*", "classifier.embedded", "classifier.normed",
            attended, streams, read,
        ) as trace,
    ):  # fmt: skip
        logits = model(torch.tensor(image))[0].numpy()
    patterns = torch.cat(trace.all(attended)).numpy()
    reading = (_by_pooling if network.cfg.seq_pool else _by_class_token)(network, trace)
    maps = {n: x[0].numpy() for n, x in trace.tensors.items() if n.startswith("tokenizer.")}
    found = CompactLook(maps, patterns, _skips(trace), *reading, logits)
    for array in (*maps.values(), *(x for x in vars(found).values() if isinstance(x, np.ndarray))):
        array.flags.writeable = False
    return found


Reading = tuple[
    Float32[np.ndarray, " place"],
    float,
    Float32[np.ndarray, "place classes"],
    Float32[np.ndarray, " classes"] | None,
    Float32[np.ndarray, "place classes"] | None,
]


def _by_pooling(model: nn.Module, trace: Trace) -> Reading:
    network = cast(Any, model)
    weights, tokens = trace["classifier.pooling"][0, 0].numpy(), trace["classifier.normed"][0]
    head = network.classifier.fc
    rows, bias = head.weight.numpy(), head.bias.numpy()
    even = np.full((1, len(weights)), 1 / len(weights))
    pools = np.concatenate([pooling.left_out(weights), even])
    *without, mean = pooling.answers(pools, tokens.numpy(), rows, bias).astype(np.float32)
    votes = pooling.votes(weights, tokens.numpy(), rows).astype(np.float32)
    return weights, 1.0, np.stack(without), mean, votes


def _by_class_token(model: nn.Module, trace: Trace) -> Reading:
    network = cast(Any, model)
    last = f"classifier.blocks.{network.cfg.depth - 1}.self_attn"
    own = trace[f"{last}.pattern"][0, :, 0].mean(dim=0).numpy()  # (token,)
    embedded = trace["classifier.embedded"]
    places = torch.arange(embedded.shape[1] - 1)

    def close(scores: Tensor) -> Tensor:  # (b, h, n, n): copy k may not see place k
        scores = scores.clone()
        scores[places, :, 0, 1 + places] = CLOSED
        return scores

    copies = embedded.expand(len(places), -1, -1)
    with torch.inference_mode(), record(network, f"{last}.scores", edits={f"{last}.scores": close}):
        without = network.classify(copies).numpy()
    return own[1:].copy(), float(1 - own[0]), without, None, None


def _skips(trace: Trace) -> tuple[float, ...]:
    shares, before = [], trace["classifier.embedded"]
    for layer in range(len(trace.all("*.resid_post"))):
        after = trace[f"classifier.blocks.{layer}.resid_mid"]
        kept, added = before.norm(dim=-1), (after - before).norm(dim=-1)
        shares.append(float((kept / (kept + added)).mean()))
        before = trace[f"classifier.blocks.{layer}.resid_post"]
    return tuple(shares)


def last_map(model: nn.Module) -> str:
    """Tap of the map that becomes the tokens."""
    cfg = cast(Any, model).cfg
    return f"tokenizer.{'pooled' if cfg.max_pool else 'convolved'}.{cfg.conv_layers - 1}"


def fields(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 side side"],
    edges: Int[np.ndarray, "place 2"],
) -> Float32[np.ndarray, "token window window"]:
    """How much each pixel of its window would change each token of this picture, by its gradient.

    Size of the gradient of the sum of a token's numbers, summed over red, green and blue. Tokens
    whose windows lie apart share one copy of the picture, so few copies do.

    Args:
        model: A `models.compact.Compact`; left untouched.
        image: Normalised picture.
        edges: First pixel of each token of a row and the one after its last: `windows.spans`.

    Raises:
        ValueError: If there are not as many tokens as edges.

    Source:
        Luo et al. 2016, arXiv:1701.04128, section 2.
    """
    apart = windows.apart(edges)
    copies = np.repeat(image, apart * apart, axis=0)
    start = torch.tensor(copies, requires_grad=True)
    with torch.enable_grad():
        maps = cast(Any, model).tokenizer(start)  # (copy, width, row, column)
        if maps.shape[-2:] != (len(edges), len(edges)):
            raise ValueError(f"{tuple(maps.shape[-2:])} tokens for {len(edges)} edges")
        total = torch.stack(
            [
                maps[apart * down + right, :, down::apart, right::apart].sum()
                for down in range(apart)
                for right in range(apart)
            ]
        ).sum()
    (slopes,) = torch.autograd.grad(total, start)
    found = slopes.abs().sum(dim=1).reshape(apart, apart, *image.shape[-2:]).numpy()
    return windows.cut(found, edges)


def tokens(
    model: nn.Module, images: Float32[np.ndarray, "picture 3 side side"]
) -> tuple[Float32[np.ndarray, "picture token width"], Float32[np.ndarray, "picture classes"]]:
    """Tokens without positions, and logits, of several pictures.

    Args:
        model: A `models.compact.Compact`; left untouched.
        images: Normalised pictures.
    """
    name = last_map(model)
    with torch.inference_mode(), record(model, name) as trace:
        logits = model(torch.from_numpy(images)).numpy()
    maps = trace[name]  # (picture, channel, row, column)
    return maps.flatten(2).mT.contiguous().numpy(), logits
