"""What masked pre-training was good for: fine-tuning with and without it, and linear probes.

Compares two finished runs of one recipe that differ in their first weights only, and linear
classifiers on frozen features of the pre-trained and of an untrained encoder. Writes JSON.
"""

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import weights
from models.training import copies, data, journal, linear_probe
from models.training.data import Dataset
from models.training.evaluate import predict
from models.training.film import loaded
from models.training.recipe import adjusted
from models.training.recipes import RECIPES

STARTS = {"pretrained": "mae_nano_tuned", "scratch": "mae_nano_scratch"}


def probes(dataset: Dataset, run: Path, random: Path) -> dict[str, Any]:
    """Linear probes of the averaged encoder of a run and of the one that it started with."""
    recipe = RECIPES["mae_nano"]
    states = {
        "pretrained": torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)[
            "ema"
        ],
        "random": torch.load(random, map_location="cpu", weights_only=True),
    }
    found: dict[str, Any] = {}
    for name, state in states.items():
        model = loaded(state, recipe, len(dataset.classes))
        train, val = (
            linear_probe.features(model, split, recipe.size)
            for split in (dataset.train, dataset.val)
        )
        found[name] = {}
        for kind in train:
            result = linear_probe.probe(
                train[kind], dataset.train.labels, val[kind], dataset.val.labels
            )
            row = {
                "top1": round(result.top1, 2),
                "se": round(error_of(result.right), 2),
                "held_out": round(result.held_out, 2),
                "decay": result.decay,
            }
            found[name][kind] = row
            print(name, kind, row, flush=True)
    return found


def error_of(right: Tensor) -> float:
    """Standard error in percent of a share of right answers."""
    share = float(right.double().mean())
    return 100 * math.sqrt(share * (1 - share) / len(right))


def tuned(folder: Path, dataset: Dataset, seen: Tensor) -> tuple[dict[str, Any], Tensor]:
    """A finished run's curve and final accuracy, and which validation pictures it gets right."""
    facts, rows = journal.facts(folder), journal.rows(folder)
    if not rows or rows[-1]["epoch"] != facts["epochs"]:
        raise ValueError(f"the run in {folder} is not finished")
    recipe = RECIPES[STARTS["scratch"]]
    state = torch.load(folder / "checkpoint.pt", map_location="cpu", weights_only=True)["ema"]
    model = loaded(state, recipe, len(dataset.classes))
    right = predict(model, dataset.val, recipe.size).argmax(dim=1) == dataset.val.labels
    keys = ("loss", "top1", "top5", "nats", "seconds")
    return {
        "curve": [
            {"epoch": row["epoch"], "size": row["size"], "keep": row["keep"]}
            | {key: round(row[key], 4) for key in keys}
            for row in rows
        ],
        "top1": round(100 * float(right.double().mean()), 2),
        "se": round(error_of(right), 2),
        "top1_without_copies": round(100 * float(right[~seen].double().mean()), 2),
        "minutes": round(rows[-1]["seconds"] / 60, 2),
        "machines": facts["machines"],
        "seed": facts["seed"],
        "start": facts.get("start"),
    }, right


def main(argv: Sequence[str] | None = None) -> None:
    """Probe, compare, write."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.mae_finetune", description=__doc__)
    p.add_argument("--data", type=Path, nargs="+", required=True, help="as in the pre-training")
    p.add_argument("--runs", type=Path, required=True, help="folder of all three runs")
    p.add_argument("--probes", type=Path, required=True, help="JSON of the probes, kept if there")
    p.add_argument("--probe-only", action="store_true", help="before the fine-tuning is done")
    p.add_argument("--limit", type=int, help="at most so many pictures a split, for a trial")
    p.add_argument("--epochs", type=int, help="of every phase of the fine-tuning, for a trial")
    p.add_argument("--target", type=Path, default=weights.FOLDER / "mae_nano_finetune.json")
    args = p.parse_args(argv)
    size = RECIPES["mae_nano"].stored
    labelled, *others = [data.load(path, size, args.limit) for path in args.data]
    seen = copies.seen(data.joined(labelled, others))
    if not args.probes.exists():
        run = args.runs / "mae_nano"
        found = probes(labelled, run, run / "snapshots" / "0000000.pt")
        journal.write_whole(args.probes, json.dumps(found).encode())
    if args.probe_only:
        return
    results, right = {}, {}
    for start, name in STARTS.items():
        results[start], right[start] = tuned(args.runs / name, labelled, seen)
        print(start, results[start]["top1"], results[start]["minutes"], "minutes")
    apart = 100 * (right["pretrained"].double() - right["scratch"].double())
    recipe = adjusted(RECIPES[STARTS["scratch"]], None, args.epochs)
    record = {
        "network": "mae_nano_patch8_112",
        "data": labelled.name,
        "classes": len(labelled.classes),
        "pictures": {
            "train": len(labelled.train.labels),
            "val": len(labelled.val.labels),
            "copies": int(seen.sum()),
        },
        "epochs": recipe.epochs,
        "seed": results["scratch"]["seed"],
        "machine": results["scratch"]["machines"][-1],
        "recipe": {
            "batch": recipe.batch,
            "learning_rate": recipe.learning_rate,
            "muon": recipe.muon,
            "ema": recipe.ema,
        },
        "finetune": results,
        "difference": {
            "points": round(float(apart.mean()), 2),
            "se": round(float(apart.std()) / math.sqrt(len(apart)), 2),
        },
        "probe": json.loads(args.probes.read_text(encoding="utf-8")),
    }
    journal.write_whole(args.target, (json.dumps(record, indent=1) + "\n").encode())
    print(record["difference"])


if __name__ == "__main__":
    main()
