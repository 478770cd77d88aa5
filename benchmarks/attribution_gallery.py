"""Deletion and insertion of every method on every shipped classifier, over the whole gallery.

Each method stands beside orders that never looked at the network: random ones, and the middle
first. A row (a network and a method) is written as soon as it is there; a second start goes on
where the first one stopped. `python -m benchmarks.attribution_gallery` fills what is missing in
assets/attribution_gallery.json and prints the tables.
"""

import argparse
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from models import weights
from models.catalog import CATALOG, Entry, Shipped
from models.training.journal import write_whole
from pages._ui import samples
from viz_core import images
from viz_core.attribution import BASELINES, Settings, Target, curves, grid, trust
from viz_core.attribution.curves import Curve, Mode
from viz_core.attribution.methods import METHODS
from viz_core.attribution.question import shape_of
from viz_core.attribution.run import attribute, logits

FOLDER = Path(__file__).parents[1] / "assets"
DRAWS = 10
MOST_STEPS = 32  # 28 of 7 cells for 14 x 14; pages take more
RANDOM, CENTRE, EVEN = "random order", "middle first", "same everywhere"
BLIND = (RANDOM, CENTRE, EVEN)
DIGITS = 5
Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One picture as a network sees it, and the class that the network names first."""

    image: np.ndarray
    empty: np.ndarray
    target: Target
    share: float


def classifiers() -> list[Entry]:
    """Shipped networks that name classes, small pictures first."""
    found = [e for e in CATALOG.values() if isinstance(e.weights, Shipped) and e.labels]
    return sorted(found, key=lambda entry: entry.preprocessing.size)


def cases(model: nn.Module, entry: Entry, filling: str) -> list[Case]:
    """The gallery in its order."""
    how, found = entry.preprocessing, []
    for name in samples.SAMPLES:
        prepared = images.prepare(
            images.decode(samples.path(name).read_bytes()),
            size=how.size, crop_share=how.crop_share, mean=how.mean, std=how.std,
        )  # fmt: skip
        said = logits(model, prepared.pixels)
        target = Target(int(said[0].argmax()))
        share = float(curves.share(said, target)[0])
        empty = curves.filling(prepared.pixels, filling)
        found.append(Case(prepared.pixels, empty, target, share))
    return found


def areas(model: nn.Module, case: Case, order: np.ndarray, cells: int) -> tuple[float, float]:
    """Areas under deletion and insertion of an order."""
    deletion, insertion = (
        run(model, case, order, cells, mode) for mode in ("deletion", "insertion")
    )
    return deletion.auc, insertion.auc


def run(model: nn.Module, case: Case, order: np.ndarray, cells: int, mode: Mode) -> Curve:
    """One curve."""
    return curves.curve(
        model, case.image, order, case.target, cells,
        filling=case.empty, mode=mode, steps=curves.even_steps(cells, MOST_STEPS),
    )  # fmt: skip


def by_chance(model: nn.Module, case: Case, cells: int) -> float:
    """Mean area of random orders, of deletion and of insertion alike.

    An order backwards is as likely, and its insertion is the same pictures from the other end.
    """
    found = [
        run(model, case, order, cells, "deletion").auc
        for order in curves.random_orders(cells**2, 0, DRAWS)
    ]
    return float(np.mean(found))


def measured(
    model: nn.Module, case: Case, cells: int, known: trust.Erasures, method: str, settings: Settings
) -> Row:
    """Everything about one method, one network and one picture."""
    found = attribute(method, model, case.image, case.target, settings)
    values = grid.on_cells(found.values, cells, extensive=found.extensive)
    deletion, insertion = areas(model, case, curves.ranked(values), cells)
    complete = trust.completeness(found)
    return {
        "deletion": deletion,
        "insertion": insertion,
        "unexplained": trust.infidelity(values, known).unexplained,
        "gap": complete.gap if complete else None,
        "relative_gap": complete.relative if complete else None,
    }


def blind(model: nn.Module, case: Case, cells: int, known: trust.Erasures, name: str) -> Row:
    """The same of what never looked at the network."""
    if name == EVEN:
        flat = trust.infidelity(np.ones((cells, cells)), known)
        return {"unexplained": flat.unexplained}
    if name == RANDOM:
        deletion = insertion = by_chance(model, case, cells)
    else:
        deletion, insertion = areas(model, case, curves.centre_order(cells), cells)
    return {"deletion": deletion, "insertion": insertion}


def mean(values: Sequence[float | None]) -> list[float | None]:
    """Mean and its standard error of what is known; None for what that leaves undefined."""
    known = np.array([value for value in values if value is not None], float)
    if not known.size:
        return [None, None]
    error = float(known.std(ddof=1)) / known.size**0.5 if known.size > 1 else None
    return [rounded(float(known.mean())), rounded(error)]


def summary(row: Row, chance: Row) -> Row:
    """Means with standard errors, and by how much a method is better than chance, paired.

    Better is a lower deletion and a higher insertion: differences above 0.
    """
    found: Row = {key: mean(row[key]) for key in ("deletion", "insertion") if key in row}
    if "deletion" in row:
        pairs = zip(row["deletion"], chance["deletion"], strict=True)
        found["deletion_gain"] = mean([c - own for own, c in pairs])
        pairs = zip(row["insertion"], chance["insertion"], strict=True)
        found["insertion_gain"] = mean([own - c for own, c in pairs])
    if "unexplained" in row:
        found["unexplained"] = mean(row["unexplained"])
    if any(gap is not None for gap in row.get("gap", ())):
        found["gap_logits"] = mean([abs(gap) for gap in row["gap"]])
        found["gap_relative"] = mean(row["relative_gap"])
    return found


def rows(entry: Entry, filling: str, have: dict[str, Row]) -> Iterator[tuple[str, Row, Row]]:
    """What is missing of a network, as it comes: name, row, and facts of the network."""
    suited = [key for key, method in METHODS.items() if method.suits(entry.views)]
    missing = [name for name in (*BLIND, *suited) if name not in have]
    if not missing:
        return
    model, settings = weights.load(entry.name), Settings(baseline=filling)
    gallery = cases(model, entry, filling)
    cells = shape_of(model, entry.preprocessing.size).cells
    squares = [trust.erasures(model, c.image, c.target, cells, c.empty) for c in gallery]
    facts = {
        "cells": cells,
        "steps": curves.even_steps(cells, MOST_STEPS),
        "targets": [case.target.label for case in gallery],
        "shares": [round(case.share, DIGITS) for case in gallery],
    }
    for name in missing:
        found = []
        for case, known in zip(gallery, squares, strict=True):
            if name in BLIND:
                found.append(blind(model, case, cells, known, name))
            else:
                found.append(measured(model, case, cells, known, name, settings))
        yield name, {key: [rounded(one[key]) for one in found] for key in found[0]}, facts


def rounded(value: float | None) -> float | None:
    """Enough digits to show, few enough to keep; None for what is not defined."""
    return None if value is None or not np.isfinite(value) else round(float(value), DIGITS)


def blank(filling: str) -> Row:
    """The file before its first row."""
    return {
        "made_by": f"python -m benchmarks.attribution_gallery --filling {filling}",
        "note": (
            "Target: the class that each network names first. Areas are under its share over the "
            "share of cells erased (deletion, low is good) or put back (insertion, high is good). "
            f"Random: mean of {DRAWS} orders a picture. Gains: paired difference to random on the "
            "same picture, above 0 is better. Unexplained: mean squared error of the best scaled "
            f"map's sums over {trust.DRAWS} random squares, over the mean squared drop. Pairs are "
            "a mean over the pictures and its standard error."
        ),
        "filling": filling,
        "settings": asdict(Settings(baseline=filling)),
        "draws": DRAWS,
        "pictures": list(samples.SAMPLES),
        "networks": {},
    }


def fill(path: Path, filling: str, only: Sequence[str], again: Sequence[str]) -> Row:
    """The file with all rows; what is there already is kept, except for methods named `again`."""
    table = json.loads(path.read_text("utf-8")) if path.exists() else blank(filling)
    fresh = blank(filling)
    if any(table[key] != fresh[key] for key in ("settings", "draws", "pictures")):
        raise SystemExit(f"{path.name} was made with other settings: delete it to begin anew")
    for entry in classifiers():
        if only and entry.name not in only:
            continue
        there = table["networks"].setdefault(entry.name, {"per_picture": {}, "summary": {}})
        have = {k: v for k, v in there["per_picture"].items() if k not in again}
        for name, row, facts in rows(entry, filling, have):
            there |= facts
            there["per_picture"][name] = row
            chance = there["per_picture"][RANDOM]
            there["summary"] = {k: summary(r, chance) for k, r in there["per_picture"].items()}
            write_whole(path, written(table).encode())
            print(entry.name, name, there["summary"][name], flush=True)
    return table


def written(table: Row) -> str:
    """JSON with every list on one line: a change of one method changes few lines."""
    text = json.dumps(table, indent=1, allow_nan=False)
    return re.sub(r"\[\s+([^\[\]]*?)\s+\]", lambda m: f"[{' '.join(m[1].split())}]", text) + "\n"


def show(table: Row) -> None:
    """A table for every network, the best gains first."""
    for name, there in table["networks"].items():
        print(f"\n{name}: {there['cells']} x {there['cells']} cells, filling {table['filling']}")
        print(
            f"{'':22}{'deletion':>17}{'gain':>17}{'insertion':>17}{'gain':>17}{'unexpl.':>9}  gap"
        )
        known = there["summary"]
        for key in sorted(known, key=lambda k: -known[k].get("insertion_gain", [-9])[0]):
            print(line(key, known[key]))


def line(name: str, row: Row) -> str:
    """One method."""
    text = f"{name:22}"
    for key in ("deletion", "deletion_gain", "insertion", "insertion_gain"):
        sign = "+" if key.endswith("gain") else ""
        text += f"{row[key][0]:{sign}10.3f} ±{row[key][1]:.3f}" if key in row else " " * 17
    text += f"{row['unexplained'][0]:8.2f}" if "unexplained" in row else " " * 8
    gap = f"  {row['gap_logits'][0]:.3f} logits" if "gap_logits" in row else ""
    return text + gap


def main() -> None:
    """Fill in what is missing, politely, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filling", choices=BASELINES, default="grey")
    parser.add_argument("--networks", nargs="*", default=[], help="only these")
    parser.add_argument("--again", nargs="*", default=[], help="measure these methods anew")
    given = parser.parse_args()
    os.nice(10)
    torch.set_num_threads(1)
    suffix = "" if given.filling == "grey" else f"_{given.filling}"
    path = FOLDER / f"attribution_gallery{suffix}.json"
    show(fill(path, given.filling, given.networks, given.again))


if __name__ == "__main__":
    main()
