"""The model card of a classifier."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from models.training.card import Card, table
from models.training.journal import Row

EXTREMES = 5


@dataclass(frozen=True, kw_only=True)
class ClassifierCard(Card):
    """A card with accuracies.

    Attributes:
        found: Top-1 and top-5 in percent and nats of the file on the validation split.
        by_class: Top-1 in percent by class number.
        exact: Of pictures whose original pixels are known: scores by what was shown of them.
    """

    found: Mapping[str, float]
    by_class: Mapping[int, float]
    exact: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def scores(self) -> dict[str, float]:
        """Top-1 and top-5 in percent and nats."""
        return dict(self.found)

    def purpose(self) -> str:
        """What the network is."""
        origin = self.facts.get("start", {}).get("file")
        how = f"fine-tuned from `{origin}`" if origin else "trained from scratch"
        return (
            f"A small `{type(self.model).__name__}` image classifier, {how} for Saccade to show "
            "how such a network looks at a picture."
        )

    def output(self) -> str:
        """Its logits."""
        return f"logits of {len(self.dataset.classes)} classes, in the order under Data"

    def measured(self) -> str:
        """Accuracies, in all and of the best and worst classes."""
        m, labels = self.found, self.dataset.val.labels
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
            f"{self._compared()}The {few} best and the {few} worst classes:\n\n{classes}"
        )

    def _compared(self) -> str:
        """What the pictures' compression costs, where it is known."""
        if not self.exact or not self.dataset.exact:
            return ""
        shown = table(
            ("pixels", "top-1", "top-5", "cross-entropy"),
            [
                (name, f"{m['top1']:.2f} %", f"{m['top5']:.2f} %", f"{m['nats']:.4f} nats")
                for name, m in self.exact.items()
            ],
        )
        return (
            f"The network learned from compressed pictures and was judged on such. Of "
            f"{len(self.dataset.exact.labels):,} pictures of the validation split the pixels "
            f"before compression are known too:\n\n{shown}\n\n"
        )

    def curve(self, rows: Sequence[Row]) -> str:
        """Accuracies after some epochs."""
        shown = table(
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
                for row in rows
            ],
        )
        return (
            "The averaged weights after some of the epochs, in fp32, on the validation split at "
            "that epoch's size. The training loss is that of augmented pictures and smoothed "
            f"labels, so it does not compare with the nats.\n\n{shown}"
        )

    def settings(self) -> dict[str, object]:
        """Smoothing and augmentation."""
        return {"smoothing": self.recipe.smoothing, **asdict(self.recipe.augment)}

    def classes(self) -> tuple[str, str]:
        """How many pictures each has, and their names."""
        data = self.dataset
        counts = data.train.labels.bincount(minlength=len(data.classes))
        names = ", ".join(f"{i} {name}" for i, name in enumerate(data.classes))
        within = (
            f" ({int(counts.min()):,} to {int(counts.max()):,} a class), "
            f"{len(data.val.labels):,} for validation, {len(data.classes)} classes"
        )
        return within, f"\n\nClasses: {names}."

    def limits(self) -> Sequence[str]:
        """What a classifier of few pictures cannot do."""
        size, worst = self.recipe.size, min(self.by_class, key=lambda c: self.by_class[c])
        return (
            f"It knows {len(self.dataset.classes)} classes and nothing else. It has no word for "
            "*none of these*: a picture of anything else still gets a class, and the shares of "
            "the classes still add up to 100 %.",
            f"It sees {size} × {size} pixels of the whole picture, squashed: small things, text "
            "and fine differences are lost, and so is the true shape of a wide picture.",
            "One label a picture; it neither finds nor counts things.",
            f"It is small and was trained on few pictures: {100 - self.found['top1']:.0f} of 100 "
            f"validation pictures get a wrong first answer, of the class "
            f"{self.dataset.classes[worst]} {100 - self.by_class[worst]:.0f} of 100.",
            "Its shares were not calibrated, and its accuracy was measured on pictures like those "
            "it was trained on: expect less elsewhere.",
            "It inherits what its data over- and underrepresents. For teaching how such networks "
            "work; not for any decision.",
        )
