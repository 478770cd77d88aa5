"""What a network is made of, operation by operation, and how two networks differ.

The operations come from a forward pass that was watched (`viz_core.probe.ledger`), not from a
drawing: what is listed here ran, in this order. Nothing here needs torch.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Status = Literal["same", "resized", "new", "gone"]
STEM, HEAD = "stem", "head"
SHORTCUTS = ("downsample", "shortcut")
_PLACE = re.compile(
    r"(?:layer(?P<first>[1-9])|(?:stages|layers)\.(?P<zeroth>\d+))\."
    r"(?:(?:blocks\.)?(?P<block>\d+)(?:\.|$))?(?P<rest>.*)"
)


@dataclass(frozen=True, kw_only=True)
class Op:
    """One operation of a forward pass of one picture.

    Attributes:
        kind: "conv", "depthwise", "pointwise", "linear", "norm", "activation", "product",
            "softmax", "scale", "bias", "add" or "pool".
        label: What people call it, such as "7×7 depthwise".
        place: Dotted name of its module; empty for what has no weights.
        entering: Channels that it reads; 0 where that has no meaning.
        leaving: Channels that it writes; 0 where that has no meaning.
        shape: Of what it writes, with the batch axis.
        parameters: Weights of its own.
        macs: Multiply-adds of one picture.
    """

    kind: str
    label: str
    place: str
    entering: int
    leaving: int
    shape: tuple[int, ...]
    parameters: int
    macs: int


@dataclass(frozen=True)
class Part:
    """Operations that belong together.

    Attributes:
        stage: Number of the stage from 0; None for stem and head.
        block: Number of the block in its stage from 0; None for a layer between two stages.
        name: "stem", "head", "stage 2, block 3" or "into stage 2".
        main: Operations on the main path.
        shortcut: Operations on the path around it.
    """

    stage: int | None
    block: int | None
    name: str
    main: tuple[Op, ...]
    shortcut: tuple[Op, ...]

    @property
    def parameters(self) -> int:
        """Weights of all its operations."""
        return sum(op.parameters for op in (*self.main, *self.shortcut))

    @property
    def macs(self) -> int:
        """Multiply-adds of all its operations."""
        return sum(op.macs for op in (*self.main, *self.shortcut))


def parts(ops: Iterable[Op]) -> tuple[Part, ...]:
    """Stem, blocks, layers between stages, and head, in the order in which they ran.

    An operation without weights belongs to the part of the one before it.

    Args:
        ops: A whole forward pass. Modules are named as in timm: `layer1.0.conv1`,
            `stages.0.blocks.1.norm`, `layers.1.downsample.reduction`.
    """
    grouped: dict[tuple[str, int | None, int | None], tuple[list[Op], list[Op]]] = {}
    at: tuple[str, int | None, int | None] = (STEM, None, None)
    for op in ops:
        side = False
        if op.place:
            at, side = _located(op.place, after=at)
        elif op.label == "mean" and at[0] != STEM:
            at = (HEAD, None, None)
        grouped.setdefault(at, ([], []))[side].append(op)
    return tuple(
        Part(stage=stage, block=block, name=name, main=tuple(main), shortcut=tuple(around))
        for (name, stage, block), (main, around) in grouped.items()
    )


def _located(
    place: str, after: tuple[str, int | None, int | None]
) -> tuple[tuple[str, int | None, int | None], bool]:
    """The part that a module belongs to, and whether it lies on the path around."""
    found = _PLACE.match(place)
    if not found:
        return (STEM if after[0] == STEM else HEAD, None, None), False
    stage = int(found["first"]) - 1 if found["first"] else int(found["zeroth"])
    if found["block"] is None:
        return (f"into stage {stage + 1}", stage, None), False
    block = int(found["block"])
    around = found["rest"].startswith(SHORTCUTS)
    return (f"stage {stage + 1}, block {block + 1}", stage, block), around


@dataclass(frozen=True)
class Stage:
    """One stage on one picture.

    Attributes:
        depth: Blocks.
        width: Channels that its blocks hand on.
        side: Side of its map.
        parameters: Weights, with those of the layer before it.
        macs: Multiply-adds, with those of the layer before it.
    """

    depth: int
    width: int
    side: int
    parameters: int
    macs: int


def stages(found: Sequence[Part]) -> tuple[Stage, ...]:
    """Depth, width and cost of every stage.

    Raises:
        ValueError: If no part belongs to a stage.
    """
    known = sorted({part.stage for part in found if part.stage is not None})
    if not known:
        raise ValueError("a network without stages has no stages to count")
    rows = []
    for stage in known:
        own = [part for part in found if part.stage == stage]
        last = own[-1].main[-1]
        rows.append(
            Stage(
                depth=sum(part.block is not None for part in own),
                width=last.leaving,
                side=side_of(last),
                parameters=sum(part.parameters for part in own),
                macs=sum(part.macs for part in own),
            )
        )
    return tuple(rows)


def side_of(op: Op) -> int:
    """Side of the square map that an operation writes; 1 where it writes no map."""
    if len(op.shape) != 4:
        return 1
    (_, second, third, fourth) = op.shape
    return fourth if second == op.leaving and third == fourth else second


def compared(before: Sequence[Op], after: Sequence[Op]) -> tuple[list[Status], list[Status]]:
    """What became of every operation between two networks.

    Args:
        before: Operations of a part of one network.
        after: Those of the same part of the other.

    Returns:
        For each of `before`: "same", "resized" or "gone"; for each of `after`: "same",
        "resized" (the same operation with other channels or another kernel) or "new".
    """
    old: list[Status] = ["gone"] * len(before)
    new: list[Status] = ["new"] * len(after)
    matcher = SequenceMatcher(
        None, [_family(op) for op in before], [_family(op) for op in after], autojunk=False
    )
    for i, j, size in matcher.get_matching_blocks():
        for k in range(size):
            same = _identity(before[i + k]) == _identity(after[j + k])
            old[i + k] = new[j + k] = "same" if same else "resized"
    return old, new


def _family(op: Op) -> str:
    return op.label if op.kind in ("norm", "activation", "product") else op.kind


def _identity(op: Op) -> tuple[object, ...]:
    return op.kind, op.label, op.entering, op.leaving, op.shape
