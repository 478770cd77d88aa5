"""What a ViT makes of a picture between its pixels and its answer, brought to numpy."""

from dataclasses import dataclass, fields
from typing import Any, TypeVar, cast

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from models.tap import record

T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """The tensors of one forward pass; read-only, shared between visitors.

    Attributes:
        patches: Tokens of the patches before positions.
        prefix: Class token and registers before positions, the same for every picture.
        embedded: All tokens with their positions, what the first block gets.
        blocks: What each block hands on.
        pattern: Attention of the last block, mean over its heads; rows sum to 1.
        logits: Output of the head, or pooled features for a network without classes.
    """

    patches: Float[np.ndarray, "patch width"]
    prefix: Float[np.ndarray, "prefix width"]
    embedded: Float[np.ndarray, "token width"]
    blocks: Float[np.ndarray, "layer token width"]
    pattern: Float[np.ndarray, "query key"]
    logits: Float[np.ndarray, " classes"]


def look(model: nn.Module, image: Float[np.ndarray, "1 3 height width"]) -> Seen:
    """One forward pass with every station between picture and logits recorded.

    Args:
        model: A ViT; left untouched.
        image: Normalised picture whose sides are multiples of the patch size.
    """
    vit = cast(Any, model)
    last = str(vit.views["global attention"]).replace("*", str(len(vit.blocks) - 1))
    where = ("patches", "embedded", last, str(vit.views["tokens"]))
    with torch.inference_mode(), record(model, *where) as trace:
        logits = vit(torch.from_numpy(image))[0]
        prefix = vit.prefix_tokens()[0]
    blocks = torch.cat(trace.all(where[-1]))
    return _frozen(
        Seen(
            patches=trace["patches"][0].numpy(),
            prefix=prefix.detach().numpy().copy(),
            embedded=trace["embedded"][0].numpy(),
            blocks=blocks.numpy(),
            pattern=trace[last][0].mean(dim=0).numpy(),
            logits=logits.numpy(),
        )
    )


def kernels(model: nn.Module) -> Float[np.ndarray, "width channel row column"]:
    """The kernels of the patch embedding: one small picture for each number of a token."""
    return cast(Any, model).patch_embed.proj.weight.detach().numpy().copy()


def strided_convolution(image: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A kernel of P x P pixels slides over the picture in steps of P: (1, 3, H, W) -> (N, D)."""
    maps = F.conv2d(image, weight, bias, stride=weight.shape[-1])  # (1, D, gh, gw)
    return maps[0].flatten(1).T  # (N, D), patches row by row


def reshape_and_linear(image: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Each patch becomes one row of numbers, then one matrix for all: (1, 3, H, W) -> (N, D)."""
    patch = weight.shape[-1]
    rows, columns = image.shape[-2] // patch, image.shape[-1] // patch
    blocks = image[0].reshape(3, rows, patch, columns, patch)
    numbers = blocks.permute(1, 3, 0, 2, 4).reshape(rows * columns, -1)  # (N, 3 P P)
    return numbers @ weight.flatten(1).T + bias


@dataclass(frozen=True)
class BothWays:
    """The patch embedding of one picture, computed twice; read-only.

    Attributes:
        convolution: By a strided convolution.
        linear: By cutting, flattening and one matrix product.
    """

    convolution: Float[np.ndarray, "patch width"]
    linear: Float[np.ndarray, "patch width"]


def both_ways(
    model: nn.Module, image: Float[np.ndarray, "1 3 height width"], *, double: bool
) -> BothWays:
    """The same embedding by convolution and by a matrix product.

    Args:
        model: A ViT; left untouched.
        image: Normalised picture.
        double: Compute in float64 instead of float32.
    """
    kind = torch.float64 if double else torch.float32
    proj = cast(Any, model).patch_embed.proj
    given = (torch.from_numpy(image), proj.weight, proj.bias)
    with torch.inference_mode():
        ready = [tensor.to(kind) for tensor in given]
        return _frozen(
            BothWays(
                convolution=strided_convolution(*ready).numpy(),
                linear=reshape_and_linear(*ready).numpy(),
            )
        )


@dataclass(frozen=True)
class Readings:
    """What the head gets and says, by what is read of the last block; read-only.

    Attributes:
        class_token: The normalised class token; empty if there is none.
        average: The normalised mean of the patch tokens.
        patches: The normalised patch tokens.
        of_class_token: Logits of the class token; empty if there is no class token or head.
        of_average: Logits of the mean; empty if there is no head.
        of_patches: Logits of every patch token read alone; no columns if there is no head.
    """

    class_token: Float[np.ndarray, " features"]
    average: Float[np.ndarray, " width"]
    patches: Float[np.ndarray, "patch width"]
    of_class_token: Float[np.ndarray, " classes_or_none"]
    of_average: Float[np.ndarray, " classes"]
    of_patches: Float[np.ndarray, "patch classes"]


def readings(model: nn.Module, last: Float[np.ndarray, "token width"]) -> Readings:
    """The head on the class token, on the mean of the patches, and on every patch.

    Args:
        model: A ViT; its own `pool` is one of the readings, the other is an ablation: the head
            never learned to read it.
        last: What the last block hands on.

    Source:
        Dosovitskiy et al. 2021, appendix D.3: class token and average pooling reach the same
        accuracy when each is trained with its own learning rate.
    """
    vit = cast(Any, model)
    cfg = vit.cfg

    def head(x: Tensor) -> Tensor:
        return vit.head(vit.pre_logits(x))

    with torch.inference_mode():
        tokens = vit.norm(torch.tensor(last))
        rows = [tokens[cfg.prefix :].mean(dim=0, keepdim=True), tokens[cfg.prefix :]]
        if cfg.class_token:
            rows.insert(0, tokens[:1])
        pooled = [vit.fc_norm(x) for x in rows]
        classes = bool(cfg.classes)
        said = [(head(x) if classes else x[:, :0]).numpy() for x in pooled]
    nothing = np.zeros(0, np.float32)
    has_class = len(rows) == 3
    return _frozen(
        Readings(
            class_token=pooled[0][0].numpy() if has_class else nothing,
            average=pooled[-2][0].numpy(),
            patches=pooled[-1].numpy(),
            of_class_token=said[0][0] if has_class else nothing,
            of_average=said[-2][0],
            of_patches=said[-1],
        )
    )


def _frozen(shown: T) -> T:
    for field in fields(cast(Any, shown)):
        getattr(shown, field.name).flags.writeable = False
    return shown
