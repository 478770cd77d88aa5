"""Command line of the training: `python -m models.training vit_nano --data PACK --out RUN`."""

import argparse
import logging
from dataclasses import replace
from pathlib import Path

import torch

from models.training import data, loop
from models.training.recipes import RECIPES


def parser() -> argparse.ArgumentParser:
    """The command line; kept apart so that tests can read it."""
    p = argparse.ArgumentParser(prog="python -m models.training", description=__doc__)
    p.add_argument("recipe", choices=sorted(RECIPES), help="what to train")
    p.add_argument("--data", type=Path, required=True, help="folder with *_train.npz or train/")
    p.add_argument("--out", type=Path, required=True, help="folder for checkpoint and metrics")
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--limit", type=int, help="at most so many pictures a split (for a trial)")
    p.add_argument("--epochs", type=int, help="epochs of every phase (for a trial)")
    p.add_argument("--batch", type=int, help="pictures a step, instead of the recipe's")
    p.add_argument("--export", type=Path, help="where the finished .safetensors and card go")
    return p


def main() -> None:
    """Train, resuming where the folder left off, then export."""
    args = parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    recipe = RECIPES[args.recipe]
    if args.batch:
        recipe = replace(recipe, batch=args.batch)
    if args.epochs:
        recipe = replace(
            recipe, phases=tuple(replace(phase, epochs=args.epochs) for phase in recipe.phases)
        )
    args.out.mkdir(parents=True, exist_ok=True)
    dataset = data.load(args.data, recipe.stored, args.limit)
    bf16 = args.device.startswith("cuda") and torch.cuda.is_bf16_supported()
    rows = loop.train(recipe, dataset, args.out, device=args.device, seed=args.seed, bf16=bf16)
    for row in rows:
        logging.info("epoch %(epoch)d: loss %(loss).3f, top-1 %(top1).2f %%", row)
    if args.export:
        export.export(args.recipe, recipe, dataset, args.out, args.export)


if __name__ == "__main__":
    main()
