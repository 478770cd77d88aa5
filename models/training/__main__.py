"""Train a network, resuming where its run's folder left off, and export what ships."""

import argparse
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from models.training import data, loop
from models.training.export import export
from models.training.recipe import Recipe, adjusted
from models.training.recipes import RECIPES


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
    p.add_argument(
        "--data", type=Path, nargs="+", required=True,
        help="folder with *_train.npz or train/; further ones add pictures without labels",
    )  # fmt: skip
    p.add_argument("--out", type=Path, required=True, help="folder for checkpoint and metrics")
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--seed", type=int, default=0, help="of weights, order and augmentation")
    p.add_argument("--limit", type=positive, help="at most so many pictures a split (for a trial)")
    p.add_argument("--epochs", type=positive, help="epochs of every phase (for a trial)")
    p.add_argument("--batch", type=positive, help="pictures a step, instead of the recipe's")
    p.add_argument("--start", type=Path, help="run folder or .safetensors to start from")
    p.add_argument("--until", type=positive, help="stop after this epoch; the same run can go on")
    p.add_argument("--export", type=Path, help="where the .safetensors goes, and its card beside")
    p.add_argument(
        "--export-only", action="store_true", help="export the last checkpoint, train no further"
    )
    return p


def multiplies_bf16(device: str) -> bool:
    """Whether the device has instructions for bfloat16 products; without, they only cost time."""
    if device.startswith("cuda"):
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def said(numbers: Mapping[str, float]) -> str:
    """Numbers with their names in a line."""
    return ", ".join(f"{name} {value:.4g}" for name, value in numbers.items())


def main(argv: Sequence[str] | None = None) -> None:
    """Train, then export."""
    p = parser()
    args = p.parse_args(argv)
    if args.export_only and not args.export:
        p.error("--export-only needs --export, the file to write")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    recipe = adjusted(RECIPES[args.recipe], args.batch, args.epochs)
    if recipe.task == "classify" and len(args.data) > 1:
        p.error(f"{args.recipe} learns classes from one folder, so --data takes one")
    try:
        run(args, recipe)
    except (ValueError, FloatingPointError) as error:
        p.error(str(error))


def run(args: argparse.Namespace, recipe: Recipe) -> None:
    """What the command line asks for.

    Raises:
        ValueError: If data, run and recipe do not fit each other.
        FloatingPointError: If the loss is no longer a number.
    """
    dataset = data.load_all(args.data, recipe.stored, args.limit)
    if not args.export_only:
        args.out.mkdir(parents=True, exist_ok=True)
        bf16 = multiplies_bf16(args.device)
        for row in loop.train(
            recipe, dataset, args.out,
            device=args.device, seed=args.seed, bf16=bf16, origin=args.start,
        ):  # fmt: skip
            logging.info(said(row))
            if row["epoch"] == args.until:
                break
    if args.export:
        measured = export(args.recipe, recipe, dataset, args.out, args.export)
        logging.info("%s: %s", args.export, said(measured))


if __name__ == "__main__":
    main()
