"""GloVe vectors for a vocabulary (Pennington et al. 2014, https://nlp.stanford.edu/projects/glove)."""

import math
from pathlib import Path

import torch
from torch import Tensor

from models.text_data import Vocabulary


def load_glove(path: Path, vocabulary: Vocabulary, width: int) -> tuple[Tensor, Tensor]:
    """The vectors of those entries that a GloVe text file knows.

    Args:
        path: Lines `word v1 ... v_width`, UTF-8. A word may hold spaces, as a few do in the
            largest file; the first line of a word counts.
        vocabulary: Whose entries are looked for.
        width: Numbers in a vector.

    Returns:
        Vectors (entries, width), zero where the file has none, and which entries it has.

    Raises:
        ValueError: If a line is not a word and `width` finite numbers, or no entry is found.
    """
    places = {entry: i for i, entry in enumerate(vocabulary.entries)}
    vectors = torch.zeros(len(vocabulary), width)
    known = torch.zeros(len(vocabulary), dtype=torch.bool)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                word, values = _parsed(line, width)
            except ValueError as error:
                raise ValueError(
                    f"{path.name}, line {number:,}: not a word and {width} finite numbers"
                ) from error
            place = places.get(word)
            if place is not None and not known[place]:
                vectors[place], known[place] = torch.tensor(values), True
    if not known.any():
        raise ValueError(f"{path.name} has no vector for any word of the vocabulary")
    return vectors, known


def _parsed(line: bytes, width: int) -> tuple[str, list[float]]:
    """Word and numbers of a line.

    Raises:
        ValueError: If it has others.
    """
    word, *numbers = line.decode("utf-8").rstrip("\r\n").rsplit(" ", width)
    values = [float(number) for number in numbers]
    if not word or len(values) != width or not all(map(math.isfinite, values)):
        raise ValueError
    return word, values


@torch.no_grad()
def fill(table: Tensor, vectors: Tensor, known: Tensor) -> None:
    """Put the vectors of known entries into the rows of an embedding table, in place."""
    table[known] = vectors[known].to(table)
