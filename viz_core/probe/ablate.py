"""What is lost when a head, two heads, many heads or a whole branch of a layer is taken away."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from models.tap import Edit, record, taps
from viz_core.attribution import Target
from viz_core.attribution.run import score
from viz_core.probe.fork import Change, Layer, Progress, copied, counted, entered, forked, layers

By = Literal["zero", "mean"]
Head = tuple[int, int]  # layer and head, from 0


def heads(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    by: By = "zero",
    progress: Progress | None = None,
) -> tuple[Float[np.ndarray, "_head classes"], ...]:
    """Logits without each head of each layer, one head away at a time.

    A head is taken away where it hands on what it gathered, before the layer's projection: its
    numbers become 0, or every token gets their mean over all tokens of this picture.

    Args:
        model: Any network with attention; left untouched.
        image: Normalised picture.
        by: "zero" leaves nothing; "mean" leaves what the head says of the picture as a whole.
        progress: Called between batches with how many heads are done and how many there are; what
            it raises stops the computation and is passed on.

    Returns:
        One array a layer.

    Raises:
        ValueError: If the network has no heads.

    Source:
        Michel et al. 2019 (arXiv:1905.10650), section 2.2, a head masked by 0.
    """
    found = layers(model)
    tell = counted(progress, sum(layer.heads for layer in found))
    return tuple(
        forked(model, image, k, [_without(model, found, [(k, h)], by) for h in range(layer.heads)],
               tell)
        for k, layer in enumerate(found)
    )  # fmt: skip


def pairs(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    layer: int,
    by: By = "zero",
    progress: Progress | None = None,
) -> Float[np.ndarray, "head head classes"]:
    """Logits without two heads of one layer at once; on the diagonal without that one head.

    Args:
        model: Any network with attention; left untouched.
        image: Normalised picture.
        layer: From 0.
        by: As in `heads`.
        progress: As in `heads`.

    Raises:
        ValueError: If the network has no heads.
        IndexError: If there is no such layer.
    """
    found = layers(model)
    count = found[layer].heads
    rows, columns = np.triu_indices(count)
    gone = [sorted({(layer, int(i)), (layer, int(j))}) for i, j in zip(rows, columns, strict=True)]
    changes = [_without(model, found, some, by) for some in gone]
    logits = forked(model, image, layer, changes, counted(progress, len(changes)))
    table = np.empty((count, count, logits.shape[1]), dtype=logits.dtype)
    table[rows, columns] = table[columns, rows] = logits
    return table


def removed(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    order: Sequence[Head],
    counts: Sequence[int],
    by: By = "zero",
    progress: Progress | None = None,
) -> Float[np.ndarray, "count classes"]:
    """Logits after the first so many heads of an order are taken away together.

    Args:
        model: Any network with attention; left untouched.
        image: Normalised picture.
        order: Heads as (layer, head) from 0, none of them twice.
        counts: How many of them go, each in 0 to all.
        by: As in `heads`; a mean is that of the network without the heads before it.
        progress: As in `heads`.

    Raises:
        ValueError: If a head comes twice, the network has none, or a count is out of range.
    """
    if len(set(order)) != len(order):
        raise ValueError("a head can be taken away only once")
    if min(counts) < 0 or max(counts) > len(order):
        raise ValueError(f"0 to {len(order)} heads can be taken away, got {list(counts)}")
    found = layers(model)
    changes = [_without(model, found, order[:count], by) for count in counts]
    return forked(model, image, 0, changes, counted(progress, len(changes)))


def branches(
    model: nn.Module, image: Float[np.ndarray, "1 3 height width"]
) -> Float[np.ndarray, "layer branch classes"]:
    """Logits without the attention, and without the MLP, of each layer: what it adds is left out.

    Without its attention a layer hands the stream on as it came, biases included. Compact
    transformers normalise the stream between the two branches; that norm stays.

    Args:
        model: Any network with attention; left untouched.
        image: Normalised picture.

    Returns:
        Attention first, then MLP.

    Raises:
        ValueError: If the network has no heads.

    Source:
        Veit et al. 2016 (arXiv:1605.06431), section 4.1: single branches of a ResNet deleted.
    """
    found = layers(model)
    held: dict[str, Tensor] = {}
    edits: dict[str, Edit] = {}

    def keep(name: str, x: Tensor) -> Tensor:
        held[name] = x
        return x

    def without_attention(k: int, layer: Layer) -> Edit:
        def edit(x: Tensor) -> Tensor:
            x = x.clone()
            x[2 * k] = entered(model, layer, held[layer.before])[2 * k]
            return keep(layer.middle, x)

        return edit

    def without_mlp(k: int, layer: Layer) -> Edit:
        def edit(x: Tensor) -> Tensor:
            x = x.clone()
            x[2 * k + 1] = held[layer.skip][2 * k + 1]
            return keep(layer.after, x)

        return edit

    copies = copied(2 * len(found))
    edits[found[0].before] = lambda x: keep(found[0].before, copies(x))
    for k, layer in enumerate(found):
        edits[layer.middle] = without_attention(k, layer)
        if layer.skip != layer.middle:
            edits[layer.skip] = partial(keep, layer.skip)
        edits[layer.after] = without_mlp(k, layer)
    with torch.inference_mode(), record(model, edits=edits):
        logits = model(torch.tensor(image)).numpy()
    return logits.reshape(len(found), 2, -1)


def change(
    logits: Float[np.ndarray, "*some classes"],
    whole: Float[np.ndarray, " classes"],
    target: Target,
) -> Float64[np.ndarray, "*some"]:
    """By how much the target is above that of the whole network, in logits.

    Below 0 what was taken away helped the target; above 0 it stood in its way.

    Args:
        logits: Of changed networks.
        whole: Of the unchanged one.
        target: What is asked about.

    Raises:
        IndexError: If there is no such class.
    """
    flat = torch.from_numpy(logits.reshape(-1, logits.shape[-1]).astype(np.float64))
    before = torch.from_numpy(whole[None].astype(np.float64))
    found = score(flat, target) - score(before, target)
    return found.numpy().reshape(logits.shape[:-1])


def interaction(together: Float[np.ndarray, "head head"]) -> Float64[np.ndarray, "head head"]:
    """What two heads do beyond the sum of what each does alone, in logits; 0 on the diagonal.

    Args:
        together: Change of the target without both heads; on the diagonal without the one.

    Raises:
        ValueError: If the table is not square and symmetric.
    """
    values = together.astype(np.float64)
    if values.shape[0] != values.shape[1] or not np.allclose(values, values.T):
        raise ValueError("pairs of heads need a square and symmetric table")
    alone = np.diagonal(values)
    beyond = values - alone[:, None] - alone
    np.fill_diagonal(beyond, 0.0)
    return beyond


def _without(model: nn.Module, found: Sequence[Layer], gone: Sequence[Head], by: By) -> Change:
    """Some heads taken away together."""
    known = taps(model)
    by_layer: dict[int, list[int]] = {}
    for k, head in gone:
        by_layer.setdefault(k, []).append(head)
    return {
        found[k].mixed: _emptied(known[found[k].mixed].axes.index("head"), some, by)
        for k, some in by_layer.items()
    }


def _emptied(axis: int, gone: Sequence[int], by: By) -> Edit:
    def edit(x: Tensor) -> Tensor:  # (1, h, n, k), with windows (1, w, h, n, k)
        for head in gone:
            own = x.select(axis, head)
            own[:] = own.mean(dim=tuple(range(own.ndim - 1)), keepdim=True) if by == "mean" else 0
        return x

    return edit
