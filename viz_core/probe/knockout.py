"""What is lost when some tokens may no longer read others: edges of attention taken out.

A closed edge's score is minus infinity before softmax, so its weight is 0 and the rest of the row
shares out the whole among itself. A token may always read itself: that edge is never closed, so
no row is ever empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from models.tap import Edit
from viz_core.probe.fork import Change, Layer, Progress, counted, forked, layers


@dataclass(frozen=True)
class Cut:
    """Edges that are closed: from every source to every reader but itself.

    Attributes:
        sources: Tokens that are not read, from 0, prefix included.
        readers: Tokens that may not read them.
        first: First layer in which that holds, from 0.
        last: Last one, included.
    """

    sources: tuple[int, ...]
    readers: tuple[int, ...]
    first: int
    last: int


def cut(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    cuts: Sequence[Cut],
    progress: Progress | None = None,
) -> Float[np.ndarray, "cut classes"]:
    """Logits under each of several cuts.

    Args:
        model: A network with global attention (ViT, compact); left untouched.
        image: Normalised picture.
        cuts: At least one.
        progress: Called between batches with how many are done and how many there are; what it
            raises stops the computation and is passed on.

    Raises:
        ValueError: If attention stays inside windows, there are no heads, or layers do not exist.
        IndexError: If a token does not exist.

    Source:
        Geva et al. 2023 (arXiv:2304.14767), section 4: attention knockout.
    """
    found = _global_layers(model)
    for one in cuts:
        if not 0 <= one.first <= one.last < len(found):
            raise ValueError(f"layers are 0 to {len(found) - 1}, got {one.first} to {one.last}")
    start = min(one.first for one in cuts)
    changes = [_closed(found, one) for one in cuts]
    return forked(model, image, start, changes, counted(progress, len(cuts)))


def each_patch(
    model: nn.Module,
    image: Float[np.ndarray, "1 3 height width"],
    first: int,
    patches: Sequence[int],
    readers: Sequence[int],
    prefix: int,
    progress: Progress | None = None,
) -> Float[np.ndarray, "patch classes"]:
    """Logits when nobody but itself may read one patch from a layer on, for each of some patches.

    Args:
        model: As in `cut`.
        image: Normalised picture.
        first: First layer in which that holds, from 0; it holds up to the last one.
        patches: Which, row by row from 0.
        readers: All tokens.
        prefix: Tokens before the first patch.
        progress: As in `cut`.

    Raises:
        ValueError: As in `cut`.
    """
    last = len(_global_layers(model)) - 1
    cuts = [Cut((prefix + patch,), tuple(readers), first, last) for patch in patches]
    return cut(model, image, cuts, progress)


def elsewhere(given: Cut, grid: int, prefix: int, draws: int, seed: int = 0) -> tuple[Cut, ...]:
    """The same readers and layers, but the same shape of patches elsewhere: what to compare with.

    The patches are shifted together over the grid, and what leaves it on one side comes back on
    the other. A place may overlap that of the given patches, but none is the same.

    Args:
        given: Its sources are patches.
        grid: Patches along one side.
        prefix: Tokens before the first patch.
        draws: How many cuts; fewer where the shape has fewer other places, none for all patches.
        seed: Of the draws.

    Raises:
        ValueError: If a source is no patch.
    """
    own = np.array(given.sources, dtype=int) - prefix
    if len(own) and not 0 <= own.min() <= own.max() < grid**2:
        raise ValueError(f"sources are patches, tokens {prefix} to {prefix + grid**2 - 1}")
    known: set[frozenset[int]] = {frozenset(given.sources)}
    found: list[Cut] = []
    for shift in np.random.default_rng(seed).permutation(grid**2):
        rows = (own // grid + shift // grid) % grid
        columns = (own % grid + shift % grid) % grid
        moved = frozenset(int(k) for k in prefix + grid * rows + columns)
        if moved not in known and len(found) < draws:
            known.add(moved)
            found.append(Cut(tuple(sorted(moved)), given.readers, given.first, given.last))
    return tuple(found)


def _global_layers(model: nn.Module) -> tuple[Layer, ...]:
    found = layers(model)
    if any(layer.windows for layer in found):
        raise ValueError("edges are taken out of global attention only, not of windows")
    return found


def _closed(found: Sequence[Layer], one: Cut) -> Change:
    sources, readers = torch.tensor(one.sources), torch.tensor(one.readers)

    def edit(x: Tensor) -> Tensor:  # (1, h, n, n)
        if not len(sources) or not len(readers):
            return x
        own = x.diagonal(dim1=-2, dim2=-1).clone()
        x[..., readers[:, None], sources] = -torch.inf
        x.diagonal(dim1=-2, dim2=-1)[:] = own
        return x

    action: Edit = edit
    return {found[k].scores: action for k in range(one.first, one.last + 1)}
