"""Attention of `models.transformer` taken apart: every matrix between x and the output."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import nn

from models.tap import record


@dataclass(frozen=True)
class Walk:
    """Every matrix of one multi-head attention, in the order in which they arise; float64.

    Attributes:
        query: Queries of each head.
        key: Keys of each head.
        value: Values of each head.
        products: Dot product of every query with every key.
        scaled: Products divided by the root of the head width, or as they were.
        scores: Scaled products with a large negative number added where the mask is closed.
        pattern: Softmax of the scores; rows sum to 1.
        mixed: Values averaged with the pattern as weights.
        joined: What the heads mixed, side by side.
        output: The joined heads after the last linear layer.
    """

    query: Float[np.ndarray, "head query head_width"]
    key: Float[np.ndarray, "head key head_width"]
    value: Float[np.ndarray, "head key head_width"]
    products: Float[np.ndarray, "head query key"]
    scaled: Float[np.ndarray, "head query key"]
    scores: Float[np.ndarray, "head query key"]
    pattern: Float[np.ndarray, "head query key"]
    mixed: Float[np.ndarray, "head query head_width"]
    joined: Float[np.ndarray, "query width"]
    output: Float[np.ndarray, "query width"]


def walk(
    attention: nn.Module,
    x: Float[np.ndarray, "query width"],
    memory: Float[np.ndarray, "key width"],
    weights: Mapping[str, Float[np.ndarray, "width width"]],
    closed: Bool[np.ndarray, "query key"] | None = None,
) -> Walk:
    """One pass through an attention with weights of the visitor's, recorded at every tap.

    Args:
        attention: A `models.transformer.Attention`; left untouched, its own weights unused.
        x: Tokens that ask.
        memory: Tokens that are looked at: `x` itself in self-attention.
        weights: `q`, `k`, `v` and `o`, applied from the right: queries are x @ weights["q"].
            There are no biases.
        closed: True where a query may not look.

    Raises:
        ValueError: If a weight is missing or something is not finite.
    """
    if missing := {"q", "k", "v", "o"} - set(weights):
        raise ValueError(f"weights lack {sorted(missing)}")
    if not all(np.isfinite(one).all() for one in (x, memory, *weights.values())):
        raise ValueError("tokens and weights must be finite")
    width = x.shape[1]
    given = {name: torch.from_numpy(np.ascontiguousarray(w.T)) for name, w in weights.items()}
    state = {
        "in_proj_weight": torch.cat([given["q"], given["k"], given["v"]]),
        "in_proj_bias": torch.zeros(3 * width, dtype=torch.float64),
        "out_proj.weight": given["o"],
        "out_proj.bias": torch.zeros(width, dtype=torch.float64),
    }
    mask = None if closed is None else torch.from_numpy(closed)
    inputs = (torch.from_numpy(x)[None], torch.from_numpy(memory)[None], mask)
    own = copy.deepcopy(attention)  # a functional call would swap weights that others use
    own.load_state_dict(state)
    with torch.inference_mode(), record(own, "*") as trace:
        own(*inputs)
    return Walk(**{name: tensor[0].numpy() for name, tensor in trace.tensors.items()})


@dataclass(frozen=True)
class Maps:
    """Who looks at whom in an encoder-decoder; shares, rows sum to 1.

    Attributes:
        encoder: Source tokens at source tokens.
        decoder: Target tokens at the target tokens so far.
        cross: Target tokens (queries) at source tokens (keys).
    """

    encoder: Float[np.ndarray, "encoder_layer head source source"]
    decoder: Float[np.ndarray, "decoder_layer head target target"]
    cross: Float[np.ndarray, "decoder_layer head target source"]


def encoder_decoder(
    model: nn.Module,
    source: Float[np.ndarray, "source width"],
    target: Float[np.ndarray, "target width"],
    source_padding: Bool[np.ndarray, " source"] | None = None,
    target_padding: Bool[np.ndarray, " target"] | None = None,
) -> Maps:
    """The three kinds of attention of one pass through `models.transformer.Transformer`.

    Args:
        model: A network in float64; left untouched.
        source: Embedded tokens with their positions.
        target: The same for the decoder.
        source_padding: True where a source token only fills up the length.
        target_padding: The same for the target.

    Raises:
        KeyError: If the network has no encoder and decoder.
    """
    paddings = [
        None if p is None else torch.from_numpy(p)[None] for p in (source_padding, target_padding)
    ]
    where = {name: f"{name} attention" for name in ("encoder", "decoder", "cross")}
    views: Mapping[str, str] = model.views  # type: ignore[assignment]
    patterns = {name: views[view] for name, view in where.items()}
    with torch.inference_mode(), record(model, *patterns.values()) as trace:
        model(torch.from_numpy(source)[None], torch.from_numpy(target)[None], *paddings)
    return Maps(**{n: torch.cat(trace.all(p)).numpy() for n, p in patterns.items()})


def patch_tokens(
    model: nn.Module, image: Float[np.ndarray, "1 3 height width"]
) -> Float[np.ndarray, "patch feature"]:
    """What a vision transformer makes of each patch before it knows where the patch was.

    Args:
        model: A `models.vit.ViT`; only its embedding runs.
        image: Normalised picture.

    Raises:
        KeyError: If the architecture records no patches.
    """
    with torch.inference_mode(), record(model, "patches") as trace:
        model.embed(torch.from_numpy(image))  # type: ignore[operator]
    return trace["patches"][0].double().numpy()
