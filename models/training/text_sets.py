"""The labelled sentences that text networks are trained on, from xz-compressed CSV files."""

import csv
import lzma
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from models.text_compact import PAD
from models.text_data import Vocabulary, words

Row = dict[str, str]


@dataclass(frozen=True)
class TextSet:
    """A set's files and what its columns mean.

    Attributes:
        title: For people.
        train: File of the training split; `test` likewise.
        label: Row -> class as the file writes it.
        text: Row -> sentence.
        finer: Row -> name of a finer class; None for a set that has none.
        classes: What the file writes -> the class in words, in the order of the logits.
        about: Source and licence, in a sentence each.
    """

    title: str
    train: str
    test: str
    label: Callable[[Row], str]
    text: Callable[[Row], str]
    classes: dict[str, str]
    about: dict[str, str]
    finer: Callable[[Row], str] | None = None


TREC = TextSet(
    title="TREC questions",
    train="trec_train.csv.xz",
    test="trec_test.csv.xz",
    label=lambda row: row["coarse"],
    text=lambda row: row["text"],
    classes={
        "ABBR": "abbreviation",
        "DESC": "description",
        "ENTY": "entity",
        "HUM": "person",
        "LOC": "place",
        "NUM": "number",
    },
    about={
        "Source": "TREC question classification, six coarse classes (Li & Roth 2002, "
        "https://aclanthology.org/C02-1150), train_5500.label and TREC_10.label",
        "Licence": "none stated by its authors, who publish it for research",
    },
    finer=lambda row: f"{row['coarse']}:{row['fine']}",
)
AG_NEWS = TextSet(
    title="AG News",
    train="agnews_train_subset.csv.xz",
    test="agnews_test_official.csv.xz",
    label=lambda row: row["label"],
    text=lambda row: row["text"] if "text" in row else f"{row['title']} {row['description']}",
    classes={"0": "world", "1": "sports", "2": "business", "3": "science and technology"},
    about={
        "Source": "AG's corpus of news articles (Gulli), title and description, as Zhang et al. "
        "2015 (https://arxiv.org/abs/1509.01626) split it; 18,055 of their 120,000 training rows, "
        "none of which is in their test split",
        "Licence": "for research and other non-commercial activity",
    },
)
SETS = {"trec": TREC, "ag_news": AG_NEWS}


@dataclass(frozen=True)
class Sentences:
    """Texts with the number of their class, and of their finer class if the set has such."""

    texts: list[str]
    labels: Tensor
    finer: Tensor | None = None

    def part(self, which: Tensor) -> "Sentences":
        """Some of them, by place."""
        finer = None if self.finer is None else self.finer[which]
        return Sentences([self.texts[i] for i in which.tolist()], self.labels[which], finer)

    def __len__(self) -> int:
        return len(self.texts)


def read(folder: Path, file: str, kind: TextSet) -> Sentences:
    """One split of a set.

    Raises:
        ValueError: If the file is not there or not of this set.
    """
    path = folder / file
    if not path.exists():
        raise ValueError(f"{folder} holds no {file}")
    order = list(kind.classes)
    try:
        with lzma.open(path, "rt", encoding="utf8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        labels = [order.index(kind.label(row)) for row in rows]
        texts = [kind.text(row) for row in rows]
        names = [kind.finer(row) for row in rows] if kind.finer else []
    except (lzma.LZMAError, UnicodeDecodeError, csv.Error, KeyError, ValueError) as error:
        raise ValueError(f"{path} is not a file of {kind.title}") from error
    known = {name: place for place, name in enumerate(sorted(set(names)))}
    finer = torch.tensor([known[name] for name in names]) if names else None
    return Sentences(texts, torch.tensor(labels), finer)


def encoded(texts: list[str], vocabulary: Vocabulary, length: int) -> list[Tensor]:
    """The ids of every text, cut to `length` words."""
    return [torch.tensor(vocabulary.ids(words(text)[:length])) for text in texts]


def padded(rows: list[Tensor]) -> Tensor:
    """Sentences side by side, filled up to the longest: (b, w)."""
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=PAD)
