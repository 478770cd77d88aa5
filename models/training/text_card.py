"""The card of a text network, in Markdown."""

import hashlib
import shlex
import statistics
from dataclasses import asdict, dataclass
from typing import Any

from models.training.card import duration, table
from models.training.optimise import BETAS
from models.training.text_recipes import RECIPES, TextRecipe
from models.training.text_sets import TextSet

MEANING = {
    "entries": "rows of the vocabulary at most",
    "least": "times that an entry must occur in the training sentences",
    "spread": "standard deviation of the word table at the start",
    "batch": "sentences a step, put together by length",
    "learning_rate": "highest, of AdamW: linear warm-up to it, then a cosine to zero",
    "muon": "highest rate of the matrices of the blocks and the kernels under Muon",
    "weight_decay": f"betas {BETAS}, eps 1e-08; none for biases, norms and positions",
    "warmup": "share of all steps",
    "smoothing": "of the labels",
    "word_dropout": "share of the words that are read by their ending or as unknown",
    "embedding_dropout": "share of the numbers of word vectors",
    "dropout": "share of what the encoder and the last layer read",
    "finer": "weight of the loss of a second head for the set's finer classes, not kept",
    "ema": "share that the averaged weights keep each step, less at first",
    "clip": "largest norm of the gradient",
}


@dataclass(frozen=True, kw_only=True)
class TextCard:
    """What the card tells.

    Attributes:
        content: Bytes of the weights' file called `file`.
        best: The run that ships, of `runs`: seed, seconds, and `held_out` and `test`, each with
            accuracy in percent and nats.
        by_class: Class -> accuracy in percent on the test split and its sentences there.
        sizes: Sentences for training, held out and for the test.
    """

    name: str
    recipe: TextRecipe
    kind: TextSet
    file: str
    content: bytes
    parameters: int
    best: dict[str, Any]
    runs: list[dict[str, Any]]
    by_class: dict[str, tuple[float, int]]
    sizes: tuple[int, int, int]
    machine: str

    def text(self) -> str:
        """The whole card."""
        parts = [
            f"# {self.name}",
            "A small text classifier, trained from scratch for Saccade to show how a compact "
            "transformer reads a sentence. Written from the run by "
            "`models/training/text_card.py`.",
            self._file(),
            "## Measured",
            self._measured(),
            "## Training",
            self._training(),
            "## Recipe",
            self._recipe(),
            "## Data",
            self._data(),
            "## Made again",
            f"```\n{self._command()}\n```\n\nfrom the repository. The same seed on the same kind "
            "of machine draws the same sentences in the same order.",
        ]
        return "\n\n".join(parts) + "\n"

    def _file(self) -> str:
        config = ", ".join(f"{k} {v}" for k, v in asdict(self.recipe.config).items())
        words = self.recipe.config.words
        return table(
            ("", ""),
            [
                ("File", f"`{self.file}`, {len(self.content):,} bytes, safetensors, fp16"),
                ("SHA-256", f"`{hashlib.sha256(self.content).hexdigest()}`"),
                ("Weights", "exponential moving average of the training's weights"),
                ("Architecture", config),
                ("Parameters", f"{self.parameters:,}, {words:,} words × "
                 f"{self.recipe.config.word_width} of them in the word table"),
                ("Input", f"at most {self.recipe.config.length} words by the rules of "
                 "`models/text_data.py`; the vocabulary stands in the .json beside the file"),
                ("Output", f"logits of {len(self.by_class)} classes: {', '.join(self.by_class)}"),
            ],
        )  # fmt: skip

    def _measured(self) -> str:
        _, held_out, test = self.sizes
        tested = [run["test"]["accuracy"] for run in self.runs]
        spread = f" ± {statistics.stdev(tested):.2f}" if len(tested) > 1 else ""
        rows = [
            (
                run["seed"],
                f"{run['held_out']['accuracy']:.2f} %",
                f"{run['test']['accuracy']:.2f} %",
                f"{run['test']['nats']:.4f}",
                "ships" if run is self.best else "",
            )
            for run in self.runs
        ]
        heard = table(("seed", "held out", "test", "test, nats", ""), rows)
        classes = table(
            ("class", "accuracy", "sentences"),
            [(name, f"{score:.1f} %", count) for name, (score, count) in self.by_class.items()],
        )
        return (
            f"**{self.best['test']['accuracy']:.2f} %** of the {test:,} sentences of the official "
            f"test split. Over {len(self.runs)} seeds: mean {statistics.mean(tested):.2f} %"
            f"{spread} (standard deviation). Every number is of the fp16 file itself, read back "
            f"and computed in fp32 on the CPU. Settings and the seed that ships were chosen on "
            f"{held_out:,} sentences held out of the training split, never on the test split.\n\n"
            f"{heard}\n\nThe shipped seed on the test split:\n\n{classes}"
        )

    def _training(self) -> str:
        facts = [
            ("Sentences", f"{self.sizes[0]:,}"),
            ("Epochs", self.recipe.epochs),
            ("Time", f"{duration(self.best['seconds'])}, looking at held-out sentences included"),
            ("Machine", self.machine),
        ]
        return table(("", ""), facts)

    def _recipe(self) -> str:
        rows = [
            (name.replace("_", " "), getattr(self.recipe, name), meaning)
            for name, meaning in MEANING.items()
        ]
        return table(("setting", "value", "meaning"), rows)

    def _data(self) -> str:
        return (
            f"{self.kind.title}; the sentences do not ship with the weights, the words that the "
            f"vocabulary has do.\n\n{table(('', ''), self.kind.about.items())}\n\nThe weights "
            "were made from these sentences: use them only as that licence allows."
        )

    def _command(self) -> str:
        words = ["python", "-m", "models.training.text", self.name, "--data", "FOLDER"]
        words += ["--out", f"runs/{self.name}", "--seeds"]
        words += [str(run["seed"]) for run in self.runs]
        if self.name in RECIPES and self.recipe.epochs != RECIPES[self.name].epochs:
            words += ["--epochs", str(self.recipe.epochs)]
        return shlex.join([*words, "--export", self.file])
