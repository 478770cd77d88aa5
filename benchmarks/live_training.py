"""How far a live training gets: `python -m benchmarks.live_training --minutes 5`.

The very training of the page Train, on one core of this machine as there. Prints the way there
and the accuracy on all held-out pictures; `--record` keeps the curve for the page.
"""

import argparse
import json
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from models.training import data
from models.training.__main__ import multiplies_bf16
from models.training.evaluate import evaluate
from models.training.live import Training
from models.training.live_config import SMALL, LiveConfig, Progress, title
from models.training.threads import use_one_core

ASSETS = Path(__file__).parents[1] / "assets" / "data"
SIDE = 32
MOST_POINTS = 160


def row(now: Progress) -> dict[str, Any]:
    """The numbers of a finished run."""
    last = now.probes[-1]
    return {
        "minutes": round(now.seconds / 60, 2),
        "steps": now.step,
        "pictures": now.pictures,
        "epochs": round(now.epochs, 2),
        "pictures_a_second": round(now.pictures / max(now.seconds, 1e-9)),
        "held_out_percent": round(last.accuracy, 2),
        "held_out_pictures": last.asked,
    }


def curve(now: Progress) -> dict[str, list[float]]:
    """The curve as `pages._ui.cached.train.example` reads it; means of neighbouring pieces."""
    size = -(-len(now.points) // MOST_POINTS)
    groups = [now.points[i : i + size] for i in range(0, len(now.points), size)]
    return {
        "pictures": [group[-1].pictures for group in groups],
        "loss": [round(sum(p.loss for p in group) / len(group), 4) for group in groups],
        "accuracy": [round(sum(p.accuracy for p in group) / len(group), 2) for group in groups],
        "asked": [probe.pictures for probe in now.probes],
        "held_out": [round(probe.accuracy, 2) for probe in now.probes],
    }


def parser() -> argparse.ArgumentParser:
    """The command line."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.live_training", description=__doc__)
    p.add_argument("--variant", choices=SMALL, default="cct_2_3x2_32")
    p.add_argument("--minutes", type=float, default=0.0, help="budget by the clock")
    p.add_argument("--epochs", type=float, default=0.0, help="or by passes over the pictures")
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--data", type=Path, default=ASSETS / "cifar10", help="what the page ships")
    p.add_argument("--exam", type=Path, help="a folder whose val split is asked at the end as well")
    p.add_argument("--record", action="store_true", help="keep the curve for the page")
    return p


def main(argv: Sequence[str] | None = None) -> None:
    """Train, print, record."""
    args = parser().parse_args(argv)
    use_one_core()
    minutes = args.minutes or (0.0 if args.epochs else 5.0)
    config = LiveConfig(
        variant=args.variant, minutes=minutes, epochs=args.epochs, batch=args.batch,
        learning_rate=args.rate, seed=args.seed,
    )  # fmt: skip
    pictures = data.load(args.data, SIDE)
    training = Training(config, lambda: pictures, bf16=multiplies_bf16("cpu"))
    asked = 0
    for now in training.run():
        if len(now.probes) > asked:
            asked = len(now.probes)
            print(
                f"{now.share:6.1%} {now.seconds:6.0f} s {now.pictures:9,} pictures, "
                f"loss {now.points[-1].loss:.3f}, held out {now.held_out:.1f} %",
                flush=True,
            )
    found = row(now)
    if args.exam:
        trained = training.trained()
        assert trained is not None
        exam = data.load(args.exam, SIDE)
        found["exam_percent"] = round(evaluate(trained.model, exam.val, SIDE)["top1"], 2)
        found["exam_pictures"] = len(exam.val.labels)
    bf16 = "bfloat16" if multiplies_bf16("cpu") else "float32"
    found["machine"] = f"{platform.machine()}, one core, {bf16}, torch {torch.__version__}"
    print(json.dumps(found))
    if args.record:
        target = ASSETS / "live" / f"{args.variant}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        called = f"{title(args.variant)}, {found['minutes']:.0f} min on one core"
        known = {"called": called, **found, "curve": curve(now)}
        target.write_text(json.dumps(known) + "\n", encoding="utf-8")
        print(target)


if __name__ == "__main__":
    main()
