"""Train a network, resuming where its run's folder left off, and export what ships."""

import argparse
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from models.training import data, loop
from models.training.export import export
from models.training.recipes import RECIPES, Recipe


def positive(text: str) -> int:
    """A whole number from 1 on."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def parser() -> argparse.ArgumentParser:
    """The command line; kept apart so that tests can read it."""
    p = argparse.ArgumentParser(prog="python -m models.training", description=__doc__)
    p.add_argument("recipe", choices=sorted(RECIPES), help="what to train")
    p.add_argument("--data", type=Path, required=True, help="folder with *_train.npz or train/")
    p.add_argument("--out", type=Path, required=True, help="folder for checkpoint and metrics")
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--seed", type=int, default=0, help="of weights, order and augmentation")
    p.add_argument("--limit", type=positive, help="at most so many pictures a split (for a trial)")
    p.add_argument("--epochs", type=positive, help="epochs of every phase (for a trial)")
    p.add_argument("--batch", type=positive, help="pictures a step, instead of the recipe's")
    p.add_argument("--start", type=Path, help="folder of a run to take the first weights from")
    p.add_argument("--until", type=positive, help="stop after this epoch; the same run can go on")
    p.add_argument("--export", type=Path, help="where the .safetensors goes, and its card beside")
    p.add_argument(
        "--export-only", action="store_true", help="export the last checkpoint, train no further"
    )
    return p


def chosen(args: argparse.Namespace) -> Recipe:
    """The recipe with what the command line changes of it."""
    recipe = RECIPES[args.recipe]
    if args.batch:
        recipe = replace(recipe, batch=args.batch)
    if args.epochs:
        phases = tuple(replace(phase, epochs=args.epochs) for phase in recipe.phases)
        recipe = replace(recipe, phases=phases)
    return recipe


def multiplies_bf16(device: str) -> bool:
    """Whether the device has instructions for bfloat16 products; without, they only cost time."""
    if device.startswith("cuda"):
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def main(argv: Sequence[str] | None = None) -> None:
    """Train, then export."""
    p = parser()
    args = p.parse_args(argv)
    if args.export_only and not args.export:
        p.error("--export-only needs --export, the file to write")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    recipe = chosen(args)
    try:
        dataset = data.load(args.data, recipe.stored, args.limit)
    except ValueError as error:
        p.error(str(error))
    if not args.export_only:
        args.out.mkdir(parents=True, exist_ok=True)
        bf16 = multiplies_bf16(args.device)
        for row in loop.train(
            recipe, dataset, args.out,
            device=args.device, seed=args.seed, bf16=bf16, origin=args.start,
        ):  # fmt: skip
            logging.info(
                "epoch %(epoch)d: loss %(loss).3f, top-1 %(top1).2f %%, %(seconds).0f s", row
            )
            if row["epoch"] == args.until:
                break
    if args.export:
        measured = export(args.recipe, recipe, dataset, args.out, args.export)
        logging.info("%s: top-1 %.2f %%", args.export, measured["top1"])


if __name__ == "__main__":
    main()
