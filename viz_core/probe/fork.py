"""One picture, many small changes inside a network with attention, in few passes.

The network runs once up to the first layer that is changed; there the stream is copied, and every
copy of the batch goes on with a change of its own. Nothing but the edits of `record` is used.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from models.tap import Edit, record, taps

Progress = Callable[[int, int], None]
# Name of a tap -> what happens to one copy there, (1, ...); it may write into what it is given.
Change = Mapping[str, Edit]
BATCH = 8  # copies at once; more are hardly faster on a CPU, and a stop waits for all of them


@dataclass(frozen=True)
class Layer:
    """One layer with attention: the names of its taps.

    Attributes:
        before: The stream that it reads, before a merging if it is the first of its stage.
        attention: What the names of its attention's taps begin with.
        middle: The stream after its attention.
        skip: What its MLP adds to: `middle`, or what a norm made of it (compact transformers).
        after: The stream after its MLP.
        heads: How many.
        windows: Whether its attention stays inside windows.
        merging: Name of the module that joins 2 x 2 tokens before it; empty for none.
    """

    before: str
    attention: str
    middle: str
    skip: str
    after: str
    heads: int
    windows: bool
    merging: str

    @property
    def mixed(self) -> str:
        """Tap of what each head hands on."""
        return f"{self.attention}.mixed"

    @property
    def scores(self) -> str:
        """Tap of the scores before softmax."""
        return f"{self.attention}.scores"

    @property
    def pattern(self) -> str:
        """Tap of the softmax weights."""
        return f"{self.attention}.pattern"


def layers(model: nn.Module) -> tuple[Layer, ...]:
    """Every layer with attention, in the order of the network.

    Raises:
        ValueError: If it has no heads (ConvNeXt, ResNet).
    """
    known = taps(model)
    names = [name.removesuffix(".mixed") for name in known if name.endswith(".mixed")]
    before = next((name for name in known if name.split(".")[-1] == "embedded"), "")
    if not names or not before:
        raise ValueError("this network has no attention heads")
    modules = dict(model.named_modules())
    found = []
    for attention in names:
        block = attention.rpartition(".")[0]
        middle, normed = f"{block}.resid_mid", f"{block}.normed"
        merging = f"{block.removesuffix('.blocks.0')}.downsample"
        first = block.endswith(".blocks.0") and merging in modules
        merges = first and not isinstance(modules[merging], nn.Identity)
        found.append(Layer(
            before=before, attention=attention, middle=middle,
            skip=normed if normed in known else middle, after=f"{block}.resid_post",
            heads=cast(Any, modules[attention]).heads,
            windows="window" in known[f"{attention}.mixed"].axes,
            merging=merging if merges else "",
        ))  # fmt: skip
        before = f"{block}.resid_post"
    return tuple(found)


def entered(model: nn.Module, layer: Layer, stream: Tensor) -> Tensor:
    """What a layer adds to: the stream before it, merged if the layer begins with that."""
    if not layer.merging:
        return stream
    return cast(Tensor, model.get_submodule(layer.merging)(stream))


def copied(count: int) -> Edit:
    """An edit that makes `count` copies of the one picture, without taking memory for them."""
    return lambda x: x.expand(count, *x.shape[1:])


def forked(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    start: int,
    changes: Sequence[Change],
    tell: Callable[[int], None] | None = None,
) -> Float[np.ndarray, "change classes"]:
    """Logits of one picture under each of many changes, a batch of copies at a time.

    Args:
        model: Any network with attention; left untouched.
        image: Normalised picture.
        start: First layer that any change concerns: the layers before it run once a batch.
        changes: At least one.
        tell: Called after each batch with its number of copies; what it raises is passed on.

    Raises:
        ValueError: If the network has no heads.
        IndexError: If there is no such layer.
    """
    at, given, rows = layers(model)[start].before, torch.tensor(image), []
    for batch in _batches(changes):
        names = dict.fromkeys(name for change in batch for name in change)
        edits = {at: copied(len(batch))} | {name: _each(name, batch) for name in names}
        with torch.inference_mode(), record(model, edits=edits):
            rows.append(model(given).numpy())
        if tell:
            tell(len(batch))
    return np.concatenate(rows)


def counted(progress: Progress | None, total: int) -> Callable[[int], None] | None:
    """What `forked` tells, as the number done of a total over several calls."""
    if progress is None:
        return None
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        progress(done, total)

    return tell


def _batches(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    for first in range(0, len(changes), BATCH):
        yield changes[first : first + BATCH]


def _each(name: str, batch: Sequence[Change]) -> Edit:
    """Each copy's own change of one tap."""

    def edit(x: Tensor) -> Tensor:
        x = x.clone()  # the copies may share their memory
        for k, change in enumerate(batch):
            if name in change:
                own = x[k : k + 1]
                made = change[name](own)
                if made is not own:
                    own[:] = made
        return x

    return edit
