"""The model card: what a run has to say about its weights, in Markdown.

What depends on the task stands in `card_classify` and `card_reconstruct`.
"""

import hashlib
import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from torch import nn

from models.training.data import JOINED, Dataset
from models.training.journal import Row
from models.training.optimise import BETAS
from models.training.recipe import Recipe
from models.training.recipes import RECIPES

CURVE_ROWS = 12
COMMON = ("stored", "batch", "learning_rate", "weight_decay", "warmup", "ema", "clip")
ABOUT = ("Source", "Licence")
MEANING = {
    "stored": "side of the stored pictures in pixels",
    "batch": "pictures a step",
    "learning_rate": "highest: linear warm-up to it, then a cosine to zero",
    "muon": "highest rate of inner matrices and kernels under Muon; 0 leaves them to AdamW",
    "weight_decay": f"AdamW, betas {BETAS}, eps 1e-08; none for biases, norms, tokens, positions",
    "warmup": "share of all steps",
    "cooldown": "epochs before the rate leaves the cosine, epochs in which it falls to zero",
    "smoothing": "of the labels",
    "ema": "share that the averaged weights keep each step, less at first",
    "clip": "largest norm of the gradient",
    "smallest_crop": "share of the area; half of the pictures are mirrored too",
    "shift": "at most, share of the side either way, in whole pixels",
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
class Card(ABC):
    """All that the card tells, measured or read, before it is put into words.

    Attributes:
        file: Name of the weights' file, and `content` its bytes.
        step: Updates done, in `seconds`.
        facts: What `run.json` says; empty for a run without it.
        rows: What `metrics.jsonl` says.
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

    @property
    @abstractmethod
    def scores(self) -> dict[str, float]:
        """The numbers to remember of it."""

    @abstractmethod
    def purpose(self) -> str:
        """What the network is, in a sentence."""

    @abstractmethod
    def output(self) -> str:
        """What it returns."""

    @abstractmethod
    def measured(self) -> str:
        """What the file is able to do."""

    @abstractmethod
    def curve(self, rows: Sequence[Row]) -> str:
        """Some epochs of the training."""

    @abstractmethod
    def settings(self) -> dict[str, object]:
        """Numbers of the recipe that this task uses, besides those of every task."""

    @abstractmethod
    def classes(self) -> tuple[str, str]:
        """What to say of the classes within a sentence on the pictures, and after it."""

    @abstractmethod
    def limits(self) -> Sequence[str]:
        """What not to expect of it."""

    def text(self) -> str:
        """The whole card."""
        parts = {
            f"{self.name} on {self.dataset.name}": self._subject(),
            "Measured": self.measured(),
            "Training": self._training(),
            "Recipe": self._recipe(),
            "Data": self._data(),
            "Limits": "\n".join(f"- {limit}" for limit in self.limits()),
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
            ("Output", self.output()),
        ]
        written = "Written from the run by `models/training/card.py`."
        return f"{self.purpose()} {written}\n\n{table(('', ''), facts)}"

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
            facts.insert(0, ("Start", f"{_began(start)}; its steps and time are not counted below"))
        # A run that goes on meanwhile may have written more than the checkpoint knows.
        rows = [row for row in self.rows if row["epoch"] * per_epoch <= self.step]
        every = max(1, -(-len(rows) // CURVE_ROWS))
        picked = [row for i, row in enumerate(reversed(rows)) if i % every == 0][::-1]
        return f"{table(('', ''), facts)}\n\n{self.curve(picked)}"

    def _recipe(self) -> str:
        recipe = self.recipe
        phases = "; then ".join(
            f"{p.epochs} epoch{'s' * (p.epochs > 1)} at {p.size} × {p.size} pixels with "
            f"{100 * p.keep:.0f} % of the patches"
            for p in recipe.phases
        )
        numbers = {name: getattr(recipe, name) for name in COMMON}
        numbers |= {"muon": recipe.muon} if recipe.muon else {}
        numbers |= {"cooldown": recipe.cooldown} if any(recipe.cooldown) else {}
        start = recipe.prepare.__module__.split(".")[-1] if recipe.prepare else "the network's own"
        rows = [
            ("phases", phases, "the patches are drawn anew each step"),
            *(
                (name.replace("_", " "), value, MEANING.get(name, ""))
                for name, value in (numbers | self.settings()).items()
            ),
            ("initial weights", start, "drawn with the seed"),
        ]
        return table(("setting", "value", "meaning"), rows)

    def _data(self) -> str:
        data = self.dataset
        known = [(key, data.about.get(key, "not stated beside the data")) for key in ABOUT]
        if "Format" in data.about:
            known.append(("Stored as", f"{data.about['Format']} (the first picture)"))
        about = table(("", ""), known)
        within, after = self.classes()
        pixels = data.train.images.shape[-1]
        return (
            f"{data.name}: {len(data.train.labels):,} pictures for training{within}, "
            f"{pixels} × {pixels} pixels. The pictures do not ship with the weights.\n\n"
            f"{about}\n\nThe weights were made from these pictures: use them only as that licence "
            f"allows.{after}"
        )

    def _reproduce(self) -> str:
        usual = RECIPES.get(self.name, self.recipe)
        folders = list(self.dataset.folders or (self.dataset.name,))
        words = ["python", "-m", "models.training", self.name, "--data", *folders]
        words += ["--out", f"runs/{self.name}"]
        if "seed" in self.facts:
            words += ["--seed", str(self.facts["seed"])]
        words += ["--batch", str(self.recipe.batch)] * (self.recipe.batch != usual.batch)
        if self.recipe.phases != usual.phases:
            words += ["--epochs", str(self.recipe.phases[0].epochs)]
        first = ""
        start = self.facts.get("start", {})
        if "file" in start:
            words += ["--start", start["file"]]
        elif start:
            words += ["--start", f"runs/{start['run']}"]
            theirs = start["data"].split(JOINED) if "data" in start else folders
            before = ["python", "-m", "models.training", start["run"], "--data", *theirs]
            before += ["--out", f"runs/{start['run']}", "--until", str(start["epoch"])]
            first = shlex.join([*before, "--seed", str(start.get("seed", 0))]) + "\n"
        command = first + shlex.join([*words, "--export", self.file])
        where = " and ".join(f"`{folder}`" for folder in folders)
        return (
            f"```\n{command}\n```\n\nfrom the repository, with the data in the folder"
            f"{'s' * (len(folders) > 1)} {where}. The same seed on the same kind of device "
            "draws the same pictures in the same order; another device draws others."
        )


def _began(start: Mapping[str, Any]) -> str:
    """The weights that a run started from, in words."""
    if "file" in start:
        return f"the shipped weights {start['file']} (SHA-256 `{start['sha256'][:16]}…`)"
    score = (
        f"{start['top1']:.2f} % top-1" if "top1" in start
        else f"its encoder, from an error of {start['mse']:.4f} on hidden patches"
    )  # fmt: skip
    return (
        f"averaged weights of the run {start['run']} after {start['epoch']} of "
        f"{start.get('epochs', '?')} planned epochs: {score} at {start['size']} pixels"
    )
