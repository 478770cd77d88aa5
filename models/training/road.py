"""A short training of every station of the road from ResNet-50 to ConvNeXt, at small scale.

`python -m models.training.road --data everyday64 --out runs/road --record road_nano.json` trains
them one after the other, with one recipe; the same command goes on where it was stopped. The
station “recipe” is left out: it changes the training only, which is the same for all here.
"""

import argparse
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from models.modernize import ModernNet
from models.road import ROAD, at_small_scale
from models.training import data, journal, loop
from models.training.__main__ import multiplies_bf16, positive
from models.training.augment import Augment
from models.training.data import Dataset
from models.training.recipe import Phase, Recipe

WIDTH = 16  # what becomes of ResNet-50's 64 channels
TAUGHT = (*(step.name for step in ROAD.values() if step.kept and step.name != "recipe"),
          *(step.name for step in ROAD.values() if not step.kept))  # fmt: skip


def recipe(name: str, epochs: int = 5) -> Recipe:
    """How a station is trained; the initial layer scale of 1e-6 needs longer trainings.

    Args:
        name: Key of `models.road.ROAD`.
        epochs: Passes over the pictures.
    """
    small = replace(at_small_scale(ROAD[name].config, width=WIDTH), layer_scale=None)
    return Recipe(
        build=lambda classes: ModernNet(replace(small, classes=classes)),
        phases=(Phase(epochs=epochs, size=28),),
        batch=128,
        learning_rate=2e-3,
        muon=1e-2,
        ema=0.99,
        augment=Augment(smallest_crop=0.5, colour=0.2),
    )


def teach(name: str, dataset: Dataset, folder: Path, epochs: int, device: str) -> dict[str, Any]:
    """Train one station and say how well it does: top-1 in percent, nats, seconds, parameters."""
    folder.mkdir(parents=True, exist_ok=True)
    plan, bf16 = recipe(name, epochs), multiplies_bf16(device)
    for row in loop.train(plan, dataset, folder, device=device, bf16=bf16):
        logging.info("%s, epoch %d: %.2f %%", name, row["epoch"], row["top1"])
    last = journal.rows(folder)[-1]
    told = {key: round(last[key], 4) for key in ("top1", "nats", "seconds")}
    network = plan.build(len(dataset.classes))
    return told | {"parameters": sum(p.numel() for p in network.parameters())}


def main(argv: Sequence[str] | None = None) -> None:
    """Train all stations, and note each as it is done."""
    p = argparse.ArgumentParser(prog="python -m models.training.road", description=__doc__)
    p.add_argument("--data", type=Path, required=True, help="folder with *_train.npz or train/")
    p.add_argument("--out", type=Path, required=True, help="folder for the runs")
    p.add_argument("--record", type=Path, required=True, help="where the measured numbers go")
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--epochs", type=positive, default=5, help="of every station")
    p.add_argument("--limit", type=positive, help="at most so many pictures a split (for a trial)")
    args = p.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    dataset = data.load(args.data, recipe(TAUGHT[0]).stored, args.limit)
    record: dict[str, Any] = {
        "data": dataset.name, "classes": len(dataset.classes), "width": WIDTH,
        "pictures": {"train": len(dataset.train.labels), "val": len(dataset.val.labels)},
        "side": recipe(TAUGHT[0]).size, "epochs": args.epochs, "seed": 0, "stations": {},
    }  # fmt: skip
    for name in TAUGHT:
        found = teach(name, dataset, args.out / name, args.epochs, args.device)
        record["stations"][name] = found
        record["machine"] = journal.facts(args.out / name)["machines"][-1]
        journal.write_whole(args.record, (json.dumps(record, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
