"""The model card: what a run has to say about its weights, in Markdown."""

import hashlib
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from torch import nn

from models.training.data import Dataset
from models.training.journal import Row
from models.training.recipes import RECIPES, Recipe
from models.training.state import BETAS

EXTREMES = 5
CURVE_ROWS = 12
ABOUT = ("Source", "Licence")
MEANING = {
    "stored": "side of the stored pictures in pixels",
    "batch": "pictures a step",
    "learning_rate": "highest: linear warm-up to it, then a cosine to zero",
    "weight_decay": f"AdamW, betas {BETAS}, eps 1e-08; none for biases, norms, tokens, positions",
    "warmup": "share of all steps",
    "smoothing": "of the labels",
    "ema": "share that the averaged weights keep each step, less at first",
    "clip": "largest norm of the gradient",
    "smallest_crop": "share of the area; half of the pictures are mirrored too",
    "rotation": "at most, degrees either way",
    "shear": "at most, share of the side either way",
    "colour": "at most, change of brightness, contrast and saturation",
    "erasing": "probability of a grey rectangle",
    "mixup": "alpha of the Beta distribution",
}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def duration(seconds: float) -> str:
    """Whole minutes in words."""
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@dataclass(frozen=True, kw_only=True)
class Card:
    """All that the card tells, measured or read, before it is put into words.

    Attributes:
        file: Name of the weights' file, and `content` its bytes.
        step: Updates done, in `seconds`.
        facts: What `run.json` says; empty for a run without it.
        rows: What `metrics.jsonl` says.
        measured: Scores of the file on the validation split.
        by_class: Top-1 in percent by class number.
    """

    name: str
    recipe: Recipe
    dataset: Dataset
    model: nn.Module
    file: str
    content: bytes
    step: int
    seconds: float
    facts: dict[str, Any]
    rows: list[Row]
    measured: dict[str, float]
    by_class: dict[int, float]

    def text(self) -> str:
        """The whole card."""
        parts = {
            f"{self.name} on {self.dataset.name}": self._subject(),
            "Measured": self._measured(),
            "Training": self._training(),
            "Recipe": self._recipe(),
            "Data": self._data(),
            "Limits": self._limits(),
            "Reproduce": self._reproduce(),
        }
        marks = ["#"] + ["##"] * (len(parts) - 1)
        return "\n".join(
            f"{mark} {title}\n\n{body}\n"
            for mark, (title, body) in zip(marks, parts.items(), strict=True)
        )

    def _subject(self) -> str:
        kind, size = type(self.model).__name__, self.recipe.size
        config = getattr(self.model, "cfg", None)
        architecture = ", ".join(f"{k} {v}" for k, v in asdict(config).items()) if config else kind
        count = sum(p.numel() for p in self.model.parameters())
        facts = [
            ("File", f"`{self.file}`, {len(self.content):,} bytes, safetensors, fp16"),
            ("SHA-256", f"`{hashlib.sha256(self.content).hexdigest()}`"),
            ("Weights", "exponential moving average of the training's weights"),
            ("Architecture", architecture),
            ("Parameters", f"{count:,}"),
            (
                "Input",
                f"RGB, whole picture squashed to {size} × {size} pixels (bicubic, "
                "antialiased), scaled to [-1, 1]: mean 0.5, std 0.5",
            ),
            ("Output", f"logits of {len(self.dataset.classes)} classes, in the order under Data"),
        ]
        return (
            f"A small `{kind}` image classifier, trained from scratch for Saccade to show how such "
            "a network looks at a picture. Written from the run by `models/training/card.py`.\n\n"
            + table(("", ""), facts)
        )

    def _measured(self) -> str:
        m, labels = self.measured, self.dataset.val.labels
        total = table(
            ("top-1", "top-5", "cross-entropy"),
            [(f"{m['top1']:.2f} %", f"{m['top5']:.2f} %", f"{m['nats']:.4f} nats")],
        )
        ranked = sorted(self.by_class, key=lambda c: -self.by_class[c])
        few = min(EXTREMES, len(ranked) // 2)
        shown = ranked[:few] + ranked[len(ranked) - few :]
        classes = table(
            ("class", "top-1", "pictures"),
            [
                (self.dataset.classes[c], f"{self.by_class[c]:.1f} %", int((labels == c).sum()))
                for c in shown
            ],
        )
        size, pixels = self.recipe.size, self.dataset.val.images.shape[-1]
        return (
            f"The file itself, read back and computed in fp32 on the CPU, on all {len(labels):,} "
            f"pictures of the validation split of {self.dataset.name} (stored at {pixels} × "
            f"{pixels} pixels, seen at {size} × {size}). Guessing scores "
            f"{100 / len(self.dataset.classes):.1f} % top-1. The split also served to watch the "
            f"training; no checkpoint was chosen by it.\n\n{total}\n\n"
            f"The {few} best and the {few} worst classes:\n\n{classes}"
        )

    def _training(self) -> str:
        recipe, per_epoch = self.recipe, len(self.dataset.train.labels) // self.recipe.batch
        machines = "; ".join(self.facts.get("machines", ["not recorded"]))
        facts = [
            ("Epochs", f"{self.step / per_epoch:.4g} of {recipe.epochs} planned"),
            ("Steps", f"{self.step:,}"),
            ("Time", f"{duration(self.seconds)}, evaluation left out"),
            ("Machine", machines),
            ("Seed", self.facts.get("seed", "not recorded")),
        ]
        if start := self.facts.get("start"):
            said = (
                f"averaged weights of the run {start['run']} after {start['epoch']} of "
                f"{start.get('epochs', '?')} planned epochs: {start['top1']:.2f} % top-1 at "
                f"{start['size']} pixels; its steps and time are not counted below"
            )
            facts.insert(0, ("Start", said))
        # A run that goes on meanwhile may have written more than the checkpoint knows.
        rows = [row for row in self.rows if row["epoch"] * per_epoch <= self.step]
        every = max(1, -(-len(rows) // CURVE_ROWS))
        picked = [row for i, row in enumerate(reversed(rows)) if i % every == 0][::-1]
        curve = table(
            ("epoch", "pixels", "patches kept", "training loss", "top-1", "top-5", "nats"),
            [
                (
                    row["epoch"],
                    row["size"],
                    f"{100 * row['keep']:.0f} %",
                    f"{row['loss']:.3f}",
                    f"{row['top1']:.2f} %",
                    f"{row['top5']:.2f} %",
                    f"{row['nats']:.3f}",
                )
                for row in picked
            ],
        )
        return (
            f"{table(('', ''), facts)}\n\nThe averaged weights after some of the epochs, in fp32, "
            "on the validation split at that epoch's size. The training loss is that of augmented "
            f"pictures and smoothed labels, so it does not compare with the nats.\n\n{curve}"
        )

    def _recipe(self) -> str:
        recipe = self.recipe
        phases = "; then ".join(
            f"{p.epochs} epoch{'s' * (p.epochs > 1)} at {p.size} × {p.size} pixels with "
            f"{100 * p.keep:.0f} % of the patches"
            for p in recipe.phases
        )
        apart = {"build", "prepare", "phases", "augment"}
        numbers = [(f.name, getattr(recipe, f.name)) for f in fields(recipe) if f.name not in apart]
        start = recipe.prepare.__module__.split(".")[-1] if recipe.prepare else "the network's own"
        strengths = asdict(recipe.augment).items()
        rows = [
            ("phases", phases, "the patches are drawn anew each step"),
            *((name.replace("_", " "), value, MEANING.get(name, "")) for name, value in numbers),
            *((name.replace("_", " "), value, MEANING.get(name, "")) for name, value in strengths),
            ("initial weights", start, "drawn with the seed"),
        ]
        return table(("setting", "value", "meaning"), rows)

    def _data(self) -> str:
        data = self.dataset
        counts = data.train.labels.bincount(minlength=len(data.classes))
        about = table(
            ("", ""),
            [(key, data.about.get(key, "not stated beside the data")) for key in ABOUT],
        )
        names = ", ".join(f"{i} {name}" for i, name in enumerate(data.classes))
        return (
            f"{data.name}: {len(data.train.labels):,} pictures for training ({int(counts.min()):,} "
            f"to {int(counts.max()):,} a class), {len(data.val.labels):,} for validation, "
            f"{len(data.classes)} classes, {data.train.images.shape[-1]} × "
            f"{data.train.images.shape[-1]} pixels. The pictures do not ship with the weights.\n\n"
            f"{about}\n\nThe weights were made from these pictures: use them only as that licence "
            f"allows.\n\nClasses: {names}."
        )

    def _limits(self) -> str:
        size, worst = self.recipe.size, min(self.by_class, key=lambda c: self.by_class[c])
        return "\n".join(
            [
                f"- It knows {len(self.dataset.classes)} classes and nothing else. It has no word "
                "for *none of these*: a picture of anything else still gets a class, and the "
                "shares of the classes still add up to 100 %.",
                f"- It sees {size} × {size} pixels of the whole picture, squashed: small things, "
                "text and fine differences are lost, and so is the true shape of a wide picture.",
                "- One label a picture; it neither finds nor counts things.",
                f"- It is small and was trained on few pictures: "
                f"{100 - self.measured['top1']:.0f} of 100 validation pictures get a wrong first "
                f"answer, of the class {self.dataset.classes[worst]} "
                f"{100 - self.by_class[worst]:.0f} of 100.",
                "- Its shares were not calibrated, and its accuracy was measured on pictures like "
                "those it was trained on: expect less elsewhere.",
                "- It inherits what its data over- and underrepresents. For teaching how such "
                "networks work; not for any decision.",
            ]
        )

    def _reproduce(self) -> str:
        usual = RECIPES.get(self.name, self.recipe)
        words = ["python", "-m", "models.training", self.name, "--data", self.dataset.name]
        words += ["--out", f"runs/{self.name}"]
        if "seed" in self.facts:
            words += ["--seed", str(self.facts["seed"])]
        words += ["--batch", str(self.recipe.batch)] * (self.recipe.batch != usual.batch)
        if self.recipe.phases != usual.phases:
            words += ["--epochs", str(self.recipe.phases[0].epochs)]
        first = ""
        if start := self.facts.get("start"):
            words += ["--start", f"runs/{start['run']}"]
            before = ["python", "-m", "models.training", start["run"], "--data", self.dataset.name]
            before += ["--out", f"runs/{start['run']}", "--until", str(start["epoch"])]
            first = shlex.join([*before, "--seed", str(start.get("seed", 0))]) + "\n"
        command = first + shlex.join([*words, "--export", self.file])
        return (
            f"```\n{command}\n```\n\nfrom the repository, with the data in the folder "
            f"`{self.dataset.name}`. The same seed on the same kind of device draws the same "
            "pictures in the same order; another device draws others."
        )
