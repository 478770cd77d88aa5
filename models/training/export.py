"""From a run to what ships: fp16 weights, their checksum and a model card."""

import hashlib
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from models.training import copies, journal
from models.training.card import Card
from models.training.card_classify import ClassifierCard
from models.training.card_reconstruct import RATIOS, ReconstructionCard
from models.training.data import Dataset, Split
from models.training.evaluate import class_accuracy, predict, scores
from models.training.fidelity import measure
from models.training.recipe import Recipe

LIMIT_BYTES = 16_000_000


def export(
    name: str, recipe: Recipe, dataset: Dataset, run_folder: Path, target: Path
) -> dict[str, float]:
    """Write the averaged weights of a run's last checkpoint, and beside them card and checksum.

    What is measured for the card is the file: read back, fp16 made fp32, on the validation split
    at the recipe's last size. The same checkpoint gives the same bytes.

    Returns:
        Top-1 and top-5 in percent and nats, or the error and similarity of hidden patches.

    Raises:
        ValueError: If there is no checkpoint, it is of another network, other data or other
            settings, a weight does not fit fp16, or the file would be larger than 16 MB.
    """
    checkpoint = run_folder / "checkpoint.pt"
    if not checkpoint.exists():
        raise ValueError(f"{run_folder} holds no checkpoint.pt: train first")
    journal.check(run_folder, journal.settings(recipe, dataset))
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    content = packed(state["ema"])
    model = unpacked(content, recipe.build(len(dataset.classes)))
    told = {
        "name": name,
        "file": target.name,
        "content": content,
        "step": state["step"],
        "seconds": state["seconds"],
        "facts": journal.facts(run_folder),
        "rows": journal.rows(run_folder),
    }
    card = judged(recipe, dataset, model, told)
    text = card.text()
    target.parent.mkdir(parents=True, exist_ok=True)
    journal.write_whole(target, content)
    journal.write_whole(target.with_name(target.name + ".md"), text.encode())
    note_checksum(target, content)
    return card.scores


def judged(recipe: Recipe, dataset: Dataset, model: nn.Module, told: dict[str, Any]) -> Card:
    """A card of what is told, with what the network does on the validation split."""
    told = {**told, "recipe": recipe, "dataset": dataset, "model": model}
    if recipe.task == "reconstruct":
        val = copies.unseen(dataset)
        return ReconstructionCard(
            found={p: measure(model, val, recipe.size, p / 100) for p in RATIOS},
            pictures=len(val.labels),
            copies=len(dataset.val.labels) - len(val.labels),
            **told,
        )
    logits = predict(model, dataset.val, recipe.size)
    labels = dataset.val.labels
    return ClassifierCard(
        found=scores(logits, labels),
        by_class=class_accuracy(logits, labels),
        exact=compared(recipe, dataset, model, logits),
        **told,
    )


def compared(
    recipe: Recipe, dataset: Dataset, model: nn.Module, logits: Tensor
) -> dict[str, dict[str, float]]:
    """Scores on the original pixels that are known, and on the same pictures as stored."""
    if dataset.exact is None:
        return {}
    known = dataset.exact
    original = predict(model, Split(known.images, known.labels), recipe.size)
    return {
        "original": scores(original, known.labels),
        "as stored": scores(logits[known.places], known.labels),
    }


def packed(weights: dict[str, Tensor]) -> bytes:
    """The weights as an fp16 safetensors file."""
    halves = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in weights.items()
    }
    for name, value in halves.items():
        if value.is_floating_point() and not value.isfinite().all():
            raise ValueError(f"{name} holds a number that fp16 cannot hold")
    # One metadata entry: safetensors writes several in random order.
    content = safetensors.torch.save(halves, metadata={"format": "pt"})
    if len(content) > LIMIT_BYTES:
        raise ValueError(f"{len(content):,} bytes of weights; at most {LIMIT_BYTES:,} may ship")
    return content


def unpacked(content: bytes, model: nn.Module) -> nn.Module:
    """`model` with the weights of a file, in fp32."""
    weights = safetensors.torch.load(content)
    try:
        model.float().load_state_dict(weights, strict=True)
    except RuntimeError as error:
        raise ValueError(
            "the checkpoint is of another network or other classes than recipe and data"
        ) from error
    return model.eval()


def note_checksum(target: Path, content: bytes) -> None:
    """Put the file's line into `SHA256SUMS` beside it, as `sha256sum --check` reads it."""
    path = target.with_name("SHA256SUMS")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    named = {line.split("  ", 1)[1]: line for line in lines if "  " in line}
    named[target.name] = f"{hashlib.sha256(content).hexdigest()}  {target.name}"
    text = "".join(named[name] + "\n" for name in sorted(named))
    journal.write_whole(path, text.encode())
