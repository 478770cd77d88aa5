"""Make the film of a run that shipped pages show: `python -m models.training.film RECIPE ...`.

Only for runs whose recipe asks for `snapshots`.
"""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from models import film
from models.training import copies, data, journal, reconstruct
from models.training.card import table
from models.training.data import Dataset, Split
from models.training.export import note_checksum
from models.training.loop import measured
from models.training.recipe import Recipe, adjusted
from models.training.recipes import RECIPES


def recorded(run: Path, recipe: Recipe) -> list[film.Frame]:
    """The moments that a run has kept so far.

    Raises:
        ValueError: If there are none, or their network is another than the recipe's.
    """
    total = recipe.last * (journal.facts(run).get("pictures", 0) // recipe.batch)
    paths = sorted((run / "snapshots").glob("*.pt"))
    if not paths or not total:
        raise ValueError(f"{run} holds no snapshots: its recipe asks for none, or train first")
    return [
        film.Frame(
            int(path.stem),
            int(path.stem) / total,
            torch.load(path, map_location="cpu", weights_only=True),
        )
        for path in paths
    ]


def loaded(weights: dict[str, Tensor], recipe: Recipe, classes: int) -> nn.Module:
    """The recipe's network with weights of a moment, in float32.

    Raises:
        ValueError: If they are of another network.
    """
    model = recipe.build(classes).float().eval()
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError("the snapshots are of another network than the recipe's") from error
    return model


def notes(
    moments: Sequence[film.Frame], recipe: Recipe, dataset: Dataset, val: Split
) -> list[dict[str, float]]:
    """Scores of each moment as the film has it, and how far rounding moved them.

    For a masked autoencoder `moved` is the root mean square difference, on pixels in [0, 1], of
    what both paint over the hidden patches.
    """
    shrunk = film.unpacked(
        film.packed(moments), [{"step": m.step, "share": m.share} for m in moments]
    )
    rows = []
    phase, classes = recipe.phases[-1], len(dataset.classes)
    for before, after in zip(moments, shrunk, strict=True):
        one, two = (loaded(m.weights, recipe, classes) for m in (before, after))
        first, second = (measured(model, recipe, val, phase) for model in (one, two))
        row = dict(second) | {f"{name}_before": value for name, value in first.items()}
        if recipe.task == "reconstruct":
            row["moved"] = reconstruct.difference(one, two, val, phase.size, 1 - phase.keep)
        rows.append(row)
    return rows


def make(name: str, recipe: Recipe, dataset: Dataset, run: Path, target: Path) -> None:
    """Write a run's film, its checksum, and in Markdown what is known of it."""
    journal.check(run, journal.settings(recipe, dataset))
    moments, val = recorded(run, recipe), copies.unseen(dataset)
    found = notes(moments, recipe, dataset, val)
    target.parent.mkdir(parents=True, exist_ok=True)
    content = film.write(target, moments, found)
    note_checksum(target, content)
    text = card(name, dataset, len(val.labels), target.name, content, moments, found)
    journal.write_whole(target.with_name(target.name + ".md"), text.encode())
    logging.info("%s: %s bytes, %s moments", target, f"{len(content):,}", len(moments))


def card(
    name: str,
    dataset: Dataset,
    pictures: int,
    file: str,
    content: bytes,
    moments: Sequence[film.Frame],
    found: Sequence[dict[str, float]],
) -> str:
    """What is known of a film, in Markdown."""
    rows = [
        [f"{m.step:,}", f"{100 * m.share:.1f} %", *(f"{value:.5g}" for value in row.values())]
        for m, row in zip(moments, found, strict=True)
    ]
    moved = (
        "; `moved` is by how much it moved what is painted over hidden patches (root mean square, "
        "pixels in [0, 1])"
    )
    folder = dataset.name.split(data.JOINED)[0]
    return (
        f"# {name} while it trained\n\n"
        f"`{file}`, {len(content):,} bytes: averaged weights after {len(moments)} of the run's "
        "steps, matrices as int8 with a float32 scale a row, the rest in fp16. Read by "
        "`models/film.py`, written by `models/training/film.py`.\n\n"
        f"Measured on {pictures:,} pictures of the validation split of {folder}, without those "
        "that the training saw. `before` is without the rounding to int8"
        f"{moved if 'moved' in found[0] else ''}.\n\n"
        f"{table(['step', 'share', *found[0]], rows)}\n"
    )


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    p = argparse.ArgumentParser(prog="python -m models.training.film", description=__doc__)
    p.add_argument("recipe", choices=[name for name, r in RECIPES.items() if r.snapshots])
    p.add_argument("--data", type=Path, nargs="+", required=True, help="as in the training")
    p.add_argument("--out", type=Path, required=True, help="the run's folder")
    p.add_argument("--target", type=Path, required=True, help="where the .safetensors goes")
    p.add_argument("--limit", type=int, help="as in the training")
    p.add_argument("--epochs", type=int, help="as in the training")
    p.add_argument("--batch", type=int, help="as in the training")
    args = p.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        recipe = adjusted(RECIPES[args.recipe], args.batch, args.epochs)
        dataset = data.load_all(args.data, recipe.stored, args.limit)
        make(args.recipe, recipe, dataset, args.out, args.target)
    except ValueError as error:
        p.error(str(error))


if __name__ == "__main__":
    main()
