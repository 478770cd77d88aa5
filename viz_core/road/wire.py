"""What the component `road` is sent: the stations with their anatomies, as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from viz_core import anatomy
from viz_core.anatomy import Op, Part, Status
from viz_core.road import stations as road
from viz_core.road.ours import Record
from viz_core.road.stations import Station

Row = list[object]


@dataclass(frozen=True)
class Variant:
    """A network of the road, as a forward pass showed it.

    Attributes:
        parts: Its parts in the order in which they ran.
        parameters: All its weights.
        macs: Multiply-adds of one picture.
    """

    parts: tuple[Part, ...]
    parameters: int
    macs: int


@dataclass(frozen=True)
class View:
    """What is drawn as one column: a part, or a layer between stages with the block after it.

    Attributes:
        main: Operations on the main path.
        around: Operations on the shortcut.
        start: Index in `main` at which the first shortcut begins.
    """

    main: tuple[Op, ...]
    around: tuple[Op, ...] = ()
    start: int = 0


def variant(ops: Sequence[Op]) -> Variant:
    """The variant whose forward pass these operations were."""
    return Variant(
        parts=anatomy.parts(ops),
        parameters=sum(op.parameters for op in ops),
        macs=sum(op.macs for op in ops),
    )


def views(found: Variant) -> dict[str, View]:
    """The columns of a variant: "stem", "head", and for each stage "entry1", "block1", ...

    An entry is what brings a map into a stage: a layer of its own, where there is one, and the
    first block. A block is the second of its stage: one that changes neither size nor width.
    """
    named: dict[str, View] = {}
    by_place = {(part.stage, part.block): part for part in found.parts if part.stage is not None}
    for part in found.parts:
        if part.stage is None:
            named[part.name] = View(part.main)
    for stage in sorted({stage for stage, _ in by_place if stage is not None}):
        between, first = by_place.get((stage, None)), by_place[stage, 0]
        before = between.main if between else ()
        named[f"entry{stage + 1}"] = View(before + first.main, first.shortcut, len(before))
        usual = by_place.get((stage, 1), first)
        named[f"block{stage + 1}"] = View(usual.main, usual.shortcut)
    return named


def changes(before: Variant, after: Variant) -> list[str]:
    """Kinds of columns that differ: of "block", "entry", "stem", "head", and "depths"."""
    old, new = views(before), views(after)
    found = {
        name.rstrip("0123456789")
        for name, view in new.items()
        if name not in old or not _same(old[name], view)
    }
    if _depths(before) != _depths(after):
        found.add("depths")
    return [kind for kind in ("depths", "block", "entry", "stem", "head") if kind in found]


def _same(one: View, other: View) -> bool:
    words = (*anatomy.compared(one.main, other.main), *anatomy.compared(one.around, other.around))
    return all(word == "same" for row in words for word in row)


def _depths(found: Variant) -> list[int]:
    return [stage.depth for stage in anatomy.stages(found.parts)]


def message(stations: Sequence[Station], variants: Mapping[str, Variant]) -> dict[str, Any]:
    """All stations for the browser; measured times and the opening view are added by the page.

    Args:
        stations: The road.
        variants: The network of every station, by key.

    Raises:
        KeyError: If a station has no variant.
    """
    rows = []
    for at, station in enumerate(stations):
        found, origin = variants[station.key], road.before(stations, at)
        earlier = found if origin is None else variants[stations[origin].key]
        rows.append(
            {
                **asdict(station),
                **asdict(station.note),
                "before": origin,
                "gain": road.gain(stations, at),
                "parameters": found.parameters,
                "macs": found.macs,
                "stages": [asdict(stage) for stage in anatomy.stages(found.parts)],
                "changed": changes(earlier, found),
                "views": _compared(views(earlier), views(found)),
            }
        )
    top1, gflops = road.SWIN_TINY
    swin = {"top1": top1, "gflops": gflops}
    return {"stations": rows, "swin": swin, "source": road.SOURCE}


def with_ours(message: Mapping[str, Any], record: Record | None) -> dict[str, Any]:
    """A message in which every station says what our own short training of it reached.

    Args:
        message: As `message` made it.
        record: That training; None if there is none.
    """
    found = record.stations if record else {}
    own = {key: asdict(one) for key, one in found.items()}
    rows = [{**row, "ours": own.get(row["key"])} for row in message["stations"]]
    about = {"classes": record.classes, "told": record.told} if record else None
    return {**message, "stations": rows, "ours": about}


def _compared(old: Mapping[str, View], new: Mapping[str, View]) -> dict[str, Any]:
    told = {}
    for name, view in new.items():
        origin = old.get(name, View(()))
        was, now = anatomy.compared(origin.main, view.main)
        was_around, now_around = anatomy.compared(origin.around, view.around)
        told[name] = {
            "main": _rows(view.main, now), "around": _rows(view.around, now_around),
            "start": view.start, "was": was, "wasAround": was_around,
        }  # fmt: skip
    return told


def _rows(ops: Sequence[Op], words: Sequence[Status]) -> list[Row]:
    """Operations as lists, in the order in which `road/js/stations.js` names their numbers."""
    return [
        [op.kind, op.label, op.entering, op.leaving, list(op.shape), op.parameters, op.macs, word]
        for op, word in zip(ops, words, strict=True)
    ]
