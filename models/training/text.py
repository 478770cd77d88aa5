"""Train a text network with several seeds and ship the one that held-out sentences prefer."""

import argparse
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from models.text_compact import TextCompact
from models.text_data import Vocabulary
from models.training import journal
from models.training.export import note_checksum, packed, unpacked
from models.training.text_card import TextCard
from models.training.text_recipes import RECIPES, TextRecipe
from models.training.text_sets import SETS, Sentences, read
from models.training.text_train import predict, train

SPLIT_SEED = 12345  # of the split into training and held-out sentences, the same for all seeds


@dataclass(frozen=True)
class Task:
    """A recipe with its sentences: what is trained on, chosen by, and looked at once."""

    recipe: TextRecipe
    vocabulary: Vocabulary
    train: Sentences
    held_out: Sentences
    test: Sentences


def prepared(recipe: TextRecipe, folder: Path) -> Task:
    """Sentences and vocabulary; the network then has as many rows and classes as these.

    Raises:
        ValueError: If the files are not there or not of the set.
    """
    kind = SETS[recipe.data]
    everything = read(folder, kind.train, kind)
    order = torch.randperm(
        len(everything), generator=torch.Generator().manual_seed(SPLIT_SEED)
    )  # fmt: skip
    held_out, rest = order[: recipe.held_out], order[recipe.held_out :]
    sentences = everything.part(rest)
    vocabulary = Vocabulary.of(sentences.texts, recipe.entries, recipe.least)
    config = replace(recipe.config, words=len(vocabulary), classes=len(kind.classes))
    return Task(
        replace(recipe, config=config), vocabulary, sentences,
        everything.part(held_out), read(folder, kind.test, kind),
    )  # fmt: skip


def measured(model: TextCompact, sentences: Sentences, vocabulary: Vocabulary) -> dict[str, float]:
    """Accuracy in percent and cross-entropy in nats."""
    logits = predict(model, sentences, vocabulary)
    return {
        "accuracy": 100 * _right(logits, sentences.labels).float().mean().item(),
        "nats": F.cross_entropy(logits, sentences.labels).item(),
    }


def _right(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.argmax(dim=1) == labels


def one_seed(task: Task, seed: int, folder: Path) -> dict[str, Any]:
    """Train once; the numbers are those of the fp16 file that is written, read back."""
    begun = time.perf_counter()

    def watch(epoch: int, model: TextCompact) -> None:
        found = measured(model, task.held_out, task.vocabulary)
        logging.info("seed %d, epoch %d: held out %.2f %%", seed, epoch, found["accuracy"])

    model = train(task.recipe, task.train, task.vocabulary, seed, watch)
    seconds = time.perf_counter() - begun
    content = packed(model.state_dict())
    journal.write_whole(folder / f"seed_{seed}.safetensors", content)
    again = unpacked(content, TextCompact(task.recipe.config))
    assert isinstance(again, TextCompact)
    return {
        "seed": seed,
        "seconds": round(seconds, 1),
        "held_out": measured(again, task.held_out, task.vocabulary),
        "test": measured(again, task.test, task.vocabulary),
    }


def export(name: str, task: Task, runs: list[dict[str, Any]], folder: Path, target: Path) -> None:
    """Write the run that held-out sentences prefer: weights, description, card, checksums."""
    best = max(runs, key=lambda run: (run["held_out"]["accuracy"], -run["held_out"]["nats"]))
    content = (folder / f"seed_{best['seed']}.safetensors").read_bytes()
    model = unpacked(content, TextCompact(task.recipe.config))
    assert isinstance(model, TextCompact)
    about = {
        "accuracy": round(best["test"]["accuracy"], 2),
        "test": len(task.test),
        "parameters": sum(p.numel() for p in model.parameters()),
    }
    kind = SETS[task.recipe.data]
    described = {
        "config": asdict(task.recipe.config),
        "classes": list(kind.classes.values()),
        "about": about,
        "entries": task.vocabulary.entries,
    }
    text = json.dumps(described, ensure_ascii=False, indent=None, separators=(",", ":")) + "\n"
    logits = predict(model, task.test, task.vocabulary)
    right = _right(logits, task.test.labels).float()
    by_class = {
        title: (
            100 * right[task.test.labels == i].mean().item(),
            int((task.test.labels == i).sum()),
        )
        for i, title in enumerate(kind.classes.values())
    }
    said = TextCard(
        name=name,
        recipe=task.recipe,
        kind=kind,
        file=target.name,
        content=content,
        parameters=about["parameters"],
        best=best,
        runs=runs,
        by_class=by_class,
        sizes=(len(task.train), len(task.held_out), len(task.test)),
        machine=journal.machine("cpu", False),
    ).text()
    for path, raw in (
        (target, content),
        (target.with_suffix(".json"), text.encode()),
        (target.with_name(target.name + ".md"), said.encode()),
    ):
        journal.write_whole(path, raw)
        if path.suffix != ".md":
            note_checksum(path, raw)


def note(name: str, task: Task, runs: list[dict[str, Any]], path: Path) -> None:
    """Put the runs of one recipe into a record of several, beside those of the others."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    network = TextCompact(task.recipe.config)
    known[name] = {
        "data": SETS[task.recipe.data].title,
        "sentences": {"held_out": len(task.held_out), "test": len(task.test)},
        "parameters": sum(p.numel() for p in network.parameters()),
        "seeds": [run["seed"] for run in runs],
        "held_out": [round(run["held_out"]["accuracy"], 2) for run in runs],
        "test": [round(run["test"]["accuracy"], 2) for run in runs],
    }
    journal.write_whole(path, (json.dumps(known, indent=1) + "\n").encode())


def parser() -> argparse.ArgumentParser:
    """The command line; kept apart so that tests can read it."""
    p = argparse.ArgumentParser(prog="python -m models.training.text", description=__doc__)
    p.add_argument("recipe", choices=sorted(RECIPES), help="what to train")
    p.add_argument("--data", type=Path, required=True, help="folder with the .csv.xz files")
    p.add_argument("--out", type=Path, required=True, help="folder for the runs")
    p.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="one run each")
    p.add_argument("--epochs", type=int, help="instead of the recipe's (for a trial)")
    p.add_argument("--export", type=Path, help="where the .safetensors of the best run goes")
    p.add_argument("--record", type=Path, help="a .json to note the numbers of all runs in")
    return p


def main(argv: Sequence[str] | None = None) -> None:
    """Train, then export."""
    p = parser()
    args = p.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    recipe = RECIPES[args.recipe]
    recipe = replace(recipe, epochs=args.epochs or recipe.epochs)
    args.out.mkdir(parents=True, exist_ok=True)
    try:
        task = prepared(recipe, args.data)
    except ValueError as error:
        p.error(str(error))
    runs = [one_seed(task, seed, args.out) for seed in args.seeds]
    for run in runs:
        logging.info("%s", run)
    report = {"recipe": args.recipe, "machine": journal.machine("cpu", False), "runs": runs}
    journal.write_whole(args.out / "run.json", (json.dumps(report, indent=2) + "\n").encode())
    if args.record:
        note(args.recipe, task, runs, args.record)
    if args.export:
        export(args.recipe, task, runs, args.out, args.export)


if __name__ == "__main__":
    main()
